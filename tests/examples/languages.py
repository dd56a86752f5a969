# SPDX-License-Identifier: LGPL-3.0-or-later
"""How the tests run the examples beside this file, with the library of the build they test."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("OKAP_BUILD_DIR", "."))
EXAMPLES = Path(__file__).parent
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
TYPELIB = BUILD / "libokap" / "Okap-1.typelib"
COMMANDS = {
    "c": [str(BUILD / "tests" / "examples" / "ask")],
    "python": [PYTHON, str(EXAMPLES / "ask.py")],
    "javascript": ["gjs", str(EXAMPLES / "ask.js")],
}


def start(command, env):
    """Starts an example as an app of the user would run."""
    if command[0] != COMMANDS["c"][0] and not TYPELIB.exists():
        pytest.skip("this build has no introspection: sanitizers do not load into interpreters")
    env = dict(env, GI_TYPELIB_PATH=str(TYPELIB.parent), LD_LIBRARY_PATH=str(TYPELIB.parent))
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def run(command, env):
    """The same, to its end."""
    asking = start(command, env)
    out, error = asking.communicate(timeout=60)
    return subprocess.CompletedProcess(command, asking.returncode, out, error)
