# SPDX-License-Identifier: GPL-3.0-or-later
"""The real app on the session bus, and a person in front of it."""
import os
import subprocess
import time

import pytest
from gi.repository import GLib

from client import ENDED, GRANTED, MAIN, NAME, PATH, POLICY, REFUSED, ask_for, pump
from conftest import BusApp, app_program
from desktop import wait_for

DIALOG = "Access Request"


def gone_within(app, seconds=1.0):
    start = time.monotonic()
    pump(lambda: not app.has_window(DIALOG), 10, "the dialog stays")
    assert time.monotonic() - start < seconds, "the dialog was taken away too late"


def shown(app, handle):
    pump(lambda: handle.states[-1:] == ["presented"], 20)
    return app.window(DIALOG)


def test_allowed(app):
    agent = app.bus.agent()
    agent.ask()
    window = shown(app, agent)
    assert agent.responses == []
    app.allow(window)
    code, results = agent.wait()
    assert code == GRANTED, results
    assert agent.states == ["presented", "decided"]
    status, answer = agent.redeem()
    assert status == 200, answer
    status, _ = app.call("GET", "/okap/grant", token=answer["token"])
    assert status == 403, "this is another program"


def test_refused(app):
    agent = app.bus.agent()
    agent.ask()
    window = shown(app, agent)
    app.press("Don’t Allow", window)
    assert agent.reason() == (REFUSED, "user_denied")
    gone_within(app)


@pytest.mark.parametrize("how", ["close", "leave"])
def test_taken_back(app, how):
    """While it is asked about, and while it waits for another: its dialog goes within a second, and
    the other's comes."""
    first, waiting, last = (app.bus.agent() for _ in range(3))
    for agent, name in ((first, "First"), (waiting, "Second"), (last, "Third")):
        agent.ask(ask_for(name=name))
        pump(lambda: app.waiting() == (first, waiting, last).index(agent) + 1)
    shown(app, first)
    getattr(waiting, how)()
    getattr(first, how)()
    pump(lambda: last.states == ["presented"], 1.0)
    assert waiting.states == ([] if how == "leave" else ["closed"])
    last.leave()
    gone_within(app)


PARENTS = ["x11:deadbeef", "x11:", "x11:zzz", "x11:ffffffffffffffff", "wayland:no-such-handle",
           "win32:1", "ä\n" * 300]


@pytest.mark.parametrize("parent", PARENTS)
def test_a_parent_that_does_not_exist(app, parent):
    agent = app.bus.agent()
    agent.ask(parent=parent)
    shown(app, agent)
    agent.leave()
    gone_within(app)


def test_no_vault(bus, new_app):
    app = new_app().start()
    client = bus.client()
    assert client.get(PATH, MAIN, "State") == "uninitialised"
    assert client.ask().reason() == (POLICY, "no_vault")
    app.okap("init", "--passphrase-fd")


def test_locked_and_unlocked(bus, new_app):
    app = new_app().init().start()
    client = bus.client()
    told = []
    client.connection.signal_subscribe(
        NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged", PATH, None, 0,
        lambda *args: told.append(args[5].unpack()[1]))
    handle = client.ask()
    pump(lambda: handle.states == ["presented"])  # the question for the passphrase
    app.open()
    pump(lambda: {"State": "unlocked"} in told)
    shown(app, handle)
    app.okap("lock")
    pump(lambda: {"State": "locked"} in told)
    app.open()
    shown(app, handle)
    handle.close()
    assert handle.reason() == (ENDED, "closed")
    gone_within(app)


def test_it_ends(bus, new_app):
    app = new_app().init().start().open()
    client, agent = bus.client(), bus.agent()
    agent.ask()
    shown(app, agent)
    over_http = app.request()
    pump(lambda: app.waiting() == 2)
    client.call(PATH, "org.gtk.Actions", "Activate",
                GLib.Variant("(sava{sv})", ("quit", [], {})))
    assert agent.reason() == (ENDED, "session_ending")
    assert "session ends" in over_http.wait()["reason"]
    assert app.process.wait(20) == 0


def test_two_launches(bus, new_app):
    """The second is told to the first, which shows its window; there is one process."""
    app = new_app().init().start()
    owner = bus.client().call("/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner",
                              GLib.Variant("(s)", (NAME,)), name="org.freedesktop.DBus")
    again = subprocess.run((app_program(), "--background"), env=app.env, timeout=30)
    assert again.returncode == 0
    assert not app.has_window("Okap")
    again = subprocess.run((app_program(),), env=app.env, timeout=30)
    assert again.returncode == 0
    app.window()
    assert owner == bus.client().call("/org/freedesktop/DBus", "org.freedesktop.DBus",
                                      "GetNameOwner", GLib.Variant("(s)", (NAME,)),
                                      name="org.freedesktop.DBus")
