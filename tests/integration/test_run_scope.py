# SPDX-License-Identifier: GPL-3.0-or-later
"""okap run and the user's systemd: asked for a scope, believed only by what /proc says, and never
waited for long."""
import json
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

# Whether the command has become the parent of its orphans, as children see it.
SCRIPT = """
import ctypes, os
flag = ctypes.c_int()
ctypes.CDLL(None).prctl(37, ctypes.byref(flag))
print(os.getpid(), flag.value)
"""


@pytest.fixture
def bus(tmp_path):
    process = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                                "--print-address"], stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def systemd(bus):
    started = []

    def start(*args):
        process = subprocess.Popen(
            ["/usr/bin/python3", str(Path(__file__).parent / "systemd_mock.py"), *args],
            env={"DBUS_SESSION_BUS_ADDRESS": bus, "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE, text=True)
        started.append(process)
        line = process.stdout.readline()
        if not line:
            pytest.skip("no gi for python3")
        assert line == "ready\n"
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def run(okap):
    """The command's process, whether it adopts orphans, and how long all took."""
    start = time.monotonic()
    done = okap.run("run", "--provider", "demo", "--", sys.executable, "-c", SCRIPT)
    pid, adopts = done.stdout.split()
    return int(pid), adopts == "1", time.monotonic() - start


def test_asked(okap, bus, systemd):
    """The call that systemd wants; that it says yes is no proof, so orphans are adopted."""
    manager = systemd()
    okap.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    pid, adopts, seconds = run(okap)
    asked = json.loads(manager.stdout.readline())
    assert re.fullmatch(r"app-okap-run-[0-9a-f]{16}\.scope", asked["name"])
    assert asked["mode"] == "fail" and asked["others"] == []
    assert asked["properties"] == {
        "PIDs": [pid], "Slice": "app.slice", "CollectMode": "inactive-or-failed",
        "Description": "okap run: " + sys.executable}
    assert adopts and seconds < 10
    names = {asked["name"]}
    for _ in range(3):
        run(okap)
        names.add(json.loads(manager.stdout.readline())["name"])
    assert len(names) == 4


def test_mute(okap, bus, systemd):
    systemd("mute")
    okap.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    assert run(okap)[1] and run(okap)[2] < 10


def test_no_systemd(okap, bus):
    okap.env["DBUS_SESSION_BUS_ADDRESS"] = bus
    assert run(okap)[1]


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", ""])
def test_no_bus(okap, address):
    okap.env["DBUS_SESSION_BUS_ADDRESS"] = address
    assert run(okap)[1]


def test_silent_bus(okap, tmp_path):
    """Something listens there that never says a word."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen(4)
        held = []
        thread = threading.Thread(target=lambda: held.append(listener.accept()), daemon=True)
        thread.start()
        okap.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path}/bus"
        assert run(okap)[1]
        thread.join(10)
        assert held
        held[0][0].close()
