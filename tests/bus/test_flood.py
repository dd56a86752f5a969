# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that ask without end: how many dialogs a person sees, what it costs, and whether Okap
still answers. The figures are printed; a usual run sends a tenth of what the long suite sends."""
import json
import secrets
import time

import pytest
from gi.repository import Gio, GLib

from client import MAIN, NAME, PATH, POLICY, PROPERTIES, REQUEST, ask_for, pump

MEMORY_KIB = 48 * 1024  # that a flood may leave behind, most of it the allocator's


class Flooder:
    """A client that sends and counts; one subscription for all its requests."""

    def __init__(self, client, number):
        self.client = client
        self.number = number
        self.sent = self.replied = 0
        self.reasons = {}
        self.presented = set()
        self.answered = set()
        bus = client.connection
        bus.signal_subscribe(NAME, REQUEST, "Response", None, None, 0, self._response)
        bus.signal_subscribe(NAME, PROPERTIES, "PropertiesChanged", None, None, 0, self._changed)

    def _response(self, bus, sender, path, interface, signal, parameters):
        code, results = parameters.unpack()
        assert path not in self.answered, "two answers to one request"
        self.answered.add(path)
        key = (code, results.get("reason"))
        self.reasons[key] = self.reasons.get(key, 0) + 1
        if results.get("reason") == "throttled":
            assert results["retry_after"] > 0

    def _changed(self, bus, sender, path, interface, signal, parameters):
        if parameters.unpack()[1].get("State") == "presented":
            self.presented.add(path)

    def send(self):
        body = json.dumps(ask_for(name=f"App {self.number} {self.sent}", models=[
            f"demo-{self.sent % 50}"]))
        options = self.client.options("f" + secrets.token_hex(8))
        self.sent += 1
        self.client.connection.call(
            NAME, PATH, MAIN, "RequestAccess", GLib.Variant("(ssa{sv})", ("", body, options)),
            None, Gio.DBusCallFlags.NONE, 300000, None, self._returned)

    def _returned(self, bus, result):
        bus.call_finish(result)
        self.replied += 1


def rss_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.speed
@pytest.mark.parametrize("callers", [1, 200])
@pytest.mark.parametrize("requests", [1000, pytest.param(10000, marks=pytest.mark.long)])
def test_flood(bus, new_app, callers, requests):
    app = new_app().init().start().open()
    warm = bus.agent().ask()
    pump(lambda: warm.states == ["presented"], 20)  # what the first dialog takes is no leak
    warm.close()
    flooders = [Flooder(bus.client(), number) for number in range(callers)]
    before = rss_kib(app.pid)
    start = time.monotonic()
    for number in range(requests):
        flooders[number % callers].send()
        if number % 100 == 99:  # some are under way all the time
            GLib.MainContext.default().iteration(False)
            pump(lambda: sum(f.sent - f.replied for f in flooders) < 500, 120)
    pump(lambda: all(f.replied == f.sent for f in flooders), 120)

    def count_waiting():
        return requests - sum(len(f.answered) for f in flooders)

    # Nobody answers those in the queue.
    pump(lambda: count_waiting() <= 64, 120, "too many are left without an answer")
    for flooder in flooders:  # whatever was sent to it has come
        assert flooder.client.get(PATH, MAIN, "Version") == 1
    took = time.monotonic() - start
    waiting = count_waiting()
    after = rss_kib(app.pid)
    dialogs = len(app.desktop.windows(app.pid, "Access Request"))
    shown = sum(len(f.presented) for f in flooders)
    reasons = {}
    for flooder in flooders:
        for key, count in flooder.reasons.items():
            reasons[key] = reasons.get(key, 0) + count
    print(f"\n{requests} requests of {callers}: {took:.1f} s to the last answer "
          f"({requests / took:.0f} a second), {dialogs} dialogs for {shown} of them, "
          f"{waiting} wait, VmRSS {before / 1024:.0f} → {after / 1024:.0f} MiB, {reasons}")
    assert dialogs <= 1 and app.waiting() <= 1, "one program has one question open"
    assert set(reasons) <= {(POLICY, "throttled"), (POLICY, "blocked")}
    assert after - before < MEMORY_KIB
    app.call("GET", "/.well-known/okap")
    for flooder in flooders:
        flooder.client.leave()
    pump(lambda: not app.has_window("Access Request"), 2, "a dialog of nobody stays")
    late = bus.agent().ask(ask_for(name="Late"))
    pump(lambda: late.states == ["presented"], 5, "other programs have no room")
