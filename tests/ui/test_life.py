# SPDX-License-Identifier: GPL-3.0-or-later
"""Life without a window: how to come back, what it costs, and that it does not grow."""
import configparser
import http.client
import json
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gi.repository import Gio, GLib

from app import PASSPHRASE, app_program, okap_program
from desktop import wait_for
from tray import Watcher

MB = 1024  # kB


def activate():
    """As the desktop does when Okap is opened from its app menu."""
    Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
        "com.example.Okap", "/com/example/Okap", "org.freedesktop.Application", "Activate",
        GLib.Variant("(a{sv})", ({},)), None, 0, 5000, None)


def close(app, window):
    app.desktop.activate(window)
    app.key("ctrl+w")
    app.wait_gone("Okap")


def private_kb(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(number) for number in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", text))


def own_kb(pid):
    """What is of no file: what can grow."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", text)[1])


def settled_kb(pid):
    """The same, when what was used before is given back: a second after the last window closed."""
    time.sleep(1.5)
    sizes = [own_kb(pid), 0]
    while sizes[0] != sizes[1]:
        time.sleep(0.5)
        sizes = [own_kb(pid), sizes[0]]
    return sizes[0]


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def wake_ups(pid):
    """By thread, how often it woke by itself or was woken."""
    counts = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (task / "comm").read_text().strip()
            status = (task / "status").read_text()
        except OSError:
            continue
        counts[f"{name} {task.name}"] = int(
            re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M)[1])
    return counts


def unlock(app):
    subprocess.run((okap_program(), "unlock"), input=PASSPHRASE.encode(), env=app.env, check=True,
                   timeout=30)


# The way back

def test_without_a_tray(notifications, new_app):
    """A person is told how to come back, once: in the window, then by a notification."""
    app = new_app().init()
    app.configure()
    app.start()
    window = app.unlock()
    app.says("Closing the window keeps Okap running")
    app.picture("no-tray", window)
    close(app, window)
    told = notifications.next(5)
    assert told["title"] == "Okap Keeps Running" and "app menu" in told["body"], told
    assert app.call("GET", "/.well-known/okap")[0] == 200
    subprocess.run((app_program(),), env=app.env, check=True, timeout=20)
    window = app.window()
    time.sleep(0.5)
    assert "Closing the window keeps" not in app.texts()
    close(app, window)
    assert notifications.nothing(1), notifications.unexpected
    notifications.choose(told["number"])
    app.window()


def test_with_a_tray(notifications, new_app):
    """The icon is the way back; nothing has to be said."""
    watcher = Watcher()
    try:
        app = new_app().init()
        app.configure()
        app.start()
        item = watcher.item()
        window = app.unlock()
        time.sleep(0.5)
        assert "Closing the window keeps" not in app.texts()
        close(app, window)
        assert notifications.nothing(1), notifications.unexpected
        item.activate("token-1")
        window = app.window()
        watcher.stop()  # the panel dies while the window is there: now it has to be said
        app.says("Closing the window keeps Okap running")
        app.press("Got It", window)
        wait_for(lambda: "Closing the window keeps" not in app.texts())
        close(app, window)
        assert notifications.nothing(1), notifications.unexpected
        item.close()
    finally:
        if watcher.process.poll() is None:
            watcher.stop()


def test_autostart(new_app):
    app = new_app().init().start()
    app.unlock()
    path = app.folder / "config" / "autostart" / "com.example.Okap.desktop"
    app.configure("autostart=true")
    wait_for(path.exists, message="no entry")
    entry = configparser.RawConfigParser(strict=True)
    entry.optionxform = str
    wait_for(lambda: entry.read(path) and entry.has_option("Desktop Entry", "Exec"))
    values = dict(entry["Desktop Entry"])
    assert values["Exec"] == f'"{app_program()}" --background' and values["Type"] == "Application"
    app.configure("autostart=false")
    wait_for(lambda: not path.exists(), message="the entry stays")


# What it costs

@pytest.mark.plain
@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.long)])
def test_idle(new_app, seconds):
    """Nothing wakes up, and private memory stays below 40 MB, also after a window was there."""
    watcher = Watcher()
    try:
        app = new_app(args=("--background",)).init().start()
        item = watcher.item()
        item.properties()  # as a host does, so that the icon is drawn
        unlock(app)
        for when in ("fresh", "after a window"):
            if when != "fresh":
                activate()
                window = app.window()
                for page in ("Keys", "Activity", "Apps"):
                    app.go_to(page, window)
                close(app, window)
            # The window's memory is given back, and threads of GLib's pool end, after a while.
            wait_for(lambda: not any(name.startswith("pool") for name in wake_ups(app.pid)), 40)
            time.sleep(2)
            before = wake_ups(app.pid)
            time.sleep(seconds)
            woken = {name: count - before.get(name, 0) for name, count in wake_ups(app.pid).items()
                     if count != before.get(name)}
            print(f"{when}: {sum(woken.values())} wake-ups in {seconds} s, "
                  f"{private_kb(app.pid) / MB:.1f} MB private")
            assert not woken, woken
            assert private_kb(app.pid) < 40 * MB
        item.close()
    finally:
        watcher.stop()


@pytest.mark.plain
@pytest.mark.parametrize("windows", [
    30, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(2400)])])
def test_windows_leave_nothing(new_app, windows):
    app = new_app(args=("--background",)).init().start()
    unlock(app)
    sizes = []
    for i in range(windows + 10):
        activate()
        close(app, app.window())
        if i % 10 == 9:
            sizes.append((settled_kb(app.pid), descriptors(app.pid)))
    print(f"kB, descriptors after each ten windows: {sizes[:4]} … {sizes[-1]}")
    first, last = sizes[0], sizes[-1]
    # libadwaita 1.2 keeps some 2 kB of each window (the buffers of its password rows and the like).
    assert last[0] - first[0] < 2 * MB + 3 * windows, sizes
    assert last[1] <= first[1], sizes


class Callers:
    """Some callers of one app, each with a connection that it keeps."""

    def __init__(self, port, token, callers=20):
        self.port, self.callers = port, callers
        self.body = json.dumps({"model": "demo-fast", "max_tokens": 1,
                                "messages": [{"role": "user", "content": "Hello"}]})
        self.headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
        self.connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                            for _ in range(callers)]

    def ask(self, connection, times):
        for _ in range(times):
            connection.request("POST", "/v1/demo/chat/completions", self.body, self.headers)
            response = connection.getresponse()
            text = response.read()
            assert response.status == 200, text

    def call(self, times):
        with ThreadPoolExecutor(self.callers) as pool:
            list(pool.map(self.ask, self.connections, [times // self.callers] * self.callers))


@pytest.mark.plain
@pytest.mark.parametrize("requests", [
    10000, pytest.param(100000, marks=[pytest.mark.long, pytest.mark.timeout(1500)])])
def test_requests_leave_nothing(new_app, requests):
    """All by one app, while the window is closed."""
    app = new_app(args=("--background",)).init().start()
    unlock(app)
    request = app.request(limits={"requests_per_minute": 1000000, "requests_per_day": 10000000,
                                  "monthly_spend": 40, "daily_spend": 9})
    app.allow(app.window("Access Request"))
    callers = Callers(app.port, request.wait()["token"])
    sizes = []
    for _ in range(requests // 1000 + 1):
        callers.call(1000)
        time.sleep(0.5)  # the rows are written
        sizes.append((own_kb(app.pid), descriptors(app.pid)))
    print(f"kB, descriptors after each thousand requests: {sizes[:4]} … {sizes[-1]}")
    first, middle, last = sizes[0], sizes[len(sizes) // 2], sizes[-1]
    assert last[0] - first[0] < 5 * MB, sizes  # the database's pages in memory are bounded
    assert last[0] - middle[0] < (MB if requests > 50000 else 2.5 * MB), sizes
    assert last[1] <= first[1], sizes
