# SPDX-License-Identifier: GPL-3.0-or-later
"""Clicks and keys while Allow is not armed yet approve nothing: at every offset around the mapping
of the window, the return of the focus, and the next question of the queue.

What was pressed is counted; the usual run takes every twentieth of the offsets."""
import time

import pytest

from caller import Caller
from desktop import wait_for

EARLY_MS = 800     # well before a script's Allow is armed, which takes 1500 ms


def offsets(step):
    return range(0, EARLY_MS + 1, step)


STEPS = pytest.mark.parametrize("step", [200, pytest.param(10, marks=pytest.mark.long)])


@pytest.fixture
def asking(app, tmp_path):
    """A dialog, and where its Allow is on the screen."""
    caller = Caller(app, tmp_path)
    dialog = app.window("Access Request")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    yield dialog, app.centre(app.allow_button(), dialog), caller
    caller.leave()


def press(app, spot, offset_ms, how):
    """Presses OFFSET_MS from now, in one process of xdotool, so that its start costs nothing."""
    pause = ("sleep", f"{offset_ms / 1000:.3f}")
    if how == "click":
        app.desktop.xdotool("mousemove", *spot, *pause, "click", 1)
    else:
        app.desktop.xdotool(*pause, "key", how)


def still_asks(app, caller):
    """Whether it does, once all that was pressed has come in."""
    time.sleep(0.05)
    return app.has_window("Access Request") and not caller.is_answered()


@STEPS
def test_presses_after_the_window_is_mapped(app, asking, step, record_property):
    dialog, spot, caller = asking
    pressed = 0
    for how in ("click", "space"):
        for offset in offsets(step):
            app.desktop.xdotool("windowunmap", "--sync", dialog)
            app.desktop.xdotool("windowmap", "--sync", dialog, "windowactivate", dialog)
            press(app, spot, offset, how)
            assert still_asks(app, caller), f"{how} {offset} ms after mapping approved"
            pressed += 1
    assert not caller.is_answered()
    print(f"{pressed} presses around mapping, 0 early approvals")
    record_property("presses", pressed)
    app.key("Escape")
    assert caller.answer()["status"] == "denied"


@STEPS
def test_presses_after_the_focus_returns(app, asking, step, record_property):
    dialog, spot, caller = asking
    window = app.window()
    pressed = 0
    for how in ("click", "Return", "space"):
        for offset in offsets(step):
            app.desktop.xdotool("windowactivate", "--sync", window)
            app.desktop.xdotool("windowactivate", "--sync", dialog)
            press(app, spot, offset, how)
            assert still_asks(app, caller), f"{how} {offset} ms after the focus came approved"
            pressed += 1
    print(f"{pressed} presses around the return of the focus, 0 early approvals")
    record_property("presses", pressed)
    app.desktop.activate(dialog)
    app.key("Escape")
    assert caller.answer()["status"] == "denied"


@pytest.mark.parametrize("step", [400, pytest.param(50, marks=pytest.mark.long)])
def test_presses_after_the_queue_advances(app, tmp_path, step, record_property):
    """The next question comes up where the one before was."""
    callers = [Caller(app, tmp_path)]
    dialog = app.window("Access Request")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    x, y = app.centre(app.allow_button(), dialog)
    left, top = app.desktop.window_geometry(dialog)[:2]
    spot = x - left, y - top
    pressed = 0
    for offset in offsets(step):
        callers.append(Caller(app, tmp_path))
        app.says("1 more request waiting")
        app.desktop.xdotool("key", "Escape", "sleep", "0.1", "search", "--sync", "--onlyvisible",
                            "--name", "^Access Request$", "mousemove", "--window", "%1", *spot,
                            "sleep", f"{offset / 1000:.3f}", "mousemove_relative", 1, 0,
                            "click", 1)
        assert callers[-2].answer()["status"] == "denied"
        app.says(callers[-1].name)
        assert not callers[-1].is_answered()
        assert still_asks(app, callers[-1]), f"a click {offset} ms after the advance approved"
        pressed += 1
    print(f"{pressed} presses around the advance of the queue, 0 early approvals")
    record_property("presses", pressed)
    app.key("Escape")
    assert callers[-1].answer()["status"] == "denied"
    for caller in callers:
        caller.leave()


def test_a_change_of_size_arms_again(app, asking):
    dialog, _, caller = asking
    width, height = app.desktop.window_geometry(dialog)[2:]
    allow = app.allow_button()
    app.desktop.xdotool("windowsize", "--sync", dialog, width, height - 40)
    wait_for(lambda: not app.is_sensitive(allow), 1, 0.01, "Allow stays armed")
    again = time.monotonic()
    wait_for(lambda: app.is_sensitive(allow), 10, 0.01, "Allow does not arm again")
    assert time.monotonic() - again > 1.2
    app.key("Escape")
    assert caller.answer()["status"] == "denied"
