# SPDX-License-Identifier: GPL-3.0-or-later
"""The Activity page: found, filtered, looked at, verified and exported."""
import csv
import hashlib
import http.client
import json
import sqlite3
import time

import pytest

from desktop import wait_for
from test_window import granted

ROWS = 2000


def rows(app, name="Requests"):
    """The names of the rows that are there, as a screen reader reads them."""
    lists = [node for node in app.find_all("list", name)]
    return [item.get_name() for item in app.find_all("list item", None, lists[0])] if lists else []


def wait_for_rows(app, fit, name="Requests", seconds=10):
    """Until there are rows, and FIT is true of each."""
    return wait_for(lambda: (found := rows(app, name)) and all(fit(row) for row in found) and found,
                    seconds, message="the rows do not become what was asked for")


def open_row(app, window, number=0, name="Requests"):
    lists = app.find_all("list", name)
    app.click(app.find_all("list item", None, lists[0])[number], window)


def choose(app, window, tabs, downs):
    """In the filter's popover, whose places the accessibility bus does not tell: by keyboard."""
    app.press("Filter", window)
    time.sleep(0.5)
    for key in ("Tab",) * tabs + ("space",):
        app.key(key)
        time.sleep(0.15)
    for key in ("Down",) * downs + ("Return",):
        app.key(key)
        time.sleep(0.15)
    time.sleep(0.7)  # the list in the popover closes first
    app.key("Escape")
    time.sleep(0.3)


def test_a_year(new_app):
    app = new_app().init(rows=ROWS).start()
    window = app.unlock()
    app.enlarge(window)
    app.go_to("Activity", window)
    everything = wait_for_rows(app, bool)
    assert all("$" in row or "Free" in row or "price" in row for row in everything)

    # A text, by Ctrl+F; what nothing fits; all again.
    app.key("ctrl+f")
    app.desktop.xdotool("type", "HAIKU")
    wait_for_rows(app, lambda row: "haiku" in row)
    app.picture("activity-search", window)
    app.desktop.xdotool("type", " such there is not")
    app.says("Nothing Found")
    app.press("Show Everything", window)
    assert wait_for_rows(app, bool)[0] == everything[0]

    # A filter, and its chip.
    choose(app, window, tabs=3, downs=2)
    chip = app.find("push button", "Failed: show the others, too")
    wait_for_rows(app, lambda row: "The provider refused" in row or "Not finished" in row)
    app.picture("activity-failed", window)
    app.click(chip, window)
    wait_for(lambda: rows(app)[:1] == everything[:1], 10, message="the filter stays")
    choose(app, window, tabs=4, downs=4)  # a range of days: both of them today
    chip = app.find("push button", time.strftime("%-d %B %Y to %-d %B %Y", time.gmtime())
                    + ": show the others, too")
    app.click(chip, window)
    wait_for(lambda: rows(app)[:1] == everything[:1], 10, message="the filter stays")

    # By keyboard to a row, into its details and back.
    app.key("ctrl+f")
    for key in ("Tab", "Tab", "Tab", "Return"):
        app.key(key)
        time.sleep(0.2)
    details = app.window("Request")
    app.says("How the time was spent")
    app.picture("activity-details", details)
    app.key("Escape")
    app.wait_gone("Request")

    # What was decided.
    app.press("Decisions", window, role="page tab")
    wait_for_rows(app, bool, "Decisions")
    app.press("Verify", window)
    app.says("lines are unbroken")
    app.picture("activity-verified", window)
    open_row(app, window, 2, "Decisions")
    decision = app.window("Decision")
    app.press("Show App", decision)
    app.wait_gone("Decision")
    app.says("Agent Playground")


def ask(app, token, body):
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=30)
    connection.request("POST", "/v1/demo/chat/completions", body,
                       {"Content-Type": "application/json", "Authorization": "Bearer " + token})
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 200


@pytest.mark.plain  # GTK's own file chooser leaks
def test_which_bytes(app):
    """The digest in the details is that of what was sent, and the export has it, too."""
    window = app.window()
    app.go_to("Activity", window)
    app.says("Nothing Happened Yet")
    token = granted(app)
    body = json.dumps({"model": "demo-fast", "messages": [{"role": "user", "content": "Hi"}]})
    ask(app, token, body)
    digest = hashlib.blake2b(body.encode(), digest_size=16).hexdigest()
    app.go_to("Activity", window)
    wait_for_rows(app, lambda row: "demo-fast" in row)
    open_row(app, window)
    details = app.window("Request")
    app.says(digest)
    app.says("As it came, to the last byte")
    app.press("Copy Request Number", details)
    app.says("Copied")
    app.key("Escape")
    app.wait_gone("Request")

    listed = json.loads(app.command("usage", "list", "--json"))["rows"]
    assert listed[0]["digest_in"] == digest and listed[0]["digest_out"] is None

    app.press("Export", window)
    time.sleep(0.5)
    app.key("Return")
    app.window("Export")
    path = app.folder / "requests.csv"
    time.sleep(0.5)
    app.key("ctrl+a")
    app.desktop.xdotool("type", "--delay", "4", "--", str(path))
    app.key("Return")
    app.says("1 request exported")
    with open(path, newline="") as file:
        exported = list(csv.DictReader(file))
    assert len(exported) == 1
    assert exported[0]["digest_in"] == digest and exported[0]["app"] == "Example App"


def test_a_changed_line(app):
    """Somebody changes the record while Okap is not looking: Verify says where."""
    granted(app)
    app.stop()
    db = sqlite3.connect(app.folder / "data" / "okap" / "okap.db")
    db.execute("UPDATE audit SET detail = 'Nothing happened' WHERE id = 2")
    db.commit()
    db.close()
    app.start()
    window = app.unlock()
    app.go_to("Activity", window)
    app.press("Decisions", window, role="page tab")
    app.press("Verify", window)
    app.says("Line 2 was changed or removed by another program.")
