# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page and dialog as people have them: light, dark and in high contrast, large text, narrow,
from right to left, in German, on the first day and after a year of 200,000 requests.

A picture is kept of each. What can be told without eyes is held: nothing sticks out of its window,
each control has a role and a name, and nothing is said on stderr (conftest.py). The usual run takes
the light one, the long suite all.
"""
import time

import pytest

import tree
from app import PASSPHRASE
from keyboard import press, tab_to_entry, type_words
from test_first_run import recovery_groups
from views import VIEWS

pytestmark = pytest.mark.plain

YEAR = 200000
BORDER = 10  # on both sides together, where there is no compositor


class Variant:
    def __init__(self, name, rows=YEAR, size=(960, 640), **options):
        self.name, self.rows, self.size, self.options = name, rows, size, options


VARIANTS = [
    Variant("light"),
    Variant("dark", dark=True),
    Variant("high-contrast", contrast=True),
    Variant("large-text", scale=2.0, size=(1200, 1000)),
    Variant("narrow", size=(360, 640)),
    Variant("right-to-left", language="he"),
    Variant("german", language="de", size=(720, 640)),
    Variant("empty", rows=0),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("variant", [
    pytest.param(variant, id=variant.name, marks=[pytest.mark.long] if i else [])
    for i, variant in enumerate(VARIANTS)])
def test_views(new_app, variant):
    app = new_app(**variant.options)
    width, height = variant.size
    app.init(rows=variant.rows)
    app.configure("background-told=true", f"window-width={width}", f"window-height={height}")
    app.start()
    window = app.unlock()
    problems = []
    for view in (view for view in VIEWS if view.empty or variant.rows):
        shown = view.open(app, window)
        narrowed = shown != window and width < 400
        if narrowed:
            app.desktop.xdotool("windowsize", shown, width, height)
            time.sleep(0.4)
        app.picture(f"{view.name}-{variant.name}", shown)
        got = app.desktop.window_geometry(shown)[2]
        if narrowed and view.ours and got > width + BORDER:  # it does not let itself be made so
            problems.append(f"{view}: {got} wide")
        # Pages that a tab hides stay as wide as they were.
        if view.ours and not narrowed:
            problems += [f"{view}: {problem}" for problem in tree.problems(app, shown)]
        if view.close:
            view.close(app)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("variant", [
    pytest.param(variant, id=variant.name, marks=[pytest.mark.long] if i else [])
    for i, variant in enumerate(VARIANTS[:-1])])
def test_first_run(new_app, variant):
    """The steps of a new user, by keyboard, since not all is in sight in a small window."""
    app = new_app(**variant.options)
    width, height = variant.size
    app.configure("background-told=true", f"window-width={width}", f"window-height={height}")
    app.start()
    window = app.window()
    app.desktop.activate(window)
    problems = []

    def step(title):
        app.find("label", title, seconds=20)
        time.sleep(0.5)
        app.picture(f"first-{title.split()[0].lower()}-{variant.name}", window)
        problems.extend(f"{title}: {problem}" for problem in tree.problems(app, window))

    step("Welcome to Okap")
    type_words(app, PASSPHRASE)
    tab_to_entry(app)
    type_words(app, PASSPHRASE)
    time.sleep(0.5)
    app.key("Return")
    step("Keep Your Recovery Code")
    groups = recovery_groups(app)
    for group in (groups[1], groups[4]):
        tab_to_entry(app)
        type_words(app, group)
    app.key("Return")
    step("Unlock with Your Login?")
    press(app, "Always Ask for the Passphrase")
    step("Add Your First Key")
    press(app, "Try the Demo")
    step("Your Vault Is Ready")
    assert not problems, "\n".join(problems)
