# SPDX-License-Identifier: GPL-3.0-or-later
"""Okap in the tray: before a strict watcher and host of our own, and in Xfce's panel."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest
from gi.repository import GLib

from app import artifacts
from desktop import wait_for
from tray import Watcher

CALM, LOCKED, PAUSED, ATTENTION = (
    f"com.example.Okap{state}-symbolic" for state in ("", "-locked", "-paused", "-attention"))

TYPES = {
    "Category": "s", "Id": "s", "Title": "s", "Status": "s", "WindowId": "i", "IconThemePath": "s",
    "IconName": "s", "IconPixmap": "a(iiay)", "OverlayIconName": "s",
    "OverlayIconPixmap": "a(iiay)", "AttentionIconName": "s", "AttentionIconPixmap": "a(iiay)",
    "AttentionMovieName": "s", "ToolTip": "(sa(iiay)ss)", "ItemIsMenu": "b", "Menu": "o",
    "XAyatanaLabel": "s", "XAyatanaLabelGuide": "s",
}


@pytest.fixture
def watcher(desktop):
    made = []

    def start(*args):
        made.append(Watcher(*args))
        return made[-1]

    yield start
    for each in made:
        if each.process.poll() is None:
            each.stop()


def check_pixmaps(pixmaps):
    """All sizes, each with something to see, none all black or all covered."""
    assert [(width, height) for width, height, _ in pixmaps] == [
        (n, n) for n in (16, 22, 24, 32, 48)]
    for width, height, data in pixmaps:
        assert len(data) == 4 * width * height
        alpha = bytes(data)[0::4]
        assert 0 < sum(a > 128 for a in alpha) < len(alpha)


def test_item(watcher, app):
    """Every property has its type, and says what is so."""
    item = watcher().item()
    properties = item.properties()
    assert {name: value.get_type_string() for name, value in properties.items()} == TYPES
    values = {name: value.unpack() for name, value in properties.items()}
    assert values["Category"] == "ApplicationStatus" and values["Id"] == "com.example.Okap"
    assert values["Title"] == "Okap" and values["Status"] == "Active"
    assert values["ItemIsMenu"] is False and values["Menu"].startswith("/")
    assert values["IconName"] == CALM and values["ToolTip"] == (CALM, [], "Okap", "Unlocked")
    check_pixmaps(values["IconPixmap"])
    text = item.call("/StatusNotifierItem", "org.freedesktop.DBus.Introspectable",
                     "Introspect").unpack()[0]
    for method in ("Activate", "SecondaryActivate", "ContextMenu", "Scroll",
                   "ProvideXdgActivationToken"):
        assert f'<method name="{method}">' in text
    item.close()


def check_menu(item):
    """Whatever a menu must keep to; returns its lines."""
    revision, (root, properties, children) = item.layout()
    types = {"label": str, "enabled": bool, "visible": bool, "type": str}
    assert root == 0 and children and properties.get("children-display") == "submenu"
    numbers = [number for number, _, _ in children]
    assert len(set(numbers)) == len(numbers) and 0 not in numbers
    for _, each, below in children:
        assert below == []
        for name, value in each.items():
            assert isinstance(value, types[name]), (name, value)
        assert each.get("type") == "separator" or each["label"]
    group = item.menu_call("GetGroupProperties", GLib.Variant("(aias)", (numbers, []))).unpack()[0]
    assert {number: each for number, each in group} == {n: each for n, each, _ in children}
    assert item.menu_call("AboutToShow", GLib.Variant("(i)", (0,))).unpack() in ((True,), (False,))
    lines = item.lines()
    assert lines[0] != "-" and lines[-1] == "Quit Okap"
    assert not any(a == b == "-" for a, b in zip(lines, lines[1:])), lines
    return lines


def test_states_and_menu(watcher, app):
    """Locked, paused, attention with its count, used apps; each is told by signals."""
    item = watcher().item()
    window = app.window()
    assert check_menu(item) == ["Open Okap", "-", "Pause All Apps", "Lock", "-", "Quit Okap"]

    # A question
    request = app.request()
    dialog = app.window("Access Request")
    assert [a.unpack() for a in item.pump_signal("NewStatus")] == [("NeedsAttention",)]
    item.pump_signal("NewIcon"), item.pump_signal("NewToolTip")
    assert [a.unpack() for a in item.pump_signal("XAyatanaNewLabel")] == [("1", "")]
    values = {name: value.unpack() for name, value in item.properties().items()}
    assert values["Status"] == "NeedsAttention" and values["XAyatanaLabel"] == "1"
    assert values["IconName"] == values["AttentionIconName"] == ATTENTION
    assert values["ToolTip"][2:] == ("Okap", "1 request waits for you")
    check_pixmaps(values["AttentionIconPixmap"])
    assert check_menu(item)[0] == "Answer 1 Request…"
    app.desktop.activate(window)
    item.choose("Answer 1 Request…")
    app.desktop.activate(dialog)
    app.allow(dialog)
    token = request.wait()["token"]
    item.pump(lambda: item.get("Status") == "Active")
    assert item.get("AttentionIconPixmap") == [] and item.get("XAyatanaLabel") == ""

    # Use
    body = {"model": "demo-fast", "messages": [{"role": "user", "content": "Hello"}]}
    item.signals.clear()
    assert app.call("POST", "/v1/demo/chat/completions", body, token)[0] == 200
    item.pump_signal("LayoutUpdated")
    lines = check_menu(item)
    assert lines[5] == "Used Today" and re.match(r"Example App: .*\$0\.\d+", lines[6]), lines
    assert item.line("Used Today")[1]["enabled"] is False

    # Pause, by the menu; to resume, only the window
    item.choose("Pause All Apps")
    item.pump(lambda: item.get("IconName") == PAUSED)
    assert app.call("POST", "/v1/demo/chat/completions", body, token)[0] == 403
    assert item.get("ToolTip")[3] == "All apps are paused"
    assert "Resume All Apps…" in check_menu(item)
    app.picture("window-paused", window)
    item.choose("Resume All Apps…")
    time.sleep(0.5)
    assert app.call("POST", "/v1/demo/chat/completions", body, token)[0] == 403
    app.press("Resume", window)
    item.pump(lambda: item.get("IconName") == CALM)
    assert app.call("POST", "/v1/demo/chat/completions", body, token)[0] == 200

    # Lock; what is locked names no app
    item.signals.clear()
    item.choose("Lock")
    item.pump(lambda: item.get("IconName") == LOCKED)
    item.pump_signal("LayoutUpdated")
    assert item.get("ToolTip")[3] == "Locked"
    assert check_menu(item) == ["Open Okap", "-", "Pause All Apps", "Unlock…", "-", "Quit Okap"]
    item.close()


def test_watcher_comes_and_goes(desktop, watcher, new_app):
    """There from the start, killed, there again; a host that comes late; none at all."""
    app = new_app(args=("--background",)).init().start()
    for _ in range(3):
        panel = watcher()
        item = panel.item()
        assert item.get("IconName") == LOCKED
        item.close()
        panel.stop()
    panel = watcher("--no-host")
    item = panel.item()
    panel.set_host(True)
    item.activate("a-token-of-the-tray")
    window = app.window()
    text = subprocess.run(("xprop", "-id", str(window), "_NET_STARTUP_ID"), capture_output=True,
                          text=True, timeout=20).stdout
    assert "a-token-of-the-tray" in text
    item.close()


def test_mute_watcher(watcher, new_app):
    """One that never answers holds nothing up."""
    watcher("--mute")
    app = new_app().init().start()
    app.unlock()


def test_quit(watcher, new_app):
    panel = watcher()
    app = new_app(args=("--background",)).init().start()
    item = panel.item()
    item.choose("Quit Okap")
    assert app.process.wait(15) == 0
    app.process = None
    item.close()
