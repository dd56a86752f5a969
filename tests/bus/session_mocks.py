# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a desktop's session that Okap listens to, by python-dbusmock: logind on a system
bus of the test's own, screen savers and GNOME's idle monitor on its session bus. Each is a process,
so that it can be stopped, killed and started again."""
import os
import signal
import subprocess
import sys
import tempfile

from client import pump
from gi.repository import Gio, GLib

MOCK = "org.freedesktop.DBus.Mock"
LOGIN = "org.freedesktop.login1"
MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
MANAGER_PATH = "/org/freedesktop/login1"
SESSION_PATH = "/org/freedesktop/login1/session/c1"
SEAT_PATH = "/org/freedesktop/login1/seat/seat0"
IDLE = "org.gnome.Mutter.IdleMonitor"
IDLE_PATH = "/org/gnome/Mutter/IdleMonitor/Core"

SAVERS = {
    "org.freedesktop.ScreenSaver": "/org/freedesktop/ScreenSaver",
    "org.gnome.ScreenSaver": "/org/gnome/ScreenSaver",
    "org.cinnamon.ScreenSaver": "/org/cinnamon/ScreenSaver",
    "org.mate.ScreenSaver": "/org/mate/ScreenSaver",
    "org.xfce.ScreenSaver": "/org/xfce/ScreenSaver",
}


class Mock:
    """One service. What it has is there before its name is: the template is a file."""

    HEAD = """
BUS_NAME = "{name}"
MAIN_OBJ = "{path}"
MAIN_IFACE = "{name}"
SYSTEM_BUS = False
def load(mock, parameters):
"""
    system = False

    def __init__(self, bus, name, path, methods=()):
        self.bus = bus
        self.name = name
        self.path = path
        self.methods = list(methods)  # (name, types it takes, types it gives, code)
        self.template = tempfile.NamedTemporaryFile("w", suffix=".py")
        self.process = None
        self.start()

    def text(self):
        lines = [f"    mock.AddMethod('{self.name}', *{method!r})" for method in self.methods]
        return "\n".join([self.HEAD.format(name=self.name, path=self.path), *lines, "    pass\n"])

    def start(self):
        self.template.seek(0)
        self.template.truncate()
        self.template.write(self.text())
        self.template.flush()
        variable = "DBUS_SYSTEM_BUS_ADDRESS" if self.system else "DBUS_SESSION_BUS_ADDRESS"
        self.process = subprocess.Popen(
            (sys.executable, "-m", "dbusmock", "--system" if self.system else "--session",
             "--template", self.template.name),
            env={**os.environ, variable: self.bus.address}, stdout=subprocess.DEVNULL)
        self.connection = Gio.DBusConnection.new_for_address_sync(
            self.bus.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        pump(lambda: self.owner(), message=f"{self.name} did not come up")

    def owner(self):
        return self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus", "NameHasOwner",
                                         GLib.Variant("(s)", (self.name,)), None, 0, 5000,
                                         None).unpack()[0]

    def call(self, path, interface, method, signature=None, *args):
        arguments = GLib.Variant(f"({signature})", args) if signature else None
        return self.connection.call_sync(self.name, path, interface, method, arguments, None, 0,
                                         5000, None).unpack()

    def emit(self, path, interface, signal_name, signature, *args):
        values = [GLib.Variant(kind, value) for kind, value in zip(signature, args)]
        self.call(path, MOCK, "EmitSignal", "sssav", interface, signal_name, signature, values)

    def update(self, path, interface, **properties):
        self.call(path, MOCK, "UpdateProperties", "sa{sv}", interface, properties)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.connection.close_sync(None)


class Logind(Mock):
    """The session c1 is ours: found by the process, or only by "auto". At the same seat are c2 of
    another user, c3 for logging in, and c4 of the same user."""

    HEAD = """
from dbusmock.templates.logind import *
from dbusmock.templates import logind
def load(mock, parameters):
    logind.load(mock, parameters)
    for name, uid, kind in (("c2", {uid} + 1, "user"), ("c3", {uid} + 2, "greeter"),
                            ("c4", {uid}, "user"), ("c1", {uid}, "user")):
        mock.AddSession(name, "seat0", uid, name, name == "c1")
        mockobject.objects["{session}".replace("c1", name)].Set("{interface}", "Class", kind)
    mockobject.objects["{session}"].Set("{interface}", "Type", "{kind}")
"""
    system = True

    def __init__(self, bus, by_process=True, kind="wayland"):
        self.kind = kind
        found = f"ret = '{SESSION_PATH}'"
        unknown = ("raise dbus.exceptions.DBusException('none', "
                   "name='org.freedesktop.login1.NoSessionForPID')")
        methods = [("GetSessionByPID", "u", "o", found if by_process else unknown)]
        if not by_process:
            methods += [("GetSession", "s", "o", f"{found} if args[0] == 'auto' else '/none'")]
        super().__init__(bus, LOGIN, MANAGER_PATH, methods)

    def text(self):
        head = self.HEAD.format(uid=os.getuid(), session=SESSION_PATH, interface=SESSION,
                                kind=self.kind)
        lines = [f"    mock.AddMethod('{MANAGER}', *{method!r})" for method in self.methods]
        return "\n".join([head, *lines, ""])

    def switch(self, name):
        path = SESSION_PATH.replace("c1", name)
        self.call(SEAT_PATH, "org.freedesktop.DBus.Properties", "Set", "ssv",
                  "org.freedesktop.login1.Seat", "ActiveSession",
                  GLib.Variant("(so)", (name, path)))
        self.update(SESSION_PATH, SESSION, Active=GLib.Variant("b", name == "c1"))

    def hint(self, locked):
        self.update(SESSION_PATH, SESSION, LockedHint=GLib.Variant("b", locked))

    def sleep(self, begins):
        self.emit(MANAGER_PATH, MANAGER, "PrepareForSleep", "b", begins)

    def inhibitors(self):
        found = self.call(MANAGER_PATH, MANAGER, "ListInhibitors")[0]
        return [entry[:4] for entry in found]

    def wait_inhibited(self, inhibited=True):
        pump(lambda: bool(self.inhibitors()) == inhibited, 5,
             f"the inhibitor is{' not' if inhibited else ''} there")


class ScreenSaver(Mock):
    def __init__(self, bus, name="org.gnome.ScreenSaver", active=False, gives="b", code=None):
        self.active = active
        self.gives = gives
        self.code = code
        super().__init__(bus, name, SAVERS[name])

    def text(self):
        self.methods = [("GetActive", "", self.gives, self.code or f"ret = {self.active}")]
        return super().text()

    def say(self, active):
        self.emit(self.path, self.name, "ActiveChanged", "b", active)


class IdleMonitor(Mock):
    """GNOME's: watches have numbers, which the test fires."""

    def __init__(self, bus):
        super().__init__(bus, IDLE, IDLE_PATH, [("AddIdleWatch", "t", "u", "ret = 7"),
                                                ("AddUserActiveWatch", "", "u", "ret = 8"),
                                                ("RemoveWatch", "u", "", "")])

    def calls(self):
        return [(name, list(args)) for _, name, args in self.call(IDLE_PATH, MOCK, "GetCalls")[0]]

    def fire(self, number):
        self.emit(IDLE_PATH, IDLE, "WatchFired", "u", number)
