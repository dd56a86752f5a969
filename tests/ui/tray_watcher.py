# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the desktop's tray: a strict StatusNotifierWatcher. Prints a line of JSON for each
item that registers, and {"fault": WHY} for whatever a watcher need not put up with. On its input,
"host 1" and "host 0" are a host that comes and goes.

A program of its own, so that it answers while a test waits, and can be killed as a panel can.
"""
import json
import sys

from gi.repository import Gio, GLib

NAME = "org.kde.StatusNotifierWatcher"
PATH = "/StatusNotifierWatcher"
XML = """
<node><interface name='org.kde.StatusNotifierWatcher'>
  <method name='RegisterStatusNotifierItem'><arg type='s' direction='in'/></method>
  <method name='RegisterStatusNotifierHost'><arg type='s' direction='in'/></method>
  <property name='RegisteredStatusNotifierItems' type='as' access='read'/>
  <property name='IsStatusNotifierHostRegistered' type='b' access='read'/>
  <property name='ProtocolVersion' type='i' access='read'/>
  <signal name='StatusNotifierItemRegistered'><arg type='s'/></signal>
  <signal name='StatusNotifierItemUnregistered'><arg type='s'/></signal>
  <signal name='StatusNotifierHostRegistered'/>
  <signal name='StatusNotifierHostUnregistered'/>
</interface></node>"""


def say(value):
    print(json.dumps(value), flush=True)


class Watcher:
    def __init__(self, has_host, mute):
        self.items = {}
        self.has_host = has_host
        self.mute = mute
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.bus.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0],
                                 self.call_cb, self.get_cb, None)
        Gio.bus_own_name_on_connection(self.bus, NAME, Gio.BusNameOwnerFlags.NONE,
                                       lambda *_: say("ready"), lambda *_: sys.exit(1))
        GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, self.told_cb)

    def call_cb(self, bus, sender, path, interface, method, arguments, invocation):
        if self.mute:
            return
        service = arguments.unpack()[0]
        if method == "RegisterStatusNotifierItem":
            if service != sender:
                say({"fault": f"{sender} registers as {service}"})
            if sender in self.items:
                say({"fault": f"{sender} registers twice"})
            self.items[sender] = True
            say({"item": sender})
            self.emit("StatusNotifierItemRegistered", GLib.Variant("(s)", (sender,)))
        invocation.return_value(None)

    def get_cb(self, bus, sender, path, interface, name):
        return {"RegisteredStatusNotifierItems": GLib.Variant("as", list(self.items)),
                "IsStatusNotifierHostRegistered": GLib.Variant("b", self.has_host),
                "ProtocolVersion": GLib.Variant("i", 0)}[name]

    def emit(self, signal, arguments=None):
        self.bus.emit_signal(None, PATH, NAME, signal, arguments)

    def told_cb(self, channel, condition):
        line = sys.stdin.readline()
        if not line:
            return False
        self.has_host = line.split() == ["host", "1"]
        self.emit("StatusNotifierHostRegistered" if self.has_host
                  else "StatusNotifierHostUnregistered")
        return True


watcher = Watcher("--no-host" not in sys.argv, "--mute" in sys.argv)
GLib.MainLoop().run()
