# SPDX-License-Identifier: GPL-3.0-or-later
"""A new user: vault, recovery code, first question."""
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gi.repository import Gio, GLib

from app import PASSPHRASE
from desktop import wait_for

sys.path.append(str(Path(__file__).parents[1] / "integration"))
from mock_provider import MockProvider  # noqa: E402

KEY = MockProvider.KEY["other"]


@pytest.fixture
def keyring(tmp_path):
    """The desktop's login keyring, open: a real one."""
    if shutil.which("gnome-keyring-daemon") is None:
        pytest.skip("gnome-keyring is not installed")
    folder = tmp_path / "keyring"
    folder.mkdir(mode=0o700)
    env = dict(os.environ, HOME=str(folder), XDG_DATA_HOME=str(folder),
               XDG_RUNTIME_DIR=str(folder))
    daemon = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock",
                               "--components=secrets"], stdin=subprocess.PIPE, env=env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    daemon.stdin.write(b"login password")
    daemon.stdin.close()
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)

    def is_there():
        return bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner",
                             GLib.Variant("(s)", ("org.freedesktop.secrets",)), None, 0, 5000,
                             None).unpack()[0]

    wait_for(is_there, message="no Secret Service")
    yield daemon
    daemon.kill()
    daemon.wait()


def recovery_groups(app):
    names = [node.get_name() for node in app.find_all("label")]
    return [name for name in names if re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}", name or "")]


@pytest.fixture(scope="module")
def mock():
    mock = MockProvider()
    yield mock
    mock.close()


def type_key(app, window, key):
    app.type_into(app.find("text", "Key", within=app.page("OkapFirstKeyPage")), window, key)


def add_first_key(app, window, mock):
    """A wrong one first, which is taken out again."""
    page = app.page("OkapFirstKeyPage")
    app.find("label", "Add Your First Key")
    app.find("image", "Step 4 of 5")
    app.picture("welcome-key", window)
    for key in ("x" + KEY, KEY):
        type_key(app, window, key)
        app.says("Whose is it?")
        app.press("Another One", window, within=page)
        app.type_into(app.find("text", "Name of the provider, such as my-server", within=page),
                      window, "own")
        app.type_into(app.find("text", "Address, such as https://ai.example.com/v1", within=page),
                      window, mock.base_url("own"))
        app.enlarge(window)
        app.press("Add Key", window, within=page)
        if key != KEY:
            app.says("own does not accept this key")
            app.picture("welcome-key-wrong", window)
            app.press("Remove It and Try Another", window)
    app.says("own accepts this key.")
    app.picture("welcome-key-good", window)
    app.press("Continue", window, within=page)
    app.press("Back", window, within=app.page("OkapWelcomePage"))
    app.press("Continue", window, within=page)


def test_from_nothing_to_an_answer(new_app, mock):
    app = new_app().start()
    window = app.window()
    app.find("label", "Welcome to Okap")
    app.picture("welcome", window)

    first, second = app.find("text", "Passphrase"), app.find("text", "The Same Again")
    create = app.find("push button", "Create Vault")
    app.type_into(first, window, "short")
    app.says("at least eight characters")
    assert not app.is_sensitive(create)
    app.key("ctrl+a")
    app.type_into(first, window, "x")
    app.key("ctrl+a")
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    app.type_into(second, window, "other")
    app.says("The two are not the same")
    assert not app.is_sensitive(create)
    app.key("ctrl+a")
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    app.says("Strong")
    app.click(create, window)

    app.find("label", "Keep Your Recovery Code", seconds=20)
    groups = recovery_groups(app)
    assert len(groups) == 6
    app.picture("recovery", window)
    app.type_into(app.find("text", "Group 2"), window, groups[1].lower())
    forward = app.find("push button", "Continue", within=app.page("OkapRecoveryPage"))
    assert not app.is_sensitive(forward)
    app.type_into(app.find("text", "Group 5"), window, groups[4])
    wait_for(lambda: app.is_sensitive(forward), message="the groups are not taken")
    app.click(forward, window)
    wait_for(lambda: not recovery_groups(app), message="the recovery code stays in the window")

    app.find("label", "Unlock with Your Login?")
    app.picture("welcome-login", window)
    app.press("Always Ask for the Passphrase", window)
    add_first_key(app, window, mock)
    app.find("label", "Your Vault Is Ready")
    app.find("image", "Step 5 of 5")
    app.picture("welcome-ask", window)
    app.press("Ask It Something", window)
    page = app.page("OkapDemoPage")
    app.press("Ask", window, within=page)
    dialog = app.window("Access Request")
    app.says("calls itself “Okap Demo”")
    app.picture("consent-demo", dialog)
    app.allow(dialog)
    app.says("demo model")
    app.says("Activity lists every request", 20)
    app.picture("try-it", window)

    app.go_to("Activity", window)
    app.says("Okap Demo")
    app.picture("activity", window)

    # The demo has its access now and does not ask again; once it is revoked, it says so.
    app.go_to("Try It", window)
    app.press("Ask", window, within=page)
    time.sleep(0.5)
    assert not app.has_window("Access Request")
    for secret in (PASSPHRASE, KEY, *groups):
        assert secret not in app.stderr()


def test_the_demo_is_refused(app):
    window = app.window()
    app.go_to("Try It", window)
    app.press("Ask", window, within=app.page("OkapDemoPage"))
    app.window("Access Request")
    app.key("Escape")
    app.wait_gone("Access Request")
    app.says("You did not allow it")


def make_vault(app, window):
    app.find("label", "Welcome to Okap")
    time.sleep(0.3)
    app.type_into(app.find("text", "Passphrase"), window, PASSPHRASE)
    app.type_into(app.find("text", "The Same Again"), window, PASSPHRASE)
    create = app.find("push button", "Create Vault")
    wait_for(lambda: app.is_sensitive(create), message="the passphrase is not taken")
    app.click(create, window)
    app.find("label", "Keep Your Recovery Code", seconds=20)


def give_groups(app, window):
    groups = recovery_groups(app)
    app.type_into(app.find("text", "Group 2"), window, groups[1])
    app.type_into(app.find("text", "Group 5"), window, groups[4])
    app.key("Return")
    app.find("label", "Unlock with Your Login?")


def test_unlocked_by_the_login(new_app, keyring):
    """Without a question from the next start on; with one, when the keyring is gone."""
    app = new_app().start()
    window = app.window()
    make_vault(app, window)
    give_groups(app, window)
    app.press("Unlock with Login", window)
    app.find("label", "Add Your First Key", seconds=20)
    app.press("Try the Demo", window)
    app.press("Look Around", window)
    app.stop()

    def is_open():
        return any(map(app.is_sensitive, app.find_all("push button", "Lock")))

    app.start()
    wait_for(is_open, message="the login does not open the vault")
    app.stop()
    keyring.kill()
    keyring.wait()
    app.start()
    app.says("Okap Is Locked")
    time.sleep(1)
    assert not is_open()
    app.unlock()


def test_killed_in_the_middle(new_app):
    """It goes on where it was; for a recovery code that nobody has there is another one."""
    app = new_app()
    app.env["GSETTINGS_BACKEND"] = "keyfile"
    app.start()
    make_vault(app, app.window())
    first = recovery_groups(app)
    time.sleep(1)  # the settings are written in the background
    app.process.kill()
    app.process.wait(10)

    app.start()
    window = app.window()
    time.sleep(0.3)
    app.type_into(app.find("text", "Passphrase or Recovery Code"), window, PASSPHRASE)
    app.key("Return")
    app.find("label", "Make a New Recovery Code", seconds=20)
    app.picture("welcome-new-code", window)
    app.type_into(app.find("text", "Your Passphrase"), window, "wrong heron")
    app.key("Return")
    app.says("That does not open this vault", 20)
    app.enlarge(window)
    app.type_into(app.find("text", "Your Passphrase"), window, PASSPHRASE)
    app.press("Make a New Code", window)
    app.find("label", "Keep Your Recovery Code", seconds=20)
    groups = recovery_groups(app)
    assert len(groups) == 6 and groups != first
    give_groups(app, window)
    time.sleep(1)
    app.process.kill()
    app.process.wait(10)

    app.start()
    window = app.window()
    time.sleep(0.3)
    app.type_into(app.find("text", "Passphrase or Recovery Code"), window, "-".join(groups))
    app.key("Return")
    app.find("label", "Unlock with Your Login?", seconds=20)
    app.press("Always Ask for the Passphrase", window)
    app.press("Try the Demo", window)
    app.press("Look Around", window)
    lock = app.find("push button", "Lock")
    wait_for(lambda: app.is_sensitive(lock), message="the window does not open")
