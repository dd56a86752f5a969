# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: a throw-away vault served by the real okap, and a mock of the providers.

OKAP_BUILD_DIR names the build that is tested; without it the suite refuses to run, so that an
installed Okap is never tested by accident.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import sdk_runs  # noqa: E402
from mock_provider import MockProvider  # noqa: E402

PASSPHRASE = "canary passphrase Zx81 horse"


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


class SocketConnection(http.client.HTTPConnection):
    """HTTP over the vault's Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Okap:
    """A vault in a folder of its own, and the okap that serves it."""

    first = None  # the folder of the vault that others are copied from, and that vault

    def __init__(self, folder, approve="always", passphrase=PASSPHRASE, ceiling=("1", "5"),
                 portable=True):
        self.folder = Path(folder)
        self.approve = approve
        self.ceiling = ceiling  # dollars a million tokens of models that have no known price
        self.portable = portable  # tests take tokens here and use them from node and curl
        self.passphrase = passphrase
        self.env = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC",
                        DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent",
                        XDG_DATA_HOME=str(self.folder / "data"),
                        GSETTINGS_BACKEND="keyfile",
                        XDG_CONFIG_HOME=str(self.folder / "config"),
                        XDG_CACHE_HOME=str(self.folder / "cache"),
                        XDG_RUNTIME_DIR=str(self.folder / "run"),
                        HOME=str(self.folder / "home"))
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "OKAP_VAULT_URL",
                     "OPENAI_API_KEY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            self.env.pop(name, None)
        for name in ("data", "config", "cache", "run", "home"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        self.server = None
        self.logs = open(self.folder / "serve.log", "ab")

    def run(self, *args, input=None, passphrase=False, check=True, timeout=60):
        """Runs an okap command; the passphrase goes over a pipe, never over argv."""
        command = [okap_program(), *args]
        fds = ()
        if passphrase:
            read, write = os.pipe()
            os.write(write, self.passphrase.encode())
            os.close(write)
            command += ["--passphrase-fd", str(read)]
            fds = (read,)
        try:
            done = subprocess.run(command, env=self.env, input=input, pass_fds=fds,
                                  capture_output=True, timeout=timeout,
                                  stdin=None if input is not None else subprocess.DEVNULL,
                                  text=not isinstance(input, bytes))
        finally:
            for fd in fds:
                os.close(fd)
        with open(self.folder / "commands.log", "a") as log:
            for text in (done.stdout, done.stderr):
                log.write(text if isinstance(text, str) else text.decode(errors="replace"))
        if check:
            assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stderr}"
        return done

    def json(self, *args, **kwargs):
        return json.loads(self.run(*args, "--json", **kwargs).stdout)

    def init(self):
        """Makes the vault; those with the usual passphrase are copies of the first one, which is
        cheap to open. What "okap init" makes costs most of a second each time."""
        if self.passphrase != PASSPHRASE:
            self.recovery = self.run("init", passphrase=True).stdout
            return self
        if Okap.first is None:
            folder = tempfile.TemporaryDirectory(prefix="okap-first-")
            first = Okap(folder.name)
            first.recovery = subprocess.run([make_vault_program()], env=first.env, text=True,
                                            input=PASSPHRASE, stdout=subprocess.PIPE, check=True,
                                            timeout=60).stdout
            Okap.first = (folder, first)
        first = Okap.first[1]
        for name in ("data", "config"):
            shutil.copytree(first.folder / name, self.folder / name, dirs_exist_ok=True)
        self.recovery = first.recovery
        return self

    def serve(self, unlock=True, port=0, options=()):
        command = [okap_program(), "serve", "--listen", f"127.0.0.1:{port}",
                   f"--approve={self.approve}", *options]
        if self.approve == "always" and self.ceiling:
            command += [f"--ceiling-input={self.ceiling[0]}", f"--ceiling-output={self.ceiling[1]}"]
        if self.approve == "always" and self.portable:
            command += ["--portable"]
        fds = ()
        if unlock:
            read, write = os.pipe()
            os.write(write, self.passphrase.encode())
            os.close(write)
            command += ["--passphrase-fd", str(read)]
            fds = (read,)
        self.server = subprocess.Popen(command, env=self.env, pass_fds=fds, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=self.logs, start_new_session=True)
        for fd in fds:
            os.close(fd)
        line = self.server.stdout.readline()
        assert line.startswith("okap: ready http://"), (line, self.log())
        words = line.split()
        self.origin = words[2]
        self.port = int(self.origin.rsplit(":", 1)[1])
        self.socket_path = words[3].removeprefix("unix:")
        return self

    def log(self):
        self.logs.flush()
        return (self.folder / "serve.log").read_text(errors="replace")

    def stop(self, how=signal.SIGTERM):
        if self.server is not None:
            self.server.send_signal(how)
            code = self.server.wait(30)
            self.server.stdout.close()
            self.server = None
            if how == signal.SIGTERM:
                assert code == 0, f"okap serve ended with {code}\n{self.log()}"

    def add_key(self, mock, provider):
        key = MockProvider.KEY.get(provider, MockProvider.KEY["other"])
        return self.run("keys", "add", provider, "--label", "Test", "--base-url",
                        mock.base_url(provider), input=key + "\n",
                        passphrase=True).stdout.strip()

    def http(self, method, path, body=None, headers=None, via_socket=False, timeout=30):
        connection = (SocketConnection(self.socket_path) if via_socket
                      else http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout))
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        return response, text

    def authorize(self, provider="demo", models=(), via_socket=False, **details):
        entry = dict(type="ai_model_access", provider=provider, models=list(models), **details)
        response, text = self.http("POST", "/okap/authorize", {
            "okap": "1.0", "authorization_details": [entry],
            "client": {"name": "Test App"}}, via_socket=via_socket)
        assert response.status == 200, text
        return json.loads(text)


def serve_until_done(folder):
    vault = Okap(folder).init().serve()
    yield vault
    vault.stop()
    log = vault.log()
    for word in ("CRITICAL", "ERROR: AddressSanitizer", "runtime error", "WARNING: ThreadSanitizer",
                 "LeakSanitizer"):
        assert word not in log, log


@pytest.fixture
def okap(tmp_path):
    """A served, open vault that allows every request."""
    yield from serve_until_done(tmp_path)


@pytest.fixture(scope="module")
def shared_okap(tmp_path_factory):
    """The same for all tests of a file that only look at answers: opening a vault is slow work."""
    yield from serve_until_done(tmp_path_factory.mktemp("vault"))


@pytest.fixture
def make_okap(tmp_path):
    """Makes vaults with other settings; stops what still runs."""
    made = []

    def make(**kwargs):
        folder = tmp_path / f"vault{len(made)}"
        folder.mkdir()
        made.append(Okap(folder, **kwargs))
        return made[-1]

    yield make
    for vault in made:
        vault.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def sdk():
    """The vendors' own packages: their folder, and the node that runs them."""
    return sdk_runs.install()


@pytest.fixture
def mock():
    provider = MockProvider()
    yield provider
    provider.close()


def wait_until(condition, seconds=10):
    """Polls for something that another process does; fails after a bound."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("did not happen in time")
