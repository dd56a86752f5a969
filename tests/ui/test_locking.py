# SPDX-License-Identifier: GPL-3.0-or-later
"""The window while Okap is restricted: what was open goes, the page says why, and the way back is
the screen, or the passphrase."""
import time

import pytest

from app import PASSPHRASE
from desktop import wait_for
from screen import ScreenSaver


@pytest.fixture
def saver():
    saver = ScreenSaver()  # locked
    yield saver
    saver.stop()


def assert_back(app, window):
    """The main view can be used: a page that is not shown keeps its words, so those do not tell."""
    time.sleep(0.5)
    app.go_to("Keys", window)
    app.press("Add a Key", window)
    app.window("Add a Key")
    app.key("Escape")
    app.wait_gone("Add a Key")


def test_the_screen(app, saver):
    window = app.window()
    app.says("The Screen Is Locked")
    assert app.find("text", "Passphrase or Recovery Code")
    app.picture("restricted-screen", window)
    saver.say("unlock")
    assert_back(app, window)


def test_a_dialog_goes(app, saver):
    window = app.window()
    saver.say("unlock")
    time.sleep(0.5)
    app.go_to("Keys", window)
    app.press("Add a Key", window)
    app.window("Add a Key")
    saver.say("lock")
    app.wait_gone("Add a Key")
    app.says("The Screen Is Locked")


def test_the_passphrase(app, saver):
    """A locker that dies, and one that says "locked" for ever."""
    window = app.window()
    app.says("The Screen Is Locked")
    app.type_into(app.find("text", "Passphrase or Recovery Code"), window, "not the one")
    app.key("Return")
    app.says("does not open this vault")
    app.says("The Screen Is Locked")
    saver.stop()
    app.says("Is the Screen Still Locked?")
    app.picture("restricted-unsure", window)
    app.type_into(app.find("text", "Passphrase or Recovery Code"), window, PASSPHRASE)
    app.key("Return")
    time.sleep(1.0)
    assert_back(app, window)


def test_typed_where_the_vault_is_locked(app, saver):
    """Whoever opens the vault at the window is there: not asked a second time."""
    window = app.window()
    app.says("The Screen Is Locked")
    app.command("lock")
    app.says("Okap Is Locked")
    app.type_into(app.find("text", "Passphrase or Recovery Code"), window, PASSPHRASE)
    app.key("Return")
    lock = app.find("push button", "Lock")
    wait_for(lambda: app.is_sensitive(lock), 15, message="the vault does not open")
    assert_back(app, window)


@pytest.mark.parametrize("name, options, size", [
    ("dark", {"dark": True}, (960, 640)), ("large-text", {"scale": 2.0}, (1200, 900)),
    ("narrow", {}, (360, 640))])
def test_pictures(new_app, name, options, size):
    app = new_app(**options)
    app.init()
    app.configure("background-told=true", f"window-width={size[0]}", f"window-height={size[1]}")
    app.start()
    window = app.unlock()
    saver = ScreenSaver()
    app.says("The Screen Is Locked")
    time.sleep(0.5)
    app.picture(f"restricted-{name}", window)
    saver.stop()
