# SPDX-License-Identifier: GPL-3.0-or-later
"""The real okap-app, in folders of its own, and a person in front of it."""
import gettext
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from desktop import PATIENCE, wait_for

PASSPHRASE = "canary heron Zx81 lantern"
PAGES = ["Overview", "Apps", "Keys", "Activity", "Try It"]


def artifacts():
    folder = Path(os.environ.get("OKAP_ARTIFACTS") or Path(__file__).parents[1] / "artifacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def okap_program():
    return str(Path(os.environ["OKAP_BUILD_DIR"]) / "src" / "cli" / "okap")


def app_program():
    return str(Path(os.environ["OKAP_BUILD_DIR"]) / "src" / "ui" / "okap-app")


class Request:
    """An app's request, waiting for its answer on a thread."""

    def __init__(self, port, body, path="/okap/authorize"):
        self.status = None
        self.answer = None
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.request("POST", path, json.dumps(body),
                                {"Content-Type": "application/json"})
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            response = self.connection.getresponse()
            self.answer = json.loads(response.read())
            self.status = response.status
        except Exception as error:
            self.answer = {"gone": str(error)}

    def done(self):
        return not self.thread.is_alive()

    def wait(self, seconds=15):
        self.thread.join(PATIENCE * seconds)
        assert self.done(), "the request was not answered"
        return self.answer

    def hang_up(self):
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.close()


def ask_for(provider="demo", models=("demo-fast", "demo-large"), capabilities=("chat",),
            name="Example App", reason="Summaries in the editor", limits=None, expires=None):
    details = {"type": "ai_model_access", "provider": provider, "models": list(models),
               "capabilities": list(capabilities), "reason": reason}
    if limits is not None:
        details["limits"] = limits
    if expires is not None:
        details["expires"] = expires
    return {"okap": "1.0", "authorization_details": [details], "client": {"name": name}}


class App:
    first = {}  # by rows of usage: the folder of the vault that others are copied from

    def __init__(self, desktop, folder, dark=False, contrast=False, scale=1.0, language=None,
                 args=()):
        self.desktop = desktop
        self.folder = Path(folder)
        # Nothing is drawn by GL here, and a driver's own leaks would be reported as ours.
        self.env = dict(os.environ, **desktop.locale(language), TZ="UTC", GSK_RENDERER="cairo",
                        GDK_DEBUG="gl-disable", GDK_BACKEND="x11", NO_AT_BRIDGE="0",
                        GTK_A11Y="atspi",
                        ADW_DEBUG_COLOR_SCHEME="prefer-dark" if dark else "prefer-light",
                        ADW_DEBUG_HIGH_CONTRAST=str(int(contrast)),
                        ADW_DISABLE_PORTAL="1", GSETTINGS_BACKEND="keyfile", GIO_USE_VFS="local",
                        XDG_DATA_HOME=str(self.folder / "data"),
                        XDG_CONFIG_HOME=str(self.folder / "config"),
                        XDG_CACHE_HOME=str(self.folder / "cache"),
                        HOME=str(self.folder / "home"),
                        DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")
        for name in ("data", "config", "cache", "run", "home"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        settings = self.folder / "config" / "gtk-4.0"
        settings.mkdir(exist_ok=True)
        (settings / "settings.ini").write_text(
            "[Settings]\n"
            "gtk-font-name=Cantarell 11\n"
            "gtk-xft-antialias=1\ngtk-xft-hinting=1\ngtk-xft-hintstyle=hintslight\n"
            "gtk-xft-rgba=none\n"
            "gtk-enable-animations=0\n")
        # There is no tray here; that is told, in the window, to whom it was not told yet.
        self.configure("background-told=true")
        # The bus and the accessibility bus live in the desktop's runtime folder; ours is our own.
        self.env["XDG_RUNTIME_DIR"] = str(self.folder / "run")
        self.scale = scale
        # Names of widgets are given in English in whatever language the app is.
        self.words = gettext.translation("okap", Path(os.environ["OKAP_BUILD_DIR"]) / "po",
                                         [language or "en"], fallback=True)
        self.stderr_path = self.folder / "stderr.log"
        self.args = ("--listen", "127.0.0.1:0", *args)
        self.process = None

    # Life

    def configure(self, *lines):
        """Its settings, before it starts."""
        folder = self.folder / "config" / "glib-2.0" / "settings"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "keyfile").write_text("\n".join(("[com/example/Okap]", *lines, "")))

    def init(self, rows=0):
        """Gives it a vault without the window, for tests of something else: a copy of the first
        one, which is cheap to open. What Okap makes costs most of a second each time. With ROWS,
        it has keys, apps and a year of usage."""
        if rows not in App.first:
            App.first[rows] = tempfile.TemporaryDirectory(prefix="okap-first-")
            self._make_vault(App.first[rows].name, rows)
        for name in ("data", "config"):
            shutil.copytree(Path(App.first[rows].name) / name, self.folder / name,
                            dirs_exist_ok=True)
        return self

    def _make_vault(self, folder, rows):
        env = dict(self.env, XDG_DATA_HOME=f"{folder}/data", XDG_CONFIG_HOME=f"{folder}/config")
        for name in ("data", "config"):
            (Path(folder) / name).mkdir(mode=0o700)
        programs = Path(os.environ["OKAP_BUILD_DIR"]) / "tests" / "lib"
        for command in (("make-vault",), ("make-year", str(rows)))[:2 if rows else 1]:
            subprocess.run((programs / command[0], *command[1:]), env=env, check=True,
                           input=PASSPHRASE.encode(), capture_output=True, timeout=600)

    def start(self):
        self.desktop.set_text_scale(self.scale)
        with open(self.stderr_path, "ab") as stderr:
            self.process = subprocess.Popen([app_program(), *self.args], env=self.env,
                                            stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)
        self.pid = self.process.pid
        wait_for(self.vault_json, message="the app did not come up: " + self.stderr())
        return self

    def stderr(self):
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.ends()
        self.process = None

    def ends(self):
        """It is ending by itself, in order."""
        try:
            code = self.process.wait(10 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert code == 0, f"the app ended with {code}: {self.stderr()}"
        self.process = None

    def vault_json(self):
        assert self.process.poll() is None, "the app ended: " + self.stderr()
        path = self.folder / "run" / "okap" / "vault.json"
        try:
            return json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    @property
    def port(self):
        return int(self.vault_json()["url"].rsplit(":", 1)[1].strip("/"))

    def request(self, **kwargs):
        return Request(self.port, ask_for(**kwargs))

    def call(self, method, path, body=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = "Bearer " + token
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def command(self, *args, input="", passphrase=False):
        """Runs an okap command beside the app; the passphrase goes over a pipe."""
        fds = ()
        if passphrase:
            read, write = os.pipe()
            os.write(write, PASSPHRASE.encode())
            os.close(write)
            args += ("--passphrase-fd", str(read))
            fds = (read,)
        try:
            return subprocess.run((okap_program(), *args), env=self.env, input=input, text=True,
                                  pass_fds=fds, check=True, capture_output=True,
                                  timeout=60).stdout.strip()
        finally:
            for fd in fds:
                os.close(fd)

    # Widgets

    def find_all(self, role=None, name=None, within=None):
        root = self.desktop.application(self.pid)
        if root is None:
            return []
        name = self.words.gettext(name) if name else name
        found = []
        for node in self.desktop.walk(within or root):
            try:
                if role is not None and node.get_role_name() != role:
                    continue
                if name is not None and name != (node.get_name() or ""):
                    continue
            except Exception:
                continue
            found.append(node)
        return found

    def find(self, role=None, name=None, within=None, seconds=10):
        return wait_for(lambda: self.find_all(role, name, within), seconds,
                        message=f"no {role} called {name!r}")[0]

    def page(self, kind):
        """The accessible of a widget of class KIND: pages that are not shown keep their places."""
        return self.find("filler", kind)

    def is_sensitive(self, node):
        states = node.get_state_set()
        return states.contains(self.desktop.atspi.StateType.SENSITIVE)

    def texts(self):
        """All that a screen reader could read, as one text."""
        lines = []
        root = self.desktop.application(self.pid)
        for node in self.desktop.walk(root) if root is not None else ():
            try:
                lines.append(node.get_name() or "")
                if node.is_text():
                    length = self.desktop.atspi.Text.get_character_count(node)
                    lines.append(self.desktop.atspi.Text.get_text(node, 0, length))
            except Exception:
                continue
        return "\n".join(lines)

    def says(self, words, seconds=10):
        wait_for(lambda: words in self.texts(), seconds, message=f"it does not say {words!r}")

    # Windows

    def window(self, title="Okap", seconds=10):
        return wait_for(lambda: self.desktop.windows(self.pid, title), seconds, 0.02,
                        f"no window {title!r}")[0]

    def has_window(self, title):
        return bool(self.desktop.windows(self.pid, title))

    def wait_gone(self, title, seconds=10):
        wait_for(lambda: not self.has_window(title), seconds, message=f"{title!r} stays")

    def enlarge(self, window):
        """As high as the screen, so that nothing has to be scrolled to."""
        width = self.desktop.window_geometry(window)[2]
        self.desktop.xdotool("windowmove", "--sync", window, 200, 0, "windowsize", "--sync", window,
                             width, 1000)
        time.sleep(0.3)

    def centre(self, node, window):
        """The middle of NODE on the screen."""
        frame = node
        while frame.get_parent().get_role_name() != "application":
            frame = frame.get_parent()
        inner = self.desktop.box(frame)
        box = self.desktop.box(node)
        x, y, width, height = self.desktop.window_geometry(window)
        border_x, border_y = (width - inner.width) // 2, (height - inner.height) // 2
        return x + border_x + box.x + box.width // 2, y + border_y + box.y + box.height // 2

    def click(self, node, window):
        x, y = self.centre(node, window)
        self.desktop.xdotool("mousemove", x, y, "click", 1)

    def press(self, name, window, role="push button", within=None):
        self.click(self.find(role, name, within), window)

    def type_into(self, node, window, text):
        self.click(node, window)
        time.sleep(0.1)
        self.desktop.xdotool("type", "--delay", "4", "--", text)

    def key(self, *keys):
        self.desktop.xdotool("key", *keys)

    def go_to(self, page, window):
        if self.find_all("push button", "Back"):  # a narrow window has no room for the list of them
            self.desktop.activate(window)
            self.key(f"alt+{1 + PAGES.index(page)}")
            time.sleep(0.3)
            return
        self.press(page, window, role="list item")
        time.sleep(0.3)

    def picture(self, name, window):
        """Keeps a picture of WINDOW, without the border that is there without a compositor."""
        time.sleep(0.4)
        path = artifacts() / f"{name}.png"
        self.desktop.picture(path, window)
        subprocess.run(("mogrify", "-shave", "5x5", "-strip", str(path)), check=True, timeout=60)

    # Consent

    def allow_button(self):
        return self.find("push button", "Allow")

    def wait_armed(self):
        wait_for(lambda: self.is_sensitive(self.allow_button()), 5, message="Allow does not arm")

    def allow(self, window):
        self.wait_armed()
        self.click(self.allow_button(), window)
        self.wait_gone("Access Request")

    def unlock(self, passphrase=PASSPHRASE):
        window = self.window()
        time.sleep(0.3)
        self.type_into(self.find("text", "Passphrase or Recovery Code"), window, passphrase)
        self.key("Return")
        wait_for(lambda: any(self.is_sensitive(button) for name in ("Lock", "Back")
                             for button in self.find_all("push button", name)), 15,
                 message="the vault does not open")
        return window
