# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's systemd on a private bus, as far as okap run asks it: takes StartTransientUnit and says
what came as a line of JSON. With "mute" it never answers. It moves no process."""
import json
import sys

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.systemd1.Manager">
<method name="StartTransientUnit">
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="a(sv)" direction="in"/>
<arg type="a(sa(sv))" direction="in"/><arg type="o" direction="out"/></method></interface></node>"""


def called(bus, sender, path, interface, method, parameters, invocation):
    name, mode, properties, others = parameters.unpack()
    print(json.dumps({"name": name, "mode": mode, "properties": dict(properties),
                      "others": others}), flush=True)
    if "mute" not in sys.argv:
        invocation.return_value(GLib.Variant("(o)", ("/org/freedesktop/systemd1/job/1",)))


bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.register_object("/org/freedesktop/systemd1",
                    Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0], called)
Gio.bus_own_name_on_connection(bus, "org.freedesktop.systemd1", Gio.BusNameOwnerFlags.NONE,
                               lambda *_: print("ready", flush=True), None)
GLib.MainLoop().run()
