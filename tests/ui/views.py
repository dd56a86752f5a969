# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page and dialog of the app, by name: how a person gets there, and back."""
import time

from desktop import wait_for

PAGES = ["Overview", "Apps", "Keys", "Activity", "Try It"]


class View:
    """OPEN brings it up in the app whose main window is WINDOW and returns the window that it is
    in; CLOSE leaves it."""

    def __init__(self, name, open_, close=None):
        self.name, self.open, self.close = name, open_, close

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
    app.key("Escape")
    wait_for(lambda: app.opened not in app.desktop.windows(app.pid), 10, message="it stays open")


def asked(app, window):
    app.opened = new_window(app, lambda: setattr(app, "question", app.request()))
    return app.opened


def refused(app):
    app.desktop.activate(app.opened)
    escape(app)
    app.question.wait()


VIEWS = [
    *[View(title.lower().replace(" ", "-"), page(title)) for title in PAGES],
    View("consent", asked, refused),
    View("shortcuts", by_key("ctrl+question"), escape),
]
