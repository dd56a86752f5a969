# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way by keyboard: not once is a pointer moved or a button clicked."""
import time

from app import PAGES, PASSPHRASE
from desktop import wait_for
from keyboard import focused, press, tab_to, tab_to_entry, type_words
from test_first_run import recovery_groups
from test_window import chat
from views import new_window


def test_from_the_first_start_to_revoking(new_app):
    app = new_app().start()
    window = app.window()
    app.desktop.activate(window)
    app.find("label", "Welcome to Okap")
    time.sleep(0.5)
    type_words(app, PASSPHRASE)
    tab_to_entry(app)
    type_words(app, PASSPHRASE)
    app.says("Strong")
    app.key("Return")

    app.find("label", "Keep Your Recovery Code", seconds=20)
    groups = recovery_groups(app)
    tab_to_entry(app)
    type_words(app, groups[1])
    tab_to_entry(app)
    type_words(app, groups[4])
    app.key("Return")
    app.find("label", "Unlock with Your Login?")
    press(app, "Always Ask for the Passphrase")
    app.find("label", "Add Your First Key")
    press(app, "Try the Demo")
    app.find("label", "Your Vault Is Ready")
    press(app, "Ask It Something")
    app.page("OkapDemoPage")
    dialog = new_window(app, lambda: press(app, "Ask"))
    app.desktop.activate(dialog)
    app.wait_armed()
    press(app, "Allow")
    app.says("Activity lists every request", 20)

    app.desktop.activate(window)
    app.key("alt+2")
    wait_for(lambda: is_selected(app, "Apps"))
    tab_to(app, "Okap Demo")
    app.key("Return")
    press(app, "Revoke")
    app.says("Undo")


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
    # Tab passes the list of pages by, there and back; the arrow keys go through it.
    app.key("alt+2")
    tab_to(app, "Main Menu")
    app.key("Tab")
    wait_for(lambda: focused(app) == ("list item", "Apps"))
    app.key("Tab")
    wait_for(lambda: focused(app) != ("list item", "Apps"))
    assert is_selected(app, "Apps") and focused(app)[0] != "list item", focused(app)
    app.key("shift+Tab", "Down")
    wait_for(lambda: is_selected(app, "Keys"))
    app.key("shift+Tab")
    wait_for(lambda: focused(app) == ("push button", "Main Menu"))
    assert is_selected(app, "Keys")

    app.key("ctrl+shift+p")
    wait_for(lambda: chat(app, token)[0] != 200, 5, message="Ctrl+Shift+P pauses nothing")
    app.key("alt+2")
    app.find("label", "Paused")  # each of them
    app.key("ctrl+l")
    app.says("Okap Is Locked")
