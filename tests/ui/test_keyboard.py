# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way by keyboard: not once is a pointer moved or a button clicked."""
import time

from app import PAGES, PASSPHRASE
from desktop import wait_for
from test_window import chat
from views import new_window


def focused(app):
    """What has the keyboard focus, as a screen reader would read it."""
    for node in app.desktop.walk(app.desktop.application(app.pid)):
        try:
            if node.get_state_set().contains(app.desktop.atspi.StateType.FOCUSED):
                return node.get_role_name(), node.get_name() or ""
        except Exception:
            continue
    return None


def tab_to(app, name, most=40):
    """Tab, until what is called NAME has the focus."""
    seen = []
    for _ in range(most):
        app.key("Tab")
        time.sleep(0.12)
        seen.append(focused(app))
        if seen[-1] and seen[-1][1] == name:
            return
    raise AssertionError(f"{name!r} is not reached by Tab; these are: {seen}")


def is_selected(app, page):
    return any(node.get_state_set().contains(app.desktop.atspi.StateType.SELECTED)
               for node in app.find_all("list item", page))


def test_from_unlocking_to_revoking(new_app):
    app = new_app().init().start()
    window = app.window()
    app.desktop.activate(window)
    time.sleep(0.5)
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    app.key("Return")
    wait_for(lambda: any(map(app.is_sensitive, app.find_all("push button", "Lock"))), 15)

    for number, page in enumerate(PAGES, 1):
        app.key(f"alt+{number}")
        wait_for(lambda: is_selected(app, page), 5, message=f"Alt+{number} does not open {page}")

    dialog = new_window(app, lambda: setattr(app, "question", app.request()))
    app.desktop.activate(dialog)
    app.wait_armed()
    tab_to(app, "Allow")
    app.key("space")
    token = app.question.wait()["token"]
    assert chat(app, token)[0] == 200

    app.desktop.activate(window)
    app.key("ctrl+shift+p")
    wait_for(lambda: chat(app, token)[0] != 200, 5, message="Ctrl+Shift+P pauses nothing")
    app.key("ctrl+l")
    app.says("Okap Is Locked")
