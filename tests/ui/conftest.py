# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: a desktop for the whole run, and an app with a throw-away vault for each test.

OKAP_BUILD_DIR names the build that is tested. A warning on the app's stderr fails its test.
"""
import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from app import App, app_program  # noqa: E402
from desktop import Desktop, missing_tools  # noqa: E402
from notifications import Notifications  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "long: a soak, flood or the like; not in the usual run")
    config.addinivalue_line("markers", "speed: measures time; runs alone, in the plain build")
    config.addinivalue_line("markers", "plain: a sanitizer would see nothing more in it")
    if not os.environ.get("OKAP_BUILD_DIR"):
        pytest.exit("OKAP_BUILD_DIR is not set: run build-aux/test, or name a build folder", 2)


# GTK 4.8 says this when the accessibility bus asks for a row at the moment in which it moves from
# one list to another; a screen reader does not notice.
GTK_RACE = re.compile(r"GLib-CRITICAL .*g_variant_(is|new)_object_path: assertion")


@pytest.fixture(scope="session")
def desktop(tmp_path_factory):
    if missing_tools():
        pytest.skip("not installed: " + ", ".join(missing_tools()))
    if not Path(app_program()).exists():
        pytest.skip("okap-app was not built: GTK 4.8 or libadwaita 1.2 is missing")
    pytest.importorskip("gi")
    desktop = Desktop(tmp_path_factory.mktemp("desktop"))
    yield desktop
    desktop.stop()


@pytest.fixture
def new_app(desktop, tmp_path):
    """A function that makes an app; each is stopped and its stderr judged at the end."""
    made = []

    def make(**kwargs):
        folder = tmp_path / f"app{len(made)}"
        folder.mkdir()
        made.append(App(desktop, folder, **kwargs))
        return made[-1]

    yield make
    for app in made:
        app.stop()
        bad = [line for line in app.stderr().splitlines()
               if re.search(r"WARNING|CRITICAL|ERROR|Sanitizer|runtime error", line)
               and not GTK_RACE.search(line)]
        assert not bad, "\n".join(bad)


@pytest.fixture
def notifications(desktop):
    """The desktop's service for them, for this test."""
    daemon = Notifications()
    yield daemon
    daemon.stop()


@pytest.fixture
def app(new_app):
    """An app with an open vault, its window on the Apps page."""
    app = new_app().init().start()
    app.go_to("Apps", app.unlock())
    return app
