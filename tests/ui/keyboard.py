# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who has no pointer."""
import time


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
    name = app.words.gettext(name)
    seen = [focused(app)]
    while (seen[-1] or ("", ""))[1] != name and len(seen) < most:
        app.key("Tab")
        time.sleep(0.2)
        seen.append(focused(app))
    if (seen[-1] or ("", ""))[1] == name:
        return
    raise AssertionError(f"{name!r} is not reached by Tab; these are: {seen}")


def type_words(app, text):
    app.desktop.xdotool("type", "--delay", "4", "--", text)


def press(app, name):
    tab_to(app, name)
    app.key("space")


def tab_to_entry(app, most=10):
    """Tab, until an entry has the focus: GTK 4.8 does not tell the bus so, but it does of all
    else."""
    for _ in range(most):
        app.key("Tab")
        time.sleep(0.2)
        if focused(app) is None:
            return
    raise AssertionError("no entry is reached by Tab")
