# SPDX-License-Identifier: GPL-3.0-or-later
"""F1: the pages in the desktop's viewer of help, or where they are if it has none."""
from desktop import wait_for

DESKTOP_FILE = """[Desktop Entry]
Type=Application
Name=Help
Exec={program} %u
MimeType=x-scheme-handler/help;
NoDisplay=true
"""


def test_help(app, tmp_path):
    window = app.window()
    app.enlarge(window)
    app.key("F1")
    app.says("There is no viewer for help")
    app.says("the package yelp")
    app.picture("help-missing", app.window("There is no viewer for help"))
    app.key("Escape")
    app.wait_gone("There is no viewer for help")

    said = tmp_path / "said"
    program = tmp_path / "viewer"
    program.write_text(f"#!/bin/sh\nprintf %s \"$1\" > '{said}.new'\nmv '{said}.new' '{said}'\n")
    program.chmod(0o755)
    applications = app.folder / "data" / "applications"
    applications.mkdir(parents=True)
    (applications / "viewer.desktop").write_text(DESKTOP_FILE.format(program=program))
    (applications / "mimeapps.list").write_text(
        "[Default Applications]\nx-scheme-handler/help=viewer.desktop\n")

    app.desktop.activate(window)
    app.key("F1")
    wait_for(said.exists, 10, message="the viewer was not started")
    assert said.read_text() == "help:okap"
