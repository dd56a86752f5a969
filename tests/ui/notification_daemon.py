# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the desktop's notification service: prints each notification as a line of JSON, and
{"closed": NUMBER} for each that is taken back. A line "NUMBER TOKEN ACTION" on its input is a
person who chose the notification: the token comes first, then the action, as on a real desktop.

A program of its own, so that it answers while a test waits.
"""
import json
import sys

from gi.repository import Gio, GLib

XML = """
<node><interface name='org.freedesktop.Notifications'>
  <method name='Notify'>
    <arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>
    <arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>
    <arg type='a{sv}' direction='in'/><arg type='i' direction='in'/><arg type='u' direction='out'/>
  </method>
  <method name='CloseNotification'><arg type='u' direction='in'/></method>
  <signal name='ActivationToken'><arg type='u'/><arg type='s'/></signal>
  <signal name='ActionInvoked'><arg type='u'/><arg type='s'/></signal>
  <method name='GetCapabilities'><arg type='as' direction='out'/></method>
  <method name='GetServerInformation'>
    <arg type='s' direction='out'/><arg type='s' direction='out'/>
    <arg type='s' direction='out'/><arg type='s' direction='out'/>
  </method>
</interface></node>"""


def say(value):
    print(json.dumps(value), flush=True)


def call_cb(connection, sender, path, interface, method, arguments, invocation):
    if method == "Notify":
        _, replaces, _, title, body, actions, hints, _ = arguments.unpack()
        number = replaces or call_cb.next
        call_cb.next = max(call_cb.next, number + 1)
        say({"title": title, "body": body, "actions": actions, "replaces": replaces,
             "urgency": hints.get("urgency"), "number": number})
        invocation.return_value(GLib.Variant("(u)", (number,)))
    elif method == "CloseNotification":
        say({"closed": arguments.unpack()[0]})
        invocation.return_value(None)
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["actions", "body", "persistence"],)))
    elif method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("mock", "okap", "1", "1.2")))
    else:
        invocation.return_value(None)


call_cb.next = 1


def chosen_cb(channel, condition, bus):
    line = sys.stdin.readline()
    if not line:
        return False
    number, token, action = line.split()
    for signal, text in (("ActivationToken", token), ("ActionInvoked", action)):
        bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
                        signal, GLib.Variant("(us)", (int(number), text)))
    return True


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    node = Gio.DBusNodeInfo.new_for_xml(XML)
    bus.register_object("/org/freedesktop/Notifications", node.interfaces[0], call_cb, None, None)
    Gio.bus_own_name_on_connection(bus, "org.freedesktop.Notifications",
                                   Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: say("ready"), lambda *_: sys.exit(1))
    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, chosen_cb, bus)
    GLib.MainLoop().run()


main()
