# SPDX-License-Identifier: GPL-3.0-or-later
"""The tray, as a test reads and uses it: the watcher, and what a host does with an item."""
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path

from gi.repository import Gio, GLib

from desktop import PATIENCE, wait_for

ITEM = "org.kde.StatusNotifierItem"
ITEM_PATH = "/StatusNotifierItem"
MENU = "com.canonical.dbusmenu"


class Watcher:
    def __init__(self, *args):
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "tray_watcher.py"), *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.told = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        assert self.next() == "ready"

    def _read(self):
        for line in self.process.stdout:
            self.told.put(json.loads(line))

    def next(self, seconds=20):
        return self.told.get(timeout=PATIENCE * seconds)

    def item(self):
        """The item that registers next."""
        told = self.next()
        assert "item" in told, told
        return Item(told["item"])

    def set_host(self, has_host):
        self.process.stdin.write(f"host {int(has_host)}\n")
        self.process.stdin.flush()

    def stop(self):
        """At once, as a panel that crashes."""
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdin.close()
        self.process.stdout.close()
        while not self.told.empty():
            told = self.told.get()
            assert "fault" not in told, told


class Item:
    """What a host sees of an item, and does with it."""

    def __init__(self, owner):
        self.owner = owner
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.signals = []
        self.subscriptions = [
            self.bus.signal_subscribe(owner, interface, None, None, None, 0, self._signal_cb)
            for interface in (ITEM, MENU)]

    def close(self):
        for number in self.subscriptions:
            self.bus.signal_unsubscribe(number)

    def _signal_cb(self, bus, sender, path, interface, signal, arguments):
        self.signals.append((signal, arguments))

    def pump(self, what, seconds=10, message="nothing came"):
        """Waits for WHAT while signals come in."""
        def look():
            while GLib.MainContext.default().iteration(False):
                pass
            return what()
        return wait_for(look, seconds, message=message)

    def pump_signal(self, name, seconds=10):
        return self.pump(lambda: [a for s, a in self.signals if s == name], seconds,
                         f"no signal {name}")

    def call(self, path, interface, method, arguments=None):
        return self.bus.call_sync(self.owner, path, interface, method, arguments, None, 0, 5000,
                                  None)

    def properties(self):
        """Name to GVariant, of all."""
        answer = self.call(ITEM_PATH, "org.freedesktop.DBus.Properties", "GetAll",
                           GLib.Variant("(s)", (ITEM,))).get_child_value(0)
        entries = [answer.get_child_value(i) for i in range(answer.n_children())]
        return {entry.get_child_value(0).get_string(): entry.get_child_value(1).get_variant()
                for entry in entries}

    def get(self, name):
        return self.properties()[name].unpack()

    def activate(self, token=None):
        if token is not None:
            self.call(ITEM_PATH, ITEM, "ProvideXdgActivationToken", GLib.Variant("(s)", (token,)))
        self.call(ITEM_PATH, ITEM, "Activate", GLib.Variant("(ii)", (10, 10)))

    # The menu

    def menu_call(self, method, arguments):
        return self.call(self.get("Menu"), MENU, method, arguments)

    def layout(self):
        """(revision, [(id, properties, children)]) of the whole menu."""
        return self.menu_call("GetLayout", GLib.Variant("(iias)", (0, -1, []))).unpack()

    def lines(self):
        """The labels that are seen, in their order; "-" for a line."""
        revision, (_, _, children) = self.layout()
        return ["-" if child[1].get("type") == "separator" else child[1]["label"]
                for child in children if child[1].get("visible", True)]

    def line(self, label):
        for child in self.layout()[1][2]:
            if child[1].get("label") == label and child[1].get("visible", True):
                return child
        return None

    def choose(self, label):
        line = self.line(label)
        assert line is not None, (label, self.lines())
        self.menu_call("Event", GLib.Variant("(isvu)", (line[0], "clicked",
                                                       GLib.Variant("i", 0), 0)))
