# SPDX-License-Identifier: GPL-3.0-or-later
"""The command speaks the language of its user: a program in a build folder takes the translations
of that folder, and no variable that another program may set leads it elsewhere."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import okap_program

PO = Path(__file__).parents[2] / "po" / "de.po"
pytestmark = pytest.mark.skipif(shutil.which("msgfmt") is None, reason="needs msgfmt")


@pytest.fixture
def build(tmp_path):
    """A folder as meson leaves it, with the command in it and one language."""
    program = tmp_path / "src" / "cli" / "okap"
    words = tmp_path / "po" / "de" / "LC_MESSAGES"
    program.parent.mkdir(parents=True)
    words.mkdir(parents=True)
    shutil.copy(okap_program(), program)
    (tmp_path / "build.ninja").touch()
    subprocess.run(["msgfmt", PO, "-o", words / "okap.mo"], check=True)
    return tmp_path


def help_of_lock(build, **variables):
    env = {**os.environ, "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run([build / "src" / "cli" / "okap", "lock", "--help"], env=env, check=True,
                          capture_output=True, text=True, timeout=60).stdout


def test_translation_from_the_build_folder(build):
    said = help_of_lock(build, LANGUAGE="de")
    assert "den Tresor sperren" in said
    assert "Diese Hilfe zeigen" in said
    assert "Schlüssel" in said
    assert "Beispiel:\n  okap lock" in said
    assert "Plural-Forms" not in said  # an empty string is translated into the head
    assert "lock the vault" in help_of_lock(build, LANGUAGE="en")


def test_translation_of_nobody_else(build):
    (build / "build.ninja").unlink()
    for name in ("OKAP_LOCALE_DIR", "TEXTDOMAINDIR", "LOCALEDIR", "NLSPATH"):
        said = help_of_lock(build, **{"LANGUAGE": "de", name: str(build / "po")})
        assert "lock the vault" in said, name
