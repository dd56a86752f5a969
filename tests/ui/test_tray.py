# SPDX-License-Identifier: GPL-3.0-or-later
"""Okap in the tray: before a strict watcher and host of our own, and in Xfce's panel."""
import glob
import os
import re
import shutil
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
    app.ends()
    item.close()


# --- A real panel ---

PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""
XFCONFD = [p for p in glob.glob("/usr/lib/*/xfce4/xfconf/xfconfd") if os.access(p, os.X_OK)]


class Panel:
    """Xfce's panel at the top of the screen, with a tray and nothing else in it."""

    def __init__(self, folder):
        config = folder / "xfce4" / "xfconf" / "xfce-perchannel-xml"
        config.mkdir(parents=True)
        (config / "xfce4-panel.xml").write_text(PANEL)
        self.env = dict(os.environ, XDG_CONFIG_HOME=str(folder), HOME=str(folder), LC_ALL="C.UTF-8",
                        XDG_CACHE_HOME=str(folder / "cache"), XDG_DATA_HOME=str(folder / "share"),
                        GDK_BACKEND="x11", GTK_THEME="Adwaita", NO_AT_BRIDGE="1")
        self.log = open(folder / "panel.log", "ab")
        self.settings = self._run(XFCONFD[0])
        self.panel = None

    def _run(self, *command):
        return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=self.log,
                                stderr=self.log)

    def start(self):
        self.panel = self._run("xfce4-panel", "--disable-wm-check")

    def items(self):
        from gi.repository import Gio
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        try:
            return bus.call_sync("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher",
                                 "org.freedesktop.DBus.Properties", "Get",
                                 GLib.Variant("(ss)", ("org.kde.StatusNotifierWatcher",
                                                       "RegisteredStatusNotifierItems")),
                                 None, Gio.DBusCallFlags.NO_AUTO_START, 3000,
                                 None).unpack()[0]
        except GLib.Error:
            return []

    def kill(self):
        self.panel.kill()
        self.panel.wait()

    def stop(self):
        if self.panel.poll() is None:
            self.kill()
        self.settings.kill()
        self.settings.wait()
        self.log.close()


def ink(desktop, folder):
    """What is to be seen in the corner where the icon is: how many pixels differ from the panel's
    own colour, as bytes that tell one icon from another."""
    path = folder / "corner.png"
    desktop.picture(path)
    return subprocess.run(("convert", str(path), "-crop", "32x32+0+0", "+repage", "-depth", "8",
                           "gray:-"), check=True, capture_output=True, timeout=60).stdout


@pytest.mark.plain
@pytest.mark.skipif(shutil.which("xfce4-panel") is None or not XFCONFD,
                    reason="xfce4-panel or xfconf is not installed")
def test_in_a_real_panel(desktop, new_app, tmp_path):
    """Each state has an icon of its own in it; a click brings the window; a panel that crashes and
    comes back has it again."""
    panel = Panel(tmp_path / "panel")
    seen = {}

    def aside(window):
        desktop.xdotool("windowmove", "--sync", window, 300, 100)

    def look(state):
        desktop.xdotool("mousemove", 1270, 1000)  # no tooltip

        def differs():
            corner = ink(desktop, tmp_path)
            return len(set(corner)) > 4 and corner not in seen.values() and corner
        seen[state] = wait_for(differs, 15, message=f"no icon of its own for {state}")
        path = artifacts() / f"tray-xfce-{state}.png"
        desktop.picture(path)
        subprocess.run(("mogrify", "-crop", "320x200+0+0", "+repage", "-strip", str(path)),
                       check=True, timeout=60)

    try:
        panel.start()
        app = new_app(args=("--background",)).init().start()
        wait_for(panel.items, 20, message="the panel has no item")
        look("locked")

        desktop.xdotool("mousemove", 14, 16, "click", 1)
        window = app.unlock()
        aside(window)
        look("calm")
        request = app.request()
        dialog = app.window("Access Request")
        aside(dialog)
        look("attention")
        app.allow(dialog)
        token = request.wait()["token"]
        body = {"model": "demo-fast", "messages": [{"role": "user", "content": "Hello"}]}
        assert app.call("POST", "/v1/demo/chat/completions", body, token)[0] == 200
        app.desktop.activate(window)
        app.key("ctrl+w")
        app.wait_gone("Okap")

        time.sleep(5)  # the sums of today come a moment later
        desktop.xdotool("mousemove", 14, 16, "click", 3, "mousemove", 100, 200)
        time.sleep(1.5)
        path = artifacts() / "tray-xfce-menu.png"
        desktop.picture(path)
        subprocess.run(("mogrify", "-crop", "320x240+0+0", "+repage", "-strip", str(path)),
                       check=True, timeout=60)
        desktop.xdotool("key", "Up", "Up", "Up", "Up", "Return")  # from below: one app is listed
        wait_for(lambda: app.call("POST", "/v1/demo/chat/completions", body, token)[0] == 403, 10,
                 message="the menu does not pause")
        look("paused")

        panel.kill()
        wait_for(lambda: not panel.items(), 10)
        panel.start()
        wait_for(panel.items, 20, message="the panel has no item after it came back")
        wait_for(lambda: ink(desktop, tmp_path) == seen["paused"], 15,
                 message="not the icon that was there")
        desktop.xdotool("mousemove", 14, 16, "click", 1)
        app.window()
    finally:
        panel.stop()
