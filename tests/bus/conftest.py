# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: session buses of their own, everything on them recorded, and Okap on them: the real app
under Xvfb, or okap serve --bus where no screen is needed.

OKAP_BUILD_DIR names the build that is tested. Tests that change nothing but by what their clients
ask share a bus and an Okap; at their end the clients leave. When a bus ends, its record is searched
for every token that was redeemed so far, in any test, and for the keys that were stored.
"""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "ui")]

pytest.importorskip("gi")
from app import App  # noqa: E402
from client import Agent, Client, Monitor  # noqa: E402
from desktop import Desktop, missing_tools  # noqa: E402

PASSPHRASE = "canary heron Zx81 lantern"
BAD = re.compile(r"WARNING \*\*|CRITICAL|ERROR \*\*|Sanitizer|runtime error")

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_completed_connections">2000</limit>
  <limit name="max_connections_per_user">2000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"""


def pytest_configure(config):
    config.addinivalue_line("markers", "long: a soak, flood or the like; not in the usual run")
    config.addinivalue_line("markers", "plain: says more in the plain build; runs there, too")
    config.addinivalue_line("markers", "speed: measures time or load; not for sanitizer builds")
    if not os.environ.get("OKAP_BUILD_DIR"):
        pytest.exit("OKAP_BUILD_DIR is not set: run build-aux/test, or name a build folder", 2)


def okap_program():
    return str(Path(os.environ["OKAP_BUILD_DIR"]) / "src" / "cli" / "okap")


def make_vault_program():
    return str(Path(os.environ["OKAP_BUILD_DIR"]) / "tests" / "lib" / "make-vault")


def app_program():
    return str(Path(os.environ["OKAP_BUILD_DIR"]) / "src" / "ui" / "okap-app")


class Bus:
    """A dbus-daemon of its own. ENV is what it gives to the services that it starts."""

    def __init__(self, folder, env=None, services=False):
        self.folder = Path(tempfile.mkdtemp(prefix="okap-bus-"))
        config = self.folder / "bus.conf"
        where = "<standard_session_servicedirs/>" if services else ""
        config.write_text(CONFIG.format(folder=self.folder, services=where))
        os.chmod(self.folder, 0o755)
        self.log = open(folder / "dbus-daemon.log", "ab")
        self.process = subprocess.Popen(
            ("dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"),
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address, "dbus-daemon did not start"
        self.monitor = Monitor(self, folder)
        self.clients = []
        self.secrets = []  # keys that were stored in this test

    def client(self):
        self.clients.append(Client(self.address))
        return self.clients[-1]

    def agent(self):
        self.clients.append(Agent(self.address, self.folder))
        return self.clients[-1]

    def leave(self):
        """All clients do."""
        while self.clients:
            self.clients.pop().leave()

    def stop(self):
        self.leave()
        record = self.monitor.stop()
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert b"org.freedesktop.DBus" in record, "the monitor saw nothing"
        for secret in [*Client.redeemed, *self.secrets]:
            assert secret.encode() not in record, "a secret passed over the bus"
            assert secret.removeprefix("okap_").encode() not in record
        return record


class Serve:
    """okap serve --bus, in folders of its own."""

    first = None  # the folder of the vault that others are copied from

    def __init__(self, bus, folder, system=None):
        """SYSTEM is the bus that it takes for the machine's."""
        self.bus = bus
        self.folder = folder
        self.env = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC", HOME=str(folder / "home"),
                        DBUS_SESSION_BUS_ADDRESS=bus.address,
                        DBUS_SYSTEM_BUS_ADDRESS=(system.address if system else
                                                 "unix:path=/nonexistent"),
                        GSETTINGS_BACKEND="keyfile",
                        XDG_DATA_HOME=str(folder / "data"), XDG_CONFIG_HOME=str(folder / "config"),
                        XDG_CACHE_HOME=str(folder / "cache"), XDG_RUNTIME_DIR=str(folder / "run"))
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "OKAP_VAULT_URL"):
            self.env.pop(name, None)
        for name in ("data", "config", "cache", "run", "home"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        self.process = None
        self.terminal = None
        self.log = open(folder / "serve.log", "ab")

    def run(self, *args, input=None, passphrase=False):
        """An okap command."""
        fds = ()
        if passphrase:
            fds = (pipe_with(PASSPHRASE),)
            args = (*args, "--passphrase-fd", str(fds[0]))
        done = subprocess.run((okap_program(), *args), env=self.env, input=input, pass_fds=fds,
                              capture_output=True, text=True, timeout=60)
        for fd in fds:
            os.close(fd)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def init(self):
        if Serve.first is None:
            Serve.first = tempfile.TemporaryDirectory(prefix="okap-first-")
            folder = Path(Serve.first.name)
            subprocess.run((make_vault_program(),), env=Serve(self.bus, folder).env,
                           input=PASSPHRASE, text=True, check=True, capture_output=True, timeout=60)
        for name in ("data", "config"):
            shutil.copytree(Path(Serve.first.name) / name, self.folder / name, dirs_exist_ok=True)
        return self

    def set(self, **settings):
        """Preferences, as GSettings keeps them in a file; lock_hours=3 and the like."""
        folder = self.folder / "config" / "glib-2.0" / "settings"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"{name.replace('_', '-')}={value}" for name, value in settings.items()]
        new = folder / "keyfile.new"
        new.write_text("\n".join(["[com/example/Okap]", *lines, ""]))
        new.rename(folder / "keyfile")
        return self

    def start(self, approve="always", unlock=True, terminal=False, ready=True,
              listen="127.0.0.1:0"):
        """With a terminal, approve="ask" asks there, and self.type() answers."""
        command = [okap_program(), "serve", "--bus", f"--approve={approve}"]
        command += ["--listen", listen] if listen else []
        fds, options = (), {"start_new_session": True, "stdin": subprocess.DEVNULL}
        if unlock:
            fds = (pipe_with(PASSPHRASE),)
            command += ["--passphrase-fd", str(fds[0])]
        if terminal:
            self.terminal, slave = os.openpty()
            fds = (*fds, slave)
            options["stdin"] = slave
            options["preexec_fn"] = lambda: take_terminal(slave)
        self.process = subprocess.Popen(command, env=self.env, pass_fds=fds, text=True,
                                        stdout=subprocess.PIPE, stderr=self.log, **options)
        for fd in fds:
            os.close(fd)
        if ready:
            line = self.process.stdout.readline()
            assert line.startswith("okap: ready http://"), (line, self.stderr())
            self.origin = line.split()[2]
            self.socket_path = line.split()[3].removeprefix("unix:")
        return self

    def shown(self):
        """What came on the terminal since it was last asked for."""
        text = b""
        while select.select([self.terminal], [], [], 0)[0]:
            text += os.read(self.terminal, 65536)
        return text.decode()

    def pending(self):
        """How many questions are open."""
        return json.loads(self.run("status", "--json"))["waiting"]

    def type(self, line):
        os.write(self.terminal, line.encode() + b"\n")

    def stderr(self):
        return (self.folder / "serve.log").read_text(errors="replace")

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            code = self.process.wait(30)
            self.process.stdout.close()
            self.process = None
            assert code == 0 or how != signal.SIGTERM, f"okap ended with {code}: {self.stderr()}"
        if self.terminal is not None:
            os.close(self.terminal)
            self.terminal = None
        bad = [line for line in self.stderr().splitlines() if BAD.search(line)]
        assert not bad, "\n".join(bad)


def take_terminal(slave):
    import fcntl
    import termios
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


def pipe_with(text):
    read, write = os.pipe()
    os.write(write, text.encode())
    os.close(write)
    return read


@pytest.fixture
def bus(tmp_path):
    bus = Bus(tmp_path)
    yield bus
    bus.stop()


@pytest.fixture
def new_serve(bus, tmp_path):
    """A function that serves a vault on the bus."""
    made = []

    def make(**kwargs):
        folder = tmp_path / f"vault{len(made)}"
        folder.mkdir()
        made.append(Serve(bus, folder).init())
        return made[-1].start(**kwargs)

    yield make
    for serve in made:
        serve.stop()


@pytest.fixture
def serve(new_serve):
    """A served, open vault that allows every request."""
    return new_serve()


def serve_for_all(folder, **kwargs):
    bus = Bus(folder)
    (folder / "vault").mkdir()
    serve = Serve(bus, folder / "vault").init().start(**kwargs)
    yield serve
    serve.stop()
    bus.stop()


@pytest.fixture(scope="module")
def granting_for_all(tmp_path_factory):
    yield from serve_for_all(tmp_path_factory.mktemp("granting"))


@pytest.fixture
def granting(granting_for_all):
    """As serve, but shared with others."""
    yield granting_for_all
    granting_for_all.bus.leave()


@pytest.fixture
def asking(new_serve):
    """A served, open vault that asks on a terminal, where nobody answers by itself."""
    return new_serve(approve="ask", terminal=True)


# The app

class BusApp(App):
    """The real app in the background, its vault open; it shows no window but its dialogs."""

    def __init__(self, desktop, bus, folder, args=("--background",)):
        folder.mkdir()
        super().__init__(desktop, folder, args=args)
        self.env["AT_SPI_BUS_ADDRESS"] = desktop.accessibility_address
        self.set_bus(bus)

    def set_bus(self, bus):
        self.bus = bus
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.address if bus is not None else ""

    def okap(self, *args):
        """An okap command; one that ends with --passphrase-fd gets the passphrase."""
        fd = pipe_with(PASSPHRASE)
        numbers = (str(fd),) if args[-1] == "--passphrase-fd" else ()
        done = subprocess.run((okap_program(), *args, *numbers), env=self.env, pass_fds=(fd,),
                              capture_output=True, text=True, timeout=60)
        os.close(fd)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def waiting(self):
        """How many questions are open."""
        return json.loads(self.okap("status", "--json"))["waiting"]

    def open(self):
        self.okap("unlock", "--passphrase-fd")
        return self

    def check(self):
        self.stop()
        bad = [line for line in self.stderr().splitlines()
               if BAD.search(line) and not EXPECTED.search(line)]
        assert not bad, "\n".join(bad)


# What GTK 4.8 says when the accessibility bus asks for a row that moves from one list to another,
# and GIO where no desktop shows notifications.
EXPECTED = re.compile(r"GLib-CRITICAL .*g_variant_(is|new)_object_path: assertion"
                      r"|unable to send notifications through org.freedesktop.Notifications")


@pytest.fixture(scope="session")
def desktop(tmp_path_factory):
    if missing_tools():
        pytest.skip("not installed: " + ", ".join(missing_tools()))
    if not Path(app_program()).exists():
        pytest.skip("okap-app was not built: GTK 4.8 or libadwaita 1.2 is missing")
    desktop = Desktop(tmp_path_factory.mktemp("desktop"))
    client = Client(os.environ["DBUS_SESSION_BUS_ADDRESS"])
    desktop.accessibility_address = client.call("/org/a11y/bus", "org.a11y.Bus", "GetAddress",
                                                name="org.a11y.Bus")
    client.leave()
    yield desktop
    desktop.stop()


@pytest.fixture
def new_app(desktop, bus, tmp_path):
    """A function that makes an app, not started; each is stopped and its stderr judged."""
    made = []

    def make(**kwargs):
        made.append(BusApp(desktop, bus, tmp_path / f"app{len(made)}", **kwargs))
        return made[-1]

    yield make
    for app in made:
        app.check()


@pytest.fixture(scope="module")
def app_for_all(desktop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    bus = Bus(folder)
    app = BusApp(desktop, bus, folder / "app").init().start().open()
    yield app
    app.check()
    bus.stop()


@pytest.fixture
def app(app_for_all):
    """An app that others use, too; its vault is open."""
    yield app_for_all
    app_for_all.bus.leave()
