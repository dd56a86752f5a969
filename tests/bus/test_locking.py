# SPDX-License-Identifier: GPL-3.0-or-later
"""Locking with the session: what logind, screen savers and the compositor say; and nothing that
they do, or do not, holds Okap up or keeps the user out."""
import http.client
import json
import os
import subprocess
import time

import pytest

pytest.importorskip("dbusmock")
from client import GRANTED, MAIN, PATH, pump  # noqa: E402
from conftest import PASSPHRASE, Bus, Serve, okap_program, pipe_with  # noqa: E402
from session_mocks import (MANAGER, MANAGER_PATH, SAVERS, SESSION, SESSION_PATH,  # noqa: E402
                           IdleMonitor, Logind, Mock, ScreenSaver)


@pytest.fixture
def mocks():
    """A function that starts a mock; all are killed at the end."""
    made = []

    def make(kind, *args, **kwargs):
        made.append(kind(*args, **kwargs))
        return made[-1]

    yield make
    for mock in made:
        mock.kill()


@pytest.fixture
def system(tmp_path):
    folder = tmp_path / "system"
    folder.mkdir()
    bus = Bus(folder)
    yield bus
    if bus.process.poll() is None:
        bus.stop()


class Watched:
    """A served vault and what it says of itself on the bus."""

    def __init__(self, serve):
        self.serve = serve
        self.client = serve.bus.client()

    def state(self):
        return self.client.get(PATH, MAIN, "State")

    def wait(self, state, seconds=5):
        pump(lambda: self.state() == state, seconds, f"it is {self.state()} and not {state}")

    def stays(self, state, seconds=0.7):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.state() == state
            time.sleep(0.05)

    def unlock(self):
        self.serve.run("unlock", passphrase=True)

    def refused(self, *command):
        """What the command says against it."""
        fd = pipe_with(PASSPHRASE)
        if command[-1] == "--passphrase-fd":
            command = (*command, str(fd))
        done = subprocess.run((okap_program(), *command), env=self.serve.env, text=True,
                              pass_fds=(fd,), capture_output=True, timeout=60)
        os.close(fd)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def chat(self, token):
        connection = http.client.HTTPConnection(self.serve.origin.split("/")[2], timeout=20)
        connection.request("POST", "/v1/demo/chat/completions", json.dumps({
            "model": "demo-fast", "messages": [{"role": "user", "content": "hello"}]}),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        return response.status, answer, response.headers


@pytest.fixture
def new_watched(bus, system, tmp_path):
    """A function that serves a vault on both buses, with settings."""
    made = []

    def make(with_system=True, **settings):
        folder = tmp_path / "vault"
        folder.mkdir()
        made.append(Serve(bus, folder, system if with_system else None).init().set(**settings))
        return Watched(made[-1].start())

    yield make
    for serve in made:
        serve.stop()


# --- sleep ---

def test_sleep(system, mocks, new_watched):
    """Three times, each signal twice: locked when the machine is let go, and held up anew."""
    logind = mocks(Logind, system)
    watched = new_watched()
    for _ in range(3):
        watched.wait("unlocked")
        logind.wait_inhibited()
        assert logind.inhibitors() == [("sleep", "Okap", "Wiping the keys from memory", "delay")]
        start = time.monotonic()
        logind.sleep(True)
        logind.sleep(True)
        logind.wait_inhibited(False)
        assert watched.state() == "locked"
        assert time.monotonic() - start < 1.5
        assert "The vault is locked" in watched.refused("grants", "list")
        logind.sleep(False)
        logind.sleep(False)
        logind.wait_inhibited()
        watched.unlock()


def test_wake_that_never_comes(system, mocks, new_watched):
    """logind dies over a sleep: the user is not kept out."""
    logind = mocks(Logind, system)
    watched = new_watched()
    logind.wait_inhibited()
    logind.sleep(True)
    watched.wait("locked")
    logind.kill()
    time.sleep(0.3)
    watched.unlock()
    watched.wait("unlocked")
    logind.start()
    logind.wait_inhibited()


@pytest.mark.parametrize("how", ["shutdown", "removed", "other-user"])
def test_ends(system, mocks, new_watched, how):
    logind = mocks(Logind, system)
    watched = new_watched()
    logind.wait_inhibited()
    time.sleep(0.3)
    if how == "shutdown":
        logind.emit(MANAGER_PATH, MANAGER, "PrepareForShutdown", "b", True)
    elif how == "removed":
        logind.emit(MANAGER_PATH, MANAGER, "SessionRemoved", "so", "c1", SESSION_PATH)
    else:
        logind.switch("c2")
    watched.wait("locked")


def test_session_manager(bus, mocks, new_watched):
    manager = mocks(Mock, bus, "org.gnome.SessionManager", "/org/gnome/SessionManager")
    watched = new_watched(with_system=False)
    time.sleep(0.3)
    manager.emit("/org/gnome/SessionManager", "org.gnome.SessionManager", "SessionOver", "")
    watched.wait("locked")


def test_seat(system, mocks, new_watched):
    """A screen for logging in is a locked screen; a console of one's own is nothing."""
    logind = mocks(Logind, system)
    watched = new_watched()
    logind.wait_inhibited()
    time.sleep(0.3)
    logind.switch("c3")
    watched.wait("restricted")
    logind.switch("c1")
    watched.wait("unlocked")
    logind.switch("c4")
    time.sleep(0.5)
    watched.wait("unlocked")


# --- the screen ---

def test_restricted(bus, mocks, new_watched):
    """What works on a locked screen, and what does not."""
    saver = mocks(ScreenSaver, bus)
    watched = new_watched(with_system=False)
    client = bus.client()
    code, results = client.ask().wait()
    assert code == GRANTED, results
    token = client.redeem(results)[1]["token"]
    grant = results["grant_id"]
    assert json.loads(watched.serve.run("status", "--json"))["vault"] == "unlocked"
    saver.say(True)
    watched.wait("restricted")
    assert json.loads(watched.serve.run("status", "--json"))["vault"] == "restricted"
    assert watched.chat(token)[0] == 200

    watched.serve.run("grants", "pause", grant)
    for command in (("grants", "resume", grant, "--passphrase-fd"),
                    ("threshold", "--daily", "500", "--passphrase-fd"),
                    ("usage", "keep", "--days", "1")):
        assert "screen is locked" in watched.refused(*command), command
    saver.say(False)
    watched.wait("unlocked")
    watched.serve.run("grants", "resume", grant, passphrase=True)
    assert watched.chat(token)[0] == 200

    watched.serve.run("lock")
    status, answer, headers = watched.chat(token)
    assert status == 423 and answer["error"]["type"] == "vault_locked"
    assert int(headers["Retry-After"]) > 0


@pytest.mark.parametrize("name", SAVERS)
def test_savers(bus, mocks, new_watched, name):
    """Each of them, from the start locked; dying with "locked" as its last word."""
    saver = mocks(ScreenSaver, bus, name, active=True)
    watched = new_watched(with_system=False)
    watched.wait("restricted")
    saver.say(False)
    watched.wait("unlocked")
    saver.say(True)
    saver.say(True)
    watched.wait("restricted")
    saver.kill()
    watched.stays("restricted")
    assert "without a word of unlocking" in watched.serve.stderr()
    saver.active = False
    saver.start()
    watched.wait("unlocked")
    saver.say(True)
    watched.wait("restricted")
    saver.kill()
    watched.stays("restricted")
    watched.unlock()
    watched.wait("unlocked")


@pytest.mark.parametrize("by_process", [True, False])
def test_session(system, mocks, new_watched, by_process):
    """logind's hint and its signals, whichever way the session is found."""
    logind = mocks(Logind, system, by_process=by_process)
    watched = new_watched()
    logind.wait_inhibited()
    time.sleep(0.3)
    logind.hint(True)
    watched.wait("restricted")
    logind.hint(False)
    watched.wait("unlocked")
    logind.emit(SESSION_PATH, SESSION, "Lock", "")
    logind.emit(SESSION_PATH, SESSION, "Lock", "")
    watched.wait("restricted")
    logind.emit(SESSION_PATH, SESSION, "Unlock", "")
    watched.wait("unlocked")
    logind.emit(SESSION_PATH, SESSION, "Lock", "")
    watched.wait("restricted")
    logind.hint(True)
    logind.hint(False)  # a locker that tells of its end only here
    watched.wait("unlocked")
    logind.hint(True)
    watched.wait("restricted")
    logind.kill()
    watched.stays("restricted")
    watched.unlock()
    watched.wait("unlocked")


def test_strict(bus, system, mocks, new_watched):
    saver = mocks(ScreenSaver, bus)
    watched = new_watched(lock_strict="true")
    time.sleep(0.3)
    saver.say(True)
    watched.wait("locked")
    saver.say(False)
    watched.unlock()
    watched.wait("unlocked")
    watched.serve.set(lock_strict="false")  # while it runs
    time.sleep(0.5)
    saver.say(True)
    watched.wait("restricted")


def test_idle(bus, mocks, new_watched):
    """Told by the compositor, and never asked again and again."""
    monitor = mocks(IdleMonitor, bus)
    watched = new_watched(with_system=False, lock_idle_minutes="3")
    pump(lambda: ("AddIdleWatch", [180000]) in monitor.calls())
    monitor.fire(99)
    watched.stays("unlocked", 0.3)
    monitor.fire(7)
    watched.wait("restricted")
    pump(lambda: ("AddUserActiveWatch", []) in monitor.calls())
    time.sleep(0.3)
    monitor.fire(8)
    watched.wait("unlocked")
    monitor.fire(7)
    watched.wait("restricted")
    monitor.kill()
    watched.stays("restricted", 0.3)
    monitor.start()
    pump(lambda: ("AddUserActiveWatch", []) in monitor.calls())
    time.sleep(0.3)
    monitor.fire(8)
    watched.wait("unlocked")
    watched.serve.set(lock_idle_minutes="0")
    pump(lambda: ("RemoveWatch", [7]) in monitor.calls())
    assert len(monitor.calls()) < 6, monitor.calls()


# --- services in trouble ---

def test_slow(bus, system, mocks, new_watched):
    """All of them hang: Okap starts, answers, and hears them when they go on."""
    logind = mocks(Logind, system)
    saver = mocks(ScreenSaver, bus, active=True)
    monitor = mocks(IdleMonitor, bus)
    for mock in (logind, saver, monitor):
        mock.freeze()
    start = time.monotonic()
    watched = new_watched()
    assert watched.state() == "unlocked"
    served = time.monotonic() - start
    start = time.monotonic()
    watched.serve.run("status")
    print(f"\nall services hang: served after {served:.2f} s")
    assert time.monotonic() - start < 1 and served < 8
    for mock in (logind, saver, monitor):
        mock.thaw()
    watched.wait("restricted", 10)
    logind.wait_inhibited()


@pytest.mark.parametrize("gives, code", [("s", "ret = 'yes'"), ("u", "ret = 1"),
                                         ("b", "raise ValueError('no')")])
def test_nonsense(bus, mocks, new_watched, gives, code):
    saver = mocks(ScreenSaver, bus, gives=gives, code=code)
    watched = new_watched(with_system=False)
    watched.stays("unlocked")
    saver.emit(saver.path, saver.name, "ActiveChanged", "s", "locked")
    watched.stays("unlocked", 0.3)
    saver.say(True)
    watched.wait("restricted")


def test_buses_die(bus, system, mocks, new_watched):
    """A server outlives both; what was locked stays so until the passphrase is typed."""
    saver = mocks(ScreenSaver, bus, active=True)
    watched = new_watched()
    watched.wait("restricted")
    saver.kill()
    system.process.kill()
    system.process.wait()
    time.sleep(0.5)
    watched.stays("restricted", 0.3)
    watched.unlock()
    watched.wait("unlocked")
