# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page and dialog of the app, by name: how a person gets there, and back."""
import time

from app import PAGES
from desktop import wait_for


class View:
    """OPEN brings it up in the app whose main window is WINDOW and returns the window that it is
    in; CLOSE leaves it. Without EMPTY it is only there when there is something; what is GTK's own
    is looked at, no more."""

    def __init__(self, name, open_, close=None, empty=True, ours=True):
        self.name, self.open, self.close, self.empty = name, open_, close, empty
        self.ours = ours

    def __repr__(self):
        return self.name


def page(title):
    def open_(app, window):
        app.go_to(title, window)
        return window
    return open_


def new_window(app, act):
    """The window that comes up when ACT is done."""
    before = set(app.desktop.windows(app.pid))
    act()
    found = wait_for(lambda: set(app.desktop.windows(app.pid)) - before, 10, message="no window")
    time.sleep(0.3)
    return found.pop()


def by_key(keys):
    def open_(app, window):
        app.desktop.activate(window)
        app.opened = new_window(app, lambda: app.key(keys))
        return app.opened
    return open_


def escape(app):
    """A busy machine may give the key to a window that was in front before: some tries are meant
    for that. What never closes by Escape still fails."""
    for last in (False, False, True):
        try:
            app.desktop.activate(app.opened)
            app.key("Escape")
            wait_for(lambda: app.opened not in app.desktop.windows(app.pid), 6,
                     message="it stays open")
            return
        except AssertionError:
            if last:
                raise


def asked(app, window):
    app.opened = new_window(app, lambda: setattr(app, "question", app.request()))
    return app.opened


def refused(app):
    escape(app)
    app.question.wait()


def within(page_title, role, name):
    """What is on a page, behind a click."""
    def open_(app, window):
        app.go_to(page_title, window)
        time.sleep(1.0)
        # Pages that are not shown keep their places, and may have the same words.
        app.press(name, window, role=role, within=app.page(f"Okap{page_title}Page"))
        time.sleep(0.4)
        return window
    return open_


def back(name, role="push button"):
    def close(app):
        app.press(name, app.window(), role=role)
        time.sleep(0.3)
    return close


def first_row(app, window):
    app.go_to("Activity", window)
    rows = wait_for(lambda: app.find_all("list item", within=app.page("OkapLogView"))[:3], 10)
    row = rows[-1]
    time.sleep(1.5)
    app.opened = new_window(app, lambda: app.click(row, window))
    return app.opened


def behind(open_, name):
    """The window that a button of a view opens."""
    def open_more(app, window):
        open_(app, window)
        app.opened = new_window(app, lambda: app.press(name, window))
        return app.opened
    return open_more


app_details = within("Apps", "label", "Agent Playground")
key_details = within("Keys", "label", "Personal ····QAAA")


def locked(app, window):
    app.desktop.activate(window)
    app.key("ctrl+l")
    app.find("label", "Okap Is Locked")
    time.sleep(0.3)
    return window


def preferences(tab):
    def open_(app, window):
        by_key("ctrl+comma")(app, window)
        app.click(app.find("page tab", tab), app.opened)
        time.sleep(0.4)
        return app.opened
    return open_


VIEWS = [
    *[View(title.lower().replace(" ", "-"), page(title)) for title in PAGES],
    View("by-hand", behind(page("Apps"), "Add an App by Hand"), escape),
    View("app", app_details, back("Back"), empty=False),
    View("edit", behind(app_details, "Edit…"), escape, empty=False),
    View("more", behind(app_details, "Allow $1 More Today…"), escape, empty=False),
    View("add-key", behind(page("Keys"), "Add a Key"), escape),
    View("key", key_details, back("All Keys"), empty=False),
    View("replace-key", behind(key_details, "Replace Key…"), escape, empty=False),
    View("request", first_row, escape, empty=False),
    View("decisions", within("Activity", None, "Decisions"), back("Requests", role=None)),
    View("consent", asked, refused),
    *[View(f"preferences-{tab.lower()}", preferences(tab), escape)
      for tab in ("General", "Limits", "Locking", "Privacy", "Prices", "Vault")],
    # The accessibility bus is told nothing of it by GTK 4.8.
    View("shortcuts", by_key("ctrl+question"), escape, ours=False),
    View("locked", locked, lambda app: app.unlock()),
]
