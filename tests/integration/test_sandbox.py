# SPDX-License-Identifier: GPL-3.0-or-later
"""Sandboxed apps: what a real Flatpak app is known as, and what passes for one and is not."""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conftest import Okap, wait_until

sys.path.insert(0, str(Path(__file__).parent / "sandbox"))
from apps import ONE, TWO, Bus, Flatpak, compile_client, why_not  # noqa: E402

CONTAINER = "A program in a container, or in a sandbox that Okap cannot verify"
RELAY = "A program behind a container or a tunnel, which Okap cannot see"
ASK = Path(os.environ.get("OKAP_BUILD_DIR", ".")) / "tests" / "examples" / "ask"


class Machine:
    """An open vault on a bus, with two Flatpak apps beside it."""

    def __init__(self, folder, bus):
        self.bus = bus
        self.okap = Okap(folder, portable=False).init()
        # flatpak asks the system's bus whether parental controls forbid to install or run an app
        for which in ("SESSION", "SYSTEM"):
            self.okap.env[f"DBUS_{which}_BUS_ADDRESS"] = bus.address
        self.client = compile_client(folder)
        (folder / "apps").mkdir()
        self.flatpak = Flatpak(folder / "apps", self.okap.env, self.client, ASK)
        self.okap.serve(options=["--bus"])
        self.token = self.ask_for_token(self.flatpak.command(ONE, self.port))

    @property
    def port(self):
        return str(self.okap.port)

    def send(self, command, method, path, body=None, token=None, env=None, **options):
        """One request by way of COMMAND, which passes it on; its status and what it says."""
        text = json.dumps(body) if body is not None else ""
        host = "localhost" if command[-1].startswith("/") else f"127.0.0.1:{self.port}"
        head = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close",
                f"Content-Length: {len(text)}", "Content-Type: application/json"]
        if token is not None:
            head.append(f"Authorization: Bearer {token}")
        done = subprocess.run(command, env=env or self.okap.env, timeout=60, capture_output=True,
                              input="\r\n".join(head) + "\r\n\r\n" + text, text=True, **options)
        assert done.stdout.startswith("HTTP/1.1 "), (command, done)
        return int(done.stdout.split()[1]), done.stdout.partition("\n\n")[2]

    def ask_for_token(self, command, name="Sandbox Test", **options):
        status, text = self.send(command, "POST", "/okap/authorize", {
            "okap": "1.0", "client": {"name": name}, "authorization_details": [
                {"type": "ai_model_access", "provider": "demo", "models": ["demo-fast"]}]},
            **options)
        assert status == 200, text
        return json.loads(text)["token"]

    def use(self, command, token=None, **options):
        """200, or what is wrong."""
        status, text = self.send(command, "GET", "/okap/grant", token=token or self.token,
                                 **options)
        return status if status == 200 else json.loads(text)["error"]["type"]

    def evidence(self, name):
        """What Okap saw of who asked as NAME."""
        return next(grant["evidence"] for grant in self.grants() if grant["app"] == name)

    def grants(self):
        return self.okap.json("grants", "list")["rows"]

    def tried(self):
        """Who else tried the app's token."""
        return {attempt["program"] for grant in self.grants() if grant["app"] == "Sandbox Test"
                for attempt in grant["attempts"]}

    @contextlib.contextmanager
    def running(self, app):
        """An instance of APP that runs meanwhile: the folder of its record, and its process."""
        before = set(self.flatpak.instances())
        process = subprocess.Popen(self.flatpak.command(app, self.port), env=self.okap.env,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        wait_until(lambda: any((path / "bwrapinfo.json").stat().st_size > 0 for path in
                               set(self.flatpak.instances()) - before))
        try:
            yield (set(self.flatpak.instances()) - before).pop(), process
        finally:
            for pipe in (process.stdin, process.stdout):
                pipe.close()
            process.wait(10)


def refuse(machine, command, **options):
    """Neither is COMMAND given the app's token, nor taken for the app."""
    assert machine.use(command, **options) == "wrong_program"
    assert f"Sandboxed app {ONE} (flatpak)" not in machine.tried()
    assert CONTAINER in machine.tried()


@pytest.fixture(scope="module")
def machine():
    why = why_not()
    if why is not None:
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="okap-sandbox-") as folder:
        bus = Bus(Path(folder))
        try:
            machine = Machine(Path(folder), bus)
            yield machine
            machine.okap.stop()
        finally:
            bus.stop()


@pytest.fixture
def root(machine, tmp_path):
    """A root with a program in it, where an app's would be."""
    (tmp_path / "app").mkdir()
    shutil.copy(machine.client, tmp_path)
    return tmp_path


# A real app

def test_app_is_known(machine):
    assert machine.evidence("Sandbox Test") == f"Sandboxed app {ONE} (flatpak)"
    for _ in range(2):  # another process each time
        assert machine.use(machine.flatpak.command(ONE, machine.port)) == 200


def test_token_is_refused_elsewhere(machine):
    assert machine.use(machine.flatpak.command(TWO, machine.port)) == "wrong_program"
    assert machine.use((str(machine.client), machine.port)) == "wrong_program"
    assert machine.tried() >= {f"Sandboxed app {TWO} (flatpak)",
                               f"Program in your files: {machine.client}"}


def test_app_is_known_on_the_bus(machine):
    """The bus sees flatpak's proxy. The library finds no other door: nothing in the sandbox says
    where Okap listens. Another model, or it would be given again what it has."""
    done = subprocess.run(machine.flatpak.command(ONE, "demo", "demo-large", program="ask"),
                          env=machine.okap.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    token = done.stdout.split()[-1]
    assert machine.evidence("Example App") == f"Sandboxed app {ONE} (flatpak)"
    assert machine.use(machine.flatpak.command(ONE, machine.port), token) == 200
    assert machine.use(machine.flatpak.command(TWO, machine.port), token) == "wrong_program"


def test_app_that_is_updated_while_it_runs(machine):
    with machine.running(ONE) as (_, process):
        machine.flatpak.update(ONE)
        text = f"GET /okap/grant HTTP/1.1\r\nHost: 127.0.0.1:{machine.port}\r\n" \
               f"Connection: close\r\nAuthorization: Bearer {machine.token}\r\n\r\n"
        answer, _ = process.communicate(text, timeout=30)
    assert answer.startswith("HTTP/1.1 200 "), answer


# What is none

def test_copied_root(machine, root):
    with machine.running(ONE) as (record, _):
        shutil.copy(record / "info", root / ".flatpak-info")
        refuse(machine, ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork",
                         "chroot", str(root), "/client", machine.port))


def test_bubblewrap_by_hand(machine, root):
    with machine.running(ONE) as (record, _):
        shutil.copy(record / "info", root / ".flatpak-info")
        refuse(machine, ("bwrap", "--unshare-user", "--unshare-pid", "--bind", str(root), "/",
                         "/client", machine.port))


@pytest.mark.parametrize("child", ["its own", "the app's"])
def test_made_up_record(machine, root, child):
    with machine.running(ONE) as (record, _):
        made_up = record.parent / f"4242{len(child)}"
        made_up.mkdir()
        info = (record / "info").read_text().replace(record.name, made_up.name)
        for path in (made_up / "info", root / ".flatpak-info"):
            path.write_text(info)
        with open(made_up / "bwrapinfo.json", "w") as written:
            if child == "the app's":
                written.write((record / "bwrapinfo.json").read_text())
                written.flush()
            fd = written.fileno() if child == "its own" else os.open(os.devnull, os.O_WRONLY)
            refuse(machine, ("bwrap", "--unshare-user", "--unshare-pid", "--info-fd", str(fd),
                             "--bind", str(root), "/", "/client", machine.port), pass_fds=(fd,))
        assert json.loads((made_up / "bwrapinfo.json").read_text())["child-pid"] > 0


def test_app_of_that_name_from_another_place(machine, tmp_path):
    """Flatpak itself runs it, but nobody installed it here."""
    env = dict(machine.okap.env, XDG_DATA_HOME=str(tmp_path))
    machine.flatpak.install(env, ONE)
    refuse(machine, machine.flatpak.command(ONE, machine.port), env=env)


def test_proxy_by_hand(machine, tmp_path):
    """With the file of an app that runs. Its bus is that of a program that cannot be known."""
    way = tmp_path / "bus"
    with machine.running(ONE) as (record, _):
        proxy = subprocess.Popen(
            ("bwrap", "--die-with-parent", "--unshare-user", "--ro-bind", "/usr", "/usr",
             "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
             "--bind", "/tmp", "/tmp", "--ro-bind", str(record / "info"), "/.flatpak-info",
             "xdg-dbus-proxy", machine.bus.address, str(way)))
        before = machine.grants()
        try:
            wait_until(way.exists)
            done = subprocess.run((str(ASK), "demo", "demo-fast"), capture_output=True, text=True,
                                  timeout=60,
                                  env=dict(machine.okap.env,
                                           DBUS_SESSION_BUS_ADDRESS=f"unix:path={way}"))
        finally:
            proxy.terminate()
            proxy.wait(10)
    assert done.returncode == 0, done
    assert [grant["evidence"] for grant in machine.grants() if grant not in before] == [RELAY]


def test_container(machine):
    """With a network of its own it has only the socket."""
    way = ("bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc",
           str(machine.client), machine.okap.socket_path)
    machine.ask_for_token(way, "Contained")
    assert machine.evidence("Contained") == CONTAINER
    refuse(machine, way)
