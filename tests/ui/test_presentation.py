# SPDX-License-Identifier: GPL-3.0-or-later
"""How a question reaches a person: by the caller's window and token, by a notification where the
desktop keeps windows back, not at all on a locked screen; and never by raising the dashboard."""
import base64
import hashlib
import json
import subprocess
import time

import pytest

from app import ask_for
from caller import Caller
from desktop import wait_for
from screen import ScreenSaver


@pytest.fixture
def held_desktop(desktop):
    """A desktop that keeps new windows back."""
    desktop.hold_windows(True)
    yield desktop
    desktop.hold_windows(False)


def startup_ids(app):
    """What the app's windows say of the token by which they came."""
    windows = subprocess.run(("xdotool", "search", "--all", "--pid", str(app.pid), "--name",
                              "Access Request"), capture_output=True, text=True, timeout=20)
    return [subprocess.run(("xprop", "-id", window, "_NET_STARTUP_ID"), capture_output=True,
                           text=True, timeout=20).stdout for window in windows.stdout.split()]


@pytest.mark.parametrize("seconds", [1, pytest.param(25, marks=pytest.mark.long)])
def test_a_window_that_is_kept_back(notifications, app, held_desktop, tmp_path, seconds):
    caller = Caller(app, tmp_path)
    told = notifications.next(5)
    assert told["title"].endswith("asks for access to your keys"), told
    assert told["actions"] == ["default", "Review"] and told["urgency"] == 2, told

    again = notifications.next(14)  # after 10 s, in the place of the first
    assert again["replaces"] == told["number"] and again["number"] == told["number"], again
    assert notifications.nothing(seconds), "it repeats"

    assert not any("chosen-token" in text for text in startup_ids(app))
    notifications.choose(told["number"], "chosen-token")
    wait_for(lambda: any("chosen-token" in text for text in startup_ids(app)), 5,
             message="the token of the notification is not used")
    held_desktop.hold_windows(False)
    app.window("Access Request")
    assert notifications.next(5) == {"closed": told["number"]}
    app.key("Escape")
    assert caller.answer()["status"] == "denied"
    caller.leave()


def test_a_notification_goes_with_its_question(notifications, app, held_desktop, tmp_path):
    caller = Caller(app, tmp_path)
    told = notifications.next(5)
    caller.leave()
    assert notifications.next(5) == {"closed": told["number"]}


def test_a_window_in_front_needs_no_notification(notifications, app, tmp_path):
    caller = Caller(app, tmp_path)
    app.window("Access Request")
    assert notifications.nothing(1.0)
    app.key("Escape")
    assert caller.answer()["status"] == "denied"
    caller.leave()


def ask_on_the_bus(bus, parent):
    from gi.repository import GLib
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
    return bus.call_sync("com.example.Okap", "/com/example/Okap", "com.example.Okap1",
                         "RequestAccess", GLib.Variant("(ssa{sv})", (
                             parent, json.dumps(ask_for(name="Bus App")),
                             {"code_challenge": GLib.Variant("s", challenge)})),
                         GLib.VariantType("(o)"), 0, 5000, None).unpack()[0]


@pytest.mark.parametrize("parent", ["real", "x11:7fffffff", "x11:zz", "wayland:none", "nonsense"])
def test_a_parent_window(app, parent):
    """The caller's window becomes the dialog's parent; one that does not exist does no harm."""
    from gi.repository import Gio
    window = app.window()
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)  # who leaves it takes the question along
    assert ask_on_the_bus(bus, f"x11:{window:x}" if parent == "real" else parent)
    dialog = app.window("Access Request")
    done = subprocess.run(("xprop", "-id", str(dialog), "WM_TRANSIENT_FOR"), capture_output=True,
                          text=True, timeout=20, check=True)
    assert (f"{window:#x}" in done.stdout) == (parent == "real"), done.stdout
    app.key("Escape")
    app.wait_gone("Access Request")


def test_nothing_on_a_locked_screen(notifications, app, tmp_path):
    saver = ScreenSaver()
    time.sleep(1.0)  # until the app has asked it
    callers = [Caller(app, tmp_path), Caller(app, tmp_path)]
    assert notifications.nothing(2.0)
    assert not app.has_window("Access Request")
    assert not any(caller.is_answered() for caller in callers)

    saver.say("unlock")
    told = notifications.next(5)
    assert "while you were away" in told["title"], told
    assert told["title"].startswith("2 "), told
    app.window("Access Request")
    assert notifications.nothing(1.0)

    saver.say("lock")  # once more, with a question on the screen
    app.wait_gone("Access Request")
    saver.stop()       # without a word of unlocking: nobody knows, but who has the passphrase
    time.sleep(1.0)
    assert not app.has_window("Access Request")
    app.unlock()
    app.window("Access Request")
    for caller in callers:
        caller.leave()
    app.wait_gone("Access Request")
