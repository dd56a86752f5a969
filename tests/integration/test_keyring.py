# SPDX-License-Identifier: GPL-3.0-or-later
"""The login keyring as a way into the vault: a real gnome-keyring on a bus of its own, and services
that are missing, hang, die, forget or give out something else. Whatever they do, there is an answer
in time, in words, and the vault is as it was."""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

SILENT_MS, ASKING_MS = 700, 1500
SLACK_MS = 6000  # busy machines and sanitizers


class Session:
    """A session bus with at most one Secret Service, and a vault."""

    def __init__(self, folder):
        self.folder = folder
        self.vault = folder / "vault.okap"
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.env = dict(os.environ, XDG_RUNTIME_DIR=str(runtime), HOME=str(folder),
                        XDG_DATA_HOME=str(folder / "data"), LC_ALL="C.UTF-8",
                        XDG_DATA_DIRS=str(folder / "nothing"))
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
            self.env.pop(name, None)
        config = folder / "bus.conf"
        config.write_text(f"""<busconfig><type>session</type><listen>unix:dir={folder}</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>""")
        self.bus = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork",
                                     "--print-address"], stdout=subprocess.PIPE, text=True,
                                    env=self.env)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        self.service = None

    def start_keyring(self, password=b"login password"):
        self.service = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=self.env)
        self.service.stdin.write(password)
        self.service.stdin.close()
        self.wait_for_name()

    def start_mock(self, how):
        self.service = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "keyring_mock.py"), how],
            stdout=subprocess.PIPE, text=True, env=self.env)
        assert self.service.stdout.readline() == "ready\n"

    def wait_for_name(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            names = subprocess.run(
                ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                 "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"],
                env=self.env, capture_output=True, text=True).stdout
            if "true" in names:
                return
            time.sleep(0.05)
        raise AssertionError("no Secret Service appeared")

    def stop_service(self):
        if self.service:
            self.service.kill()
            self.service.wait()
            self.service = None

    def close(self):
        self.stop_service()
        self.bus.kill()
        self.bus.wait()

    def probe(self, *commands, silent=SILENT_MS, asking=ASKING_MS):
        """Each command's (error or "ok", message); none takes longer than its bound."""
        program = Path(os.environ["OKAP_BUILD_DIR"]) / "tests" / "lib" / "keyring-probe"
        done = subprocess.run([str(program), str(self.vault), str(silent), str(asking)],
                              input="\n".join(commands) + "\n", env=self.env, text=True,
                              capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        answers = [line.split("\t") for line in done.stdout.splitlines()]
        assert len(answers) == len(commands), done
        for command, answer in zip(commands, answers):
            bound = silent if command == "unlock" else asking
            assert int(answer[2]) < bound + SLACK_MS, (command, answer)
        return [(answer[0], answer[1]) for answer in answers]


@pytest.fixture
def session(tmp_path):
    session = Session(tmp_path)
    yield session
    session.close()


def test_real_keyring(session):
    """On, off, and on again; another process opens the vault, and does not after it was off."""
    session.start_keyring()
    assert session.probe("unlock")[0][0] == "not_found"
    assert session.probe("add", "unlock", "ask", silent=20000, asking=20000) == [("ok", "")] * 3
    assert session.probe("add", silent=20000, asking=20000)[0][0] == "conflict"
    stored = b"".join(path.read_bytes() for path in
                      (session.folder / "data" / "keyrings").glob("*.keyring"))
    assert stored, "gnome-keyring kept nothing on the disk"
    assert session.probe("unlock", silent=20000) == [("ok", "")]
    assert session.probe("remove", "unlock", silent=20000, asking=20000) == \
        [("ok", ""), ("not_found", "The vault does not open by the login keyring")]
    assert session.probe("add", "unlock", silent=20000, asking=20000) == [("ok", "")] * 2


def test_keyring_comes_back_empty(session):
    """The keyring's files were reset: said so, and repaired by off and on."""
    session.start_keyring()
    assert session.probe("add", asking=20000) == [("ok", "")]
    session.stop_service()
    for path in (session.folder / "data" / "keyrings").iterdir():
        path.unlink()
    session.start_keyring()
    code, words = session.probe("unlock", silent=20000)[0]
    assert code == "keyring_error" and "does not hold" in words
    assert session.probe("remove", "add", "unlock", silent=20000, asking=20000) == \
        [("ok", "")] * 3


def test_absent(session):
    assert session.probe("unlock") == [("not_found",
                                        "The vault does not open by the login keyring")]
    code, words = session.probe("add")[0]
    assert code == "keyring_error" and "There is no login keyring" in words
    assert session.probe("unlock")[0][0] == "not_found"  # nothing was changed


CASES = {
    # how: (what unlock says, what add says)
    "silent": ("does not answer", "did not finish"),
    "dying": ("ended while it was asked", None),
    "forgets": ("does not hold", "did not give it back"),
    "wrong": ("does not open this vault", "did not give it back"),
    "locked": ("is locked", None),
    "nowhere": ("does not hold", "no default keyring"),
}


@pytest.mark.parametrize("how", CASES)
def test_trouble(session, how):
    unlock_words, add_words = CASES[how]
    if add_words:
        session.start_mock(how)
        code, words = session.probe("add")[0]
        assert code == "keyring_error" and add_words in words
        session.stop_service()
    # A vault that has the slot already.
    session.start_keyring()
    assert session.probe("add", asking=20000) == [("ok", "")]
    session.stop_service()
    session.start_mock(how)
    code, words = session.probe("unlock")[0]
    assert code == "keyring_error" and unlock_words in words
    session.stop_service()
    session.start_keyring()
    assert session.probe("unlock", silent=20000) == [("ok", "")]
