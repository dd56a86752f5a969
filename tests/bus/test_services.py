# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of the desktop that own their names and never answer: Okap does not wait for them."""
import subprocess
import sys
import time

import pytest

from client import ENDED, MAIN, PATH, pump

SILENT = """
import sys, time
from gi.repository import Gio, GLib
bus = Gio.DBusConnection.new_for_address_sync(
    sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
    | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
bus.add_filter(lambda connection, message, incoming: None if incoming
               and message.get_message_type() == Gio.DBusMessageType.METHOD_CALL else message)
for name in sys.argv[2:]:
    bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                  "RequestName", GLib.Variant("(su)", (name, 0)), None, 0, -1, None)
print("ready", flush=True)
time.sleep(600)
"""

NAMES = {
    "the portal": ["org.freedesktop.portal.Desktop"],
    "all else": ["org.freedesktop.Notifications", "org.freedesktop.secrets",
                 "org.kde.StatusNotifierWatcher", "org.gnome.SessionManager",
                 "org.xfce.SessionManager", "org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver",
                 "org.gtk.vfs.Daemon", "ca.desrt.dconf"],
}


@pytest.mark.parametrize("which", NAMES)
def test_silent(bus, new_app, which):
    silent = subprocess.Popen((sys.executable, "-c", SILENT, bus.address, *NAMES[which]),
                              stdout=subprocess.PIPE, text=True)
    assert silent.stdout.readline() == "ready\n"
    try:
        app = new_app().init()
        del app.env["ADW_DISABLE_PORTAL"]
        start = time.monotonic()
        app.start().open()
        served = time.monotonic() - start
        handle = bus.client().ask()
        pump(lambda: handle.states == ["presented"], 60)
        shown = time.monotonic() - start
        print(f"\n{which} is silent: served after {served:.2f} s, asked after {shown:.2f} s")
        start = time.monotonic()
        handle.close()
        assert handle.reason() == (ENDED, "closed")
        assert bus.client().get(PATH, MAIN, "State") == "unlocked"
        assert time.monotonic() - start < 1
        assert shown < 8, "a service that does not answer held the app up"
    finally:
        silent.kill()
        silent.wait()
        silent.stdout.close()


PORTAL = """
import sys
from gi.repository import Gio, GLib
bus = Gio.DBusConnection.new_for_address_sync(
    sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
    | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
info = Gio.DBusNodeInfo.new_for_xml('''<node>
<interface name='org.freedesktop.portal.Settings'><method name='Read'>
<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='v' direction='out'/>
</method></interface></node>''')
def read(connection, sender, path, interface, method, parameters, invocation):
    print(*parameters.unpack(), flush=True)
    invocation.return_value(GLib.Variant("(v)", (GLib.Variant("v", GLib.Variant("u", 1)),)))
bus.register_object("/org/freedesktop/portal/desktop", info.interfaces[0], read, None, None)
bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
              "RequestName", GLib.Variant("(su)", ("org.freedesktop.portal.Desktop", 0)), None, 0,
              -1, None)
print("ready", flush=True)
GLib.MainLoop().run()
"""


def test_a_portal_that_answers(bus, new_app):
    """It is asked for the colours, once, and after the start."""
    portal = subprocess.Popen((sys.executable, "-c", PORTAL, bus.address),
                              stdout=subprocess.PIPE, text=True)
    try:
        assert portal.stdout.readline() == "ready\n"
        new_app().init().start()
        assert portal.stdout.readline() == "org.freedesktop.appearance color-scheme\n"
    finally:
        portal.kill()
        portal.wait()
        portal.stdout.close()
