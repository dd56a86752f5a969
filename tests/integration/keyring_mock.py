# SPDX-License-Identifier: GPL-3.0-or-later
"""A Secret Service that goes wrong, by python-dbusmock's base class: one argument says how.

silent    takes calls and never answers them
dying     ends at the first search
forgets   takes a secret and finds nothing
wrong     finds an item whose secret is another one
locked    finds a locked item
nowhere   has no default collection and refuses to make one
"""
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from dbusmock import DBusMockObject
from gi.repository import GLib

HOW = sys.argv[1]
SERVICE = "org.freedesktop.Secret.Service"
ITEM = "org.freedesktop.Secret.Item"
ROOT = "/org/freedesktop/secrets"
ITEM_PATH = ROOT + "/collection/login/1"
SESSION_PATH = ROOT + "/session/1"


def found():
    if HOW == "wrong":
        return f'ret = ([dbus.ObjectPath("{ITEM_PATH}")], dbus.Array([], signature="o"))'
    if HOW == "locked":
        return f'ret = (dbus.Array([], signature="o"), [dbus.ObjectPath("{ITEM_PATH}")])'
    return 'ret = (dbus.Array([], signature="o"), dbus.Array([], signature="o"))'


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
name = dbus.service.BusName("org.freedesktop.secrets", bus, do_not_queue=True)
service = DBusMockObject(name, ROOT, SERVICE, {}, os.devnull)
search = found()
if HOW == "dying":
    search = "import os; os._exit(0)"
if HOW != "silent":
    service.AddMethod(SERVICE, "SearchItems", "a{ss}", "aoao", search)
    # Plain sessions only: the encrypted ones fall back to them.
    service.AddMethod(SERVICE, "OpenSession", "sv", "vo", f"""
if args[0] != "plain":
    raise dbus.exceptions.DBusException("no", name="org.freedesktop.DBus.Error.NotSupported")
ret = (dbus.String("", variant_level=1), dbus.ObjectPath("{SESSION_PATH}"))""")
    service.AddMethod(SERVICE, "ReadAlias", "s", "o", 'ret = dbus.ObjectPath("/")' if HOW ==
                      "nowhere" else f'ret = dbus.ObjectPath("{ROOT}/collection/login")')
    service.AddMethod(SERVICE, "Unlock", "ao", "aoo",
                      'ret = (dbus.Array([], signature="o"), dbus.ObjectPath("/"))')
    service.AddMethod(SERVICE, "GetSecrets", "aoo", "a{o(oayays)}", f"""
ret = {{dbus.ObjectPath("{ITEM_PATH}"): (dbus.ObjectPath("{SESSION_PATH}"), dbus.ByteArray(b""),
        dbus.ByteArray(b"0" * 64), "text/plain")}}""")
    service.AddMethod(SERVICE, "CreateCollection", "a{sv}s", "oo",
                      'raise dbus.exceptions.DBusException("no default", '
                      'name="org.freedesktop.Secret.Error.NoSuchObject")')
    service.AddObject(ITEM_PATH, ITEM, {
        "Locked": dbus.Boolean(HOW == "locked"), "Label": "Okap vault",
        "Attributes": dbus.Dictionary({}, signature="ss"), "Created": dbus.UInt64(1),
        "Modified": dbus.UInt64(1)}, [])
    service.AddObject(ROOT + "/collection/login", "org.freedesktop.Secret.Collection", {
        "Locked": dbus.Boolean(False), "Label": "Login",
        "Items": dbus.Array([], signature="o"), "Created": dbus.UInt64(1),
        "Modified": dbus.UInt64(1)}, [])
    from dbusmock import get_object
    for alias in ("/collection/login", "/aliases/default"):
        if alias.startswith("/aliases"):
            if HOW == "nowhere":
                continue
            service.AddObject(ROOT + alias, "org.freedesktop.Secret.Collection", {
                "Locked": dbus.Boolean(False)}, [])
        get_object(ROOT + alias).AddMethod(
            "org.freedesktop.Secret.Collection", "CreateItem", "a{sv}(oayays)b", "oo",
            f'ret = (dbus.ObjectPath("{ITEM_PATH}"), dbus.ObjectPath("/"))')
else:
    # A method that never returns blocks the whole service: so do hanging ones.
    service.AddMethod(SERVICE, "SearchItems", "a{ss}", "aoao", "import time; time.sleep(60)")
    service.AddMethod(SERVICE, "OpenSession", "sv", "vo", "import time; time.sleep(60)")
print("ready", flush=True)
GLib.MainLoop().run()
