# SPDX-License-Identifier: GPL-3.0-or-later
"""libokap by its examples: what a developer copies works as it stands, in C, Python, JavaScript."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))
from languages import BUILD, COMMANDS, EXAMPLES, TYPELIB, run  # noqa: E402

pytestmark = pytest.mark.plain


def ask(okap, language, *args):
    return run([*COMMANDS[language], *args], okap.env)


@pytest.mark.parametrize("language", COMMANDS)
def test_granted(okap, language):
    done = ask(okap, language, "demo", "demo-fast")
    assert done.returncode == 0, done.stderr
    base_url, token = done.stdout.split()[-2:]
    assert base_url == f"{okap.origin}/v1/demo"
    assert token.startswith("okap_")
    response, _ = okap.http("GET", "/okap/grant", headers={"Authorization": f"Bearer {token}"})
    assert response.status == 200


@pytest.mark.parametrize("language", COMMANDS)
def test_malformed(okap, language):
    done = ask(okap, language, "no such provider", "x")
    assert "okap_" not in done.stdout
    assert "provider" in done.stderr


@pytest.mark.parametrize("language", COMMANDS)
def test_not_there(okap, language):
    okap.stop()
    done = ask(okap, language, "demo", "demo-fast")
    assert "okap_" not in done.stdout
    assert "Okap does not run" in done.stderr


@pytest.mark.skipif(not TYPELIB.exists(), reason="a library with sanitizers wants them in programs")
def test_compiles_as_written(tmp_path):
    """The one line of the documentation, against the library that was just built."""
    env = dict(os.environ, PKG_CONFIG_PATH=str(BUILD / "meson-uninstalled"))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "okap-1-uninstalled"], env=env,
                           capture_output=True, text=True, check=True).stdout.split()
    subprocess.run(["cc", "-Wall", "-Werror", str(EXAMPLES / "ask.c"), "-o", str(tmp_path / "ask"),
                    *flags], check=True)
