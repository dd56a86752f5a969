# SPDX-License-Identifier: GPL-3.0-or-later
"""okap serve --bus: what each request ends with, and what is no request at all."""
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from gi.repository import GLib

from conftest import Bus, Serve
from client import (ENDED, GRANTED, MAIN, NAME, PATH, POLICY, REFUSED, REQUEST, BusError, ask_for,
                    challenge_of, match_of, pump)

INVALID = "org.freedesktop.DBus.Error.InvalidArgs"
DENIED = "org.freedesktop.DBus.Error.AccessDenied"


def test_granted_and_redeemed(granting):
    client = granting.bus.client()
    handle = client.ask()
    code, results = handle.wait()
    assert code == GRANTED, results
    assert handle.states[-1] == "decided" and handle.state() == "decided"
    assert set(results) == {"grant_id", "authorization_details", "code", "expires_in", "redeem"}
    details = json.loads(results["authorization_details"])
    assert details[0]["provider"] == "demo" and details[0]["models"] == ["demo-fast"]
    assert details[0]["base_url"] == f"{granting.origin}/v1/demo"
    assert results["expires_in"] == 60
    assert results["redeem"] == {"socket": granting.socket_path,
                                 "url": f"{granting.origin}/okap/redeem"}
    assert len(handle.responses) == 1


def test_redeemed_once(bus, serve):
    client = bus.client()
    code, results = client.ask().wait()
    assert code == GRANTED
    status, answer = client.redeem(results)
    assert status == 200 and answer["token"].startswith("okap_"), answer
    status, answer = client.redeem(results, over="url")
    assert status == 400 and answer["error"]["type"] == "code_used", answer
    grants = client.main("ListGrants")
    assert [(g["grant_id"], g["state"]) for g in grants] == [(results["grant_id"], "revoked")]


def test_a_wrong_verifier_does_no_harm(granting):
    client = granting.bus.client()
    code, results = client.ask().wait()
    status, answer = client.redeem(results, verifier="x" * 43)
    assert status == 400 and answer["error"]["type"] == "wrong_verifier", answer
    status, answer = client.redeem(results, over="url")
    assert status == 200 and "token" in answer


def test_what_is_seen_on_the_bus(bus, serve):
    """The code, which is worth nothing without the verifier; neither verifier, token nor key."""
    key = "sk-test-" + secrets.token_hex(24)
    bus.secrets.append(key)
    serve.run("keys", "add", "openai", "--label", "Test", input=key + "\n")
    agent = bus.agent().ask(ask_for(provider="openai", models=["gpt-4o-mini"]))
    code, results = agent.wait()
    assert code == GRANTED, results
    status, answer = agent.redeem()
    assert status == 200, answer
    client = bus.client()
    client.ask().wait()
    bus.secrets.append(client.verifier)
    pump(lambda: results["code"].encode() in bus.monitor.path.read_bytes(), 5, "nothing recorded")


# How a request ends

@pytest.mark.parametrize("ask, reason", [
    (dict(body=ask_for(provider="openai", models=["gpt-4o"])), "no_key"),
    (dict(code_challenge_method=("s", "plain")), "unsupported"),
    (dict(body=ask_for(limits={"weekly_spend": 1})), "invalid"),
    (dict(body="{"), "invalid"),
    (dict(body="[]"), "invalid"),
    (dict(body='{"a":' * 50 + "1" + "}" * 50), "invalid"),
    (dict(body=json.dumps(ask_for(name="x" * 70000))), "invalid"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_refused_by_a_rule(granting, ask, reason):
    handle = granting.bus.client().ask(**ask)
    assert handle.reason() == (POLICY, reason)
    assert handle.state() == "decided"


def test_refused_by_the_user(bus, new_serve):
    new_serve(approve="never")
    handle = bus.client().ask()
    assert handle.reason() == (REFUSED, "user_denied")
    assert handle.state() == "decided"


def test_locked(bus, new_serve):
    new_serve(unlock=False)
    assert bus.client().ask().reason() == (POLICY, "locked")


def test_no_display(bus, new_serve):
    """Nobody to ask: neither a display nor a terminal."""
    new_serve(approve="ask")
    assert bus.client().ask().reason() == (POLICY, "no_display")


@pytest.fixture(scope="module")
def unanswered(tmp_path_factory):
    """A request that is asked about from the first test on, and never answered."""
    folder = tmp_path_factory.mktemp("unanswered")
    bus = Bus(folder)
    (folder / "vault").mkdir()
    serve = Serve(bus, folder / "vault").init().start(approve="ask", terminal=True)
    client = bus.client()
    yield client.ask(timeout=("u", 1))  # less than the least: 30 s
    serve.stop()
    bus.stop()


def test_an_answer_in_time_is_expected(unanswered):
    assert unanswered.responses == []


def test_not_interactive(asking):
    handle = asking.bus.client().ask(interactive=("b", False))
    assert handle.reason() == (POLICY, "no_display")
    assert handle.states == ["decided"] and asking.pending() == 0


def test_given_again(granting):
    """What a program has is given to it again without a question, even if none may be asked."""
    agent = granting.bus.agent()
    code, results = agent.ask().wait()
    assert code == GRANTED, results
    status, first = agent.redeem()
    assert status == 200, first
    agent.responses.clear()
    code, again = agent.ask(interactive=("b", False)).wait()
    assert code == GRANTED and again["grant_id"] == results["grant_id"]
    status, second = agent.redeem()
    assert status == 200 and second["token"] != first["token"]


def test_closed_while_presented(asking):
    handle = asking.bus.client().ask()
    pump(lambda: handle.states == ["presented"])
    assert handle.state() == "presented"
    handle.close()
    assert handle.reason() == (ENDED, "closed")
    assert handle.states == ["presented", "closed"] and handle.state() == "closed"
    handle.close()  # harmless
    assert len(handle.responses) == 1


def test_closed_after_the_decision(granting):
    client = granting.bus.client()
    handle = client.ask()
    code, results = handle.wait()
    assert code == GRANTED
    handle.close()
    assert handle.state() == "decided" and len(handle.responses) == 1
    status, answer = client.redeem(results)
    assert status == 200, answer


def test_okap_ends(bus, new_serve):
    asking = new_serve(approve="ask", terminal=True)
    handles = [bus.agent().ask() for _ in range(3)]
    pump(lambda: asking.pending() == 3)
    asking.stop()
    for handle in handles:
        assert handle.reason() == (ENDED, "session_ending")
        assert handle.states[-1] == "closed"


def test_too_many(asking):
    """A caller that asks without end is told so at once, and others still have room. The same
    question is asked once, for all of its requests."""
    client, other = asking.bus.client(), asking.bus.agent()
    handles = [client.send() for _ in range(100)]
    pump(lambda: all(handle.replied for handle in handles))
    pump(lambda: sum(len(handle.responses) for handle in handles) >= 84)
    for handle in handles:
        if handle.responses:
            code, results = handle.responses[0]
            assert (code, results["reason"]) == (POLICY, "throttled")
            assert results["retry_after"] > 0
    assert asking.pending() == 1
    for handle in handles:
        handle.close() if not handle.responses else None
    assert all(handle.wait()[0] in (ENDED, POLICY) for handle in handles)
    other.ask(ask_for(name="Other"))
    pump(lambda: other.states == ["presented"], 5)


# Handles

def test_handles(asking):
    client = asking.bus.client()
    first = client.ask(token="My_token_1")
    assert first.path == client.path_of("My_token_1")
    second = client.ask(token="My_token_1", body=ask_for(models=["demo-large"]))
    assert second.path != first.path
    assert second.path.startswith(first.path + "_"), "a clash gets a suffix"
    other = asking.bus.client()
    assert other.ask(token="My_token_1").path == other.path_of("My_token_1")
    first.close()
    assert first.reason() == (ENDED, "closed")
    again = client.ask(token="My_token_1")  # what has ended is in nobody's way
    assert again.path == first.path
    chosen = client.ask(options=client.options())
    assert chosen.path.startswith(client.path_of(""))
    longest = client.ask(token="a" * 64)
    assert longest.path == client.path_of("a" * 64)


def test_match_code(asking):
    client = asking.bus.client()
    handle = client.ask()
    assert handle.match_code() == match_of(challenge_of(client.verifier))


def test_a_request_is_its_caller_s(asking):
    client, other = asking.bus.client(), asking.bus.client()
    handle = client.ask()
    seen = []
    other.connection.signal_subscribe(NAME, None, None, handle.path, None, 0,
                                      lambda *args: seen.append(args[4]))
    for attempt in (lambda: handle.close(other), lambda: other.get(handle.path, REQUEST, "State"),
                    lambda: other.get(handle.path, REQUEST, "MatchCode")):
        with pytest.raises(BusError) as raised:
            attempt()
        assert raised.value.name == DENIED
    assert handle.state() in ("queued", "presented") and handle.responses == []
    handle.close()
    assert handle.reason() == (ENDED, "closed")
    other.main("ListGrants")  # whatever was sent to it has come
    assert seen == []


def test_the_latest_stay_readable(granting):
    """A client that subscribes too late reads State; but not without end."""
    client = granting.bus.client()
    handles = []
    for _ in range(12):
        handles.append(client.ask(body="{"))
        handles[-1].wait()
    assert [handle.state() for handle in handles[-8:]] == ["decided"] * 8
    with pytest.raises(BusError):
        handles[0].state()


@pytest.mark.parametrize("options, error", [
    (dict(code_challenge=None), INVALID),
    (dict(code_challenge=("s", "")), INVALID),
    (dict(code_challenge=("s", "a" * 42)), INVALID),
    (dict(code_challenge=("s", "a" * 44)), INVALID),
    (dict(code_challenge=("s", "+" * 43)), INVALID),
    (dict(code_challenge=("ay", b"a" * 43)), INVALID),
    (dict(handle_token=("s", "")), INVALID),
    (dict(handle_token=("s", "a" * 65)), INVALID),
    (dict(handle_token=("s", "a-b")), INVALID),
    (dict(handle_token=("s", "a/b")), INVALID),
    (dict(handle_token=("s", "ä")), INVALID),
    (dict(handle_token=("o", "/a")), INVALID),
    (dict(timeout=("i", 60)), INVALID),
    (dict(timeout=("s", "60")), INVALID),
    (dict(interactive=("s", "yes")), INVALID),
    (dict(activation_token=("u", 1)), INVALID),
    (dict(activation_token=("s", "a" * 1025)), "org.freedesktop.DBus.Error.LimitsExceeded"),
])
def test_wrong_options(granting, options, error):
    client = granting.bus.client()
    chosen = client.options()
    for name, value in options.items():
        chosen.pop(name, None)
        if value is not None:
            chosen[name] = GLib.Variant(*value)
    with pytest.raises(BusError) as raised:
        client.ask(options=chosen)
    assert raised.value.name == error
    assert next(iter(options)) in str(raised.value)


def test_other_calls_that_are_wrong(granting):
    client = granting.bus.client()
    with pytest.raises(BusError) as raised:
        client.ask(parent="x" * 1025)
    assert raised.value.name == "org.freedesktop.DBus.Error.LimitsExceeded"
    for parameters in (None, GLib.Variant("(ss)", ("", "{}")), GLib.Variant("(s)", ("",))):
        with pytest.raises(BusError) as raised:
            client.main("RequestAccess", parameters)
        assert raised.value.name == INVALID
    for method in ("Approve", "Allow", "Grant", "Redeem", "Unlock"):
        with pytest.raises(BusError) as raised:
            client.main(method)
        assert raised.value.name == "org.freedesktop.DBus.Error.UnknownMethod"
    handle = client.ask(of_a_later_version=("s", "is ignored"), timeout=("u", 4294967295))
    assert handle.wait()[0] == GRANTED


# Callers that leave

@pytest.mark.parametrize("how", ["leave", "close"])
def test_taken_back(asking, how):
    """Whether it waits or is asked about: what nobody waits for is not asked."""
    shown, waits, last = (asking.bus.agent() for _ in range(3))
    for agent, name in ((shown, "First"), (waits, "Second"), (last, "Third")):
        agent.ask(ask_for(name=name))
        pump(lambda: asking.pending() == (shown, waits, last).index(agent) + 1)
    assert (shown.states, waits.states, last.states) == (["presented"], [], [])
    getattr(waits, how)()
    getattr(shown, how)()
    pump(lambda: last.states == ["presented"], 1)
    assert waits.states == ([] if how == "leave" else ["closed"])
    on_terminal = []
    pump(lambda: on_terminal.append(asking.shown()) or "Third" in "".join(on_terminal))
    assert "Second" not in "".join(on_terminal)


def test_vanished_before_it_is_looked_at(asking):
    for _ in range(50):
        client = asking.bus.client()
        client.send()
        client.connection.flush_sync(None)
        client.leave()
    handle = asking.bus.agent().ask(ask_for(name="Still there"))
    pump(lambda: handle.states == ["presented"], 10)


# Properties

def test_properties(bus, new_serve):
    serve = new_serve(unlock=False)
    client = bus.client()
    told = []
    client.connection.signal_subscribe(
        NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged", PATH, None, 0,
        lambda *args: told.append(args[5].unpack()[1]))
    assert client.get(PATH, MAIN, "Version") == 1
    assert client.get(PATH, MAIN, "BaseUrl") == serve.origin
    assert client.get(PATH, MAIN, "State") == "locked"
    serve.run("unlock", passphrase=True)
    pump(lambda: {"State": "unlocked"} in told)
    assert client.get(PATH, MAIN, "State") == "unlocked"
    serve.run("pause")
    pump(lambda: told[-1] == {"State": "paused"})
    serve.run("lock")
    pump(lambda: told[-1] == {"State": "locked"})
    assert [change for change in told if "BaseUrl" not in change] == [
        {"State": "unlocked"}, {"State": "paused"}, {"State": "locked"}]
    assert client.main("ListGrants") == []


# Grants

def gdbus(bus, method, *args):
    """A call by another program."""
    done = subprocess.run(("gdbus", "call", "--address", bus.address, "--dest", NAME,
                           "--object-path", PATH, "--method", f"{MAIN}.{method}", *args),
                          capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_own_grants_only(bus, serve):
    client = bus.client()
    told = []
    client.connection.signal_subscribe(NAME, MAIN, "GrantChanged", PATH, None, 0,
                                       lambda *args: told.append(args[5].unpack()))
    first = client.ask().wait()[1]["grant_id"]
    second = client.ask(body=ask_for(models=["demo-large"])).wait()[1]["grant_id"]
    assert {grant["grant_id"] for grant in client.main("ListGrants")} == {first, second}
    assert {grant["grant_id"] for grant in bus.client().main("ListGrants")} == {first, second}

    assert gdbus(bus, "ListGrants") == "(@aa{sv} [],)"
    assert gdbus(bus, "Revoke", first) == "()"
    states = {grant["grant_id"]: grant["state"] for grant in client.main("ListGrants")}
    assert states == {first: "active", second: "active"} and told == []

    serve.run("grants", "pause", second)
    serve.run("grants", "resume", second, passphrase=True)
    client.main("Revoke", GLib.Variant("(s)", (first,)))
    client.main("Revoke", GLib.Variant("(s)", (first,)))
    client.main("Revoke", GLib.Variant("(s)", ("g_nosuchgrant1",)))
    states = {grant["grant_id"]: grant["state"] for grant in client.main("ListGrants")}
    assert states == {first: "revoked", second: "active"}
    pump(lambda: told == [(second, "paused"), (second, "resumed"), (first, "revoked")])


# The bus itself

def test_only_one(bus, serve, new_serve, tmp_path):
    folder = tmp_path / "second"
    folder.mkdir()
    second = Serve(bus, folder).init().start(ready=False)
    assert second.process.wait(20) != 0
    assert "Another Okap has the name" in second.stderr()
    assert bus.client().ask().wait()[0] == GRANTED


def test_no_bus(bus, tmp_path):
    serve = Serve(bus, tmp_path).init()
    for address in ("", "unix:path=/nonexistent/bus"):
        serve.env["DBUS_SESSION_BUS_ADDRESS"] = address
        serve.start(ready=False)
        assert serve.process.wait(20) != 0
        assert "There is no session bus" in serve.stderr()


def test_a_bus_that_does_not_answer(bus, tmp_path):
    serve = Serve(bus, tmp_path).init()
    path = tmp_path / "silent"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen(8)
        serve.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
        serve.start(ready=False)
        assert serve.process.wait(20) != 0
    assert "does not answer" in serve.stderr()


def test_a_bus_that_goes(bus, serve):
    client = bus.client()
    assert client.ask().wait()[0] == GRANTED
    bus.process.kill()
    bus.process.wait()
    pump(lambda: "The session bus is gone" in serve.stderr())
    host = serve.origin.split("/")[2]
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", "/.well-known/okap")
    assert connection.getresponse().status == 200
    connection.close()


STRANGER = """
import json, sys
from client import BusError, Client
from gi.repository import GLib
client = Client(sys.argv[1])
said = {"request": client.ask().reason()}
for name, call in (("list", lambda: client.main("ListGrants")),
                   ("revoke", lambda: client.main("Revoke", GLib.Variant("(s)", ("g_1",))))):
    try:
        call()
    except BusError as error:
        said[name] = error.name
print(json.dumps(said))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="another user can only be had by root")
def test_another_user(granting):
    """A bus that lets others in, as some are set up."""
    assert granting.bus.client().ask().wait()[0] == GRANTED
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shutil.copy(Path(__file__).with_name("client.py"), folder)
        Path(folder, "stranger.py").write_text(STRANGER)
        done = subprocess.run(("setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-B",
                               f"{folder}/stranger.py", granting.bus.address),
                              capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"request": [POLICY, "blocked"], "list": DENIED,
                                       "revoke": DENIED}


def test_nobody_answered(unanswered):
    """The last of this file: the request was there since the first ones."""
    assert unanswered.reason(35) == (ENDED, "timed_out")
    assert unanswered.states == ["presented", "expired"]
