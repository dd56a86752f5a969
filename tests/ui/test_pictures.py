# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page and dialog as people have them: light and dark, large text, narrow, from right to
left, in German, on the first day and after a year of 200,000 requests.

Part of the long suite. A picture is kept of each. What can be told without eyes is held: nothing
sticks out of its window, each control has a role and a name, and nothing is said on stderr
(conftest.py).
"""
import pytest

import tree
from views import VIEWS

pytestmark = [pytest.mark.plain, pytest.mark.long]

YEAR = 200000


class Variant:
    def __init__(self, name, rows=YEAR, dark=False, scale=1.0, size=(960, 640), language=None):
        self.name, self.rows, self.dark, self.scale = name, rows, dark, scale
        self.size, self.language = size, language


VARIANTS = [
    Variant("light"),
    Variant("dark", dark=True),
    Variant("large-text", scale=2.0, size=(1200, 1000)),
    Variant("narrow", size=(360, 640)),
    Variant("right-to-left", language="he"),
    Variant("german", language="de", size=(720, 640)),
    Variant("empty", rows=0),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("variant", [
    pytest.param(variant, id=variant.name) for variant in VARIANTS])
def test_views(new_app, variant):
    app = new_app(dark=variant.dark, scale=variant.scale, language=variant.language)
    width, height = variant.size
    app.init(rows=variant.rows)
    app.configure("background-told=true", f"window-width={width}", f"window-height={height}")
    app.start()
    window = app.unlock()
    problems = []
    for view in (view for view in VIEWS if view.empty or variant.rows):
        shown = view.open(app, window)
        app.picture(f"{view.name}-{variant.name}", shown)
        problems += [f"{view}: {problem}" for problem in tree.problems(app, shown)]
        if view.close:
            view.close(app)
    assert not problems, "\n".join(problems)
