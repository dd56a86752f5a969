# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the desktop's screen saver. Starts locked; each line on its input is a change:
"lock" or "unlock"."""
import sys

from gi.repository import Gio, GLib

NAME = "org.freedesktop.ScreenSaver"
PATH = "/org/freedesktop/ScreenSaver"
XML = """
<node><interface name='org.freedesktop.ScreenSaver'>
  <method name='GetActive'><arg type='b' direction='out'/></method>
  <signal name='ActiveChanged'><arg type='b'/></signal>
</interface></node>"""

locked = True


def call_cb(connection, sender, path, interface, method, arguments, invocation):
    invocation.return_value(GLib.Variant("(b)", (locked,)))


def changed_cb(channel, condition, bus):
    global locked
    line = sys.stdin.readline()
    if not line:
        return False
    locked = line.strip() == "lock"
    bus.emit_signal(None, PATH, NAME, "ActiveChanged", GLib.Variant("(b)", (locked,)))
    return True


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    node = Gio.DBusNodeInfo.new_for_xml(XML)
    bus.register_object(PATH, node.interfaces[0], call_cb, None, None)
    Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), lambda *_: sys.exit(1))
    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, changed_cb, bus)
    GLib.MainLoop().run()


main()
