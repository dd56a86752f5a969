# SPDX-License-Identifier: GPL-3.0-or-later
"""The overview: its figures against the database, the chart by keyboard, the files it makes, and
how it follows while apps work."""
import contextlib
import csv
import decimal
import json
import re
import sqlite3
import struct
import time

import pytest

from desktop import wait_for

ROWS = 3000


def spend_of_month(app):
    """What each app spent in this month, in nano-dollars, by the rows themselves."""
    path = app.folder / "data" / "okap" / "okap.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT app, sum (CASE WHEN cost_status = 2 THEN 0 ELSE cost_nusd END)"
            " FROM usage JOIN usage_series s ON s.id = series WHERE started_us / 1000000 >="
            " unixepoch ('now', 'start of month') GROUP BY app")
        return dict(rows)


def dollars(nusd):
    return decimal.Decimal(nusd) / 10 ** 9


def chart(app, by="app"):
    return app.find("image", f"Spend by {by}")


def bar(app, by="app"):
    return chart(app, by).get_description()


def shows(app, pattern, by="app"):
    wait_for(lambda: re.search(pattern, bar(app, by)), 10, message=f"no bar says {pattern!r}")
    return bar(app, by)


def export(app, window, number, path):
    """Chooses entry NUMBER of the menu, and PATH in the dialog."""
    # From an export before this one the pointer rests there; GTK takes no click of one that did
    # not move since another window was in front.
    app.desktop.xdotool("mousemove", 5, 5)
    time.sleep(0.3)
    app.press("Export", window)
    app.find("menu item")  # the menu is open
    time.sleep(0.3)
    for _ in range(number):
        app.key("Down")
    app.key("Return")
    dialog = app.window("Export")
    time.sleep(0.5)
    app.key("ctrl+a")
    app.desktop.xdotool("type", "--delay", "4", "--", path)
    time.sleep(0.3)
    app.key("Return")
    wait_for(path.exists, 10, message=f"{path.name} is not made")
    app.wait_gone("Export")
    app.says(f"Saved as {path.name}")
    assert dialog and path.stat().st_mode & 0o077 == 0
    return path


@pytest.fixture
def used(new_app):
    """An app with a year of usage, its window high enough, and what its apps spent this month."""
    app = new_app()
    app.configure("notify-limits=false")
    app.init(rows=ROWS)
    apps = spend_of_month(app)  # while nobody has the database open
    window = app.start().unlock()
    app.enlarge(window)
    return app, window, apps


def test_another_currency(used):
    """Amounts change where they are, while one looks."""
    app, _, apps = used
    dollar = dollars(sum(apps.values()))
    app.says(f"${dollar:.2f}")
    app.configure("notify-limits=false", "display-currency='EUR'", "display-rate=0.5")
    wait_for(lambda: re.search(r"€\d", app.texts()) and f"${dollar:.2f}" not in app.texts(),
             message="it is still dollars")


@pytest.mark.plain  # GTK's own file chooser leaks
def test_figures_and_keys(used, tmp_path):
    app, window, apps = used
    month = dollars(sum(apps.values()))
    app.says("Apps That Spend Most This Month")
    app.says(f"${month:.2f}")
    assert f"{max(apps, key=apps.get)} $" in bar(app)
    app.says("that your limits allow")
    app.says("by the end of the month")

    # One stop for Tab, and each bar says what it comes to, also in the line below.
    app.click(chart(app), window)
    app.key("Home")
    first = shows(app, r"^\w+, 1 \w+: ")
    assert first in app.texts()
    app.key("Right")
    shows(app, r"^\w+, 2 \w+: ")
    app.key("Left", "Left")
    shows(app, r"^\w+, 1 \w+: ")
    app.key("End")
    shows(app, r"^\w+, (28|29|30|31) \w+: ")
    app.key("Escape")
    shows(app, r"^\w+ \d{4}: ")
    app.picture("overview-keys", window)

    path = export(app, window, 0, tmp_path / "spend.csv")
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(decimal.Decimal(row["cost_usd"]) for row in rows) == month
    named = {row["app"] for row in rows if row["stands_for"] == "1"}
    assert named == set(sorted(apps, key=apps.get, reverse=True)[:6])
    for name in named:
        assert sum(decimal.Decimal(row["cost_usd"]) for row in rows
                   if row["app"] == name) == dollars(apps[name]), name

    app.press("Provider", window)
    app.press("Year", window)
    shows(app, r"^\d{4}: ", by="provider")
    path = export(app, window, 1, tmp_path / "spend.json")
    data = json.loads(path.read_text())
    assert data["grouped_by"] == "provider" and len(data["periods"]) == 12
    path = export(app, window, 2, tmp_path / "spend.png")
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", head[16:24]) > (300, 200)

    app.press("Earlier", window)
    year = int(time.strftime("%Y", time.gmtime())) - 1
    shows(app, f"^{year}: ", by="provider")
    app.press("Later", window)
    shows(app, f"^{year + 1}: ", by="provider")
    settings = (app.folder / "config" / "glib-2.0" / "settings" / "keyfile").read_text()
    assert "overview-range='year'" in settings and "overview-grouping='provider'" in settings


def test_first_use_is_followed(new_app):
    app = new_app().init().start()
    window = app.unlock()
    app.enlarge(window)
    app.says("Nothing Spent Yet")
    app.press("Ask Your First Question", window)
    app.go_to("Overview", window)
    app.press("Add a Key", window)
    wait_for(lambda: len(app.desktop.windows(app.pid)) > 1, 10, message="no dialog for a key")
    app.key("Escape")
    time.sleep(0.3)
    app.go_to("Overview", window)

    request = app.request(limits={"monthly_spend": 5})
    app.allow(app.window("Access Request"))
    token = request.wait()["token"]
    for count in ("1 request,", "2 requests,"):
        status, text = app.call("POST", "/v1/demo/chat/completions",
                                {"model": "demo-large",
                                 "messages": [{"role": "user", "content": "Hello"}]}, token)
        assert status == 200, text
        shows(app, f" for {count} of which Example App ")
    app.says("of $5.00 that your limits allow")
    app.says("After two days and ten requests")
    app.picture("overview-first", window)


def test_alerts_lead_to_their_page(used):
    """A limit that is used up is told of, and the row leads to where it is mended."""
    app, window, _ = used
    assert "Needs Your Attention" not in app.texts()
    request = app.request(models=["demo-large"], limits={"monthly_spend": 0.01})
    app.allow(app.window("Access Request"))
    token = request.wait()["token"]

    def is_used_up():
        return app.call("POST", "/v1/demo/chat/completions", {
            "model": "demo-large", "max_tokens": 400,
            "messages": [{"role": "user", "content": "Tell me of okapis. " * 10}]}, token)[0] == 402

    wait_for(is_used_up, seconds=60)
    app.says("Needs Your Attention")
    wait_for(lambda: re.search(r"Example App has used (up|\d+ %)", app.texts()), 10,
             message="the limit is not told of")
    app.picture("overview-alerts", window)
    row = next(node for node in app.find_all("list item")
               if "Example App has used" in (node.get_name() or ""))
    app.click(row, window)
    app.page("OkapAppsPage")
