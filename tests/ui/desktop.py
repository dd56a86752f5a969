# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop for tests: an X server nobody sees, a window manager, a session bus, and with them the
accessibility bus, over which widgets are found by role and name as a screen reader finds them.

What a person does is done by xdotool at screen coordinates, never by an accessibility action:
the difference is part of what is tested.
"""
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

COUNTRIES = {"de": "DE", "es": "ES", "he": "IL"}
TOOLS = ("localedef", "Xvfb", "openbox", "xdotool", "xprop", "xwininfo", "import", "mogrify",
         "dbus-daemon")


def missing_tools():
    return [tool for tool in TOOLS if shutil.which(tool) is None]


# A step takes this many times as long as it should before a test gives it up: a busy machine is no
# fault of the app. What promises a time measures it.
PATIENCE = 4


def wait_for(what, seconds=15.0, every=0.05, message="nothing came"):
    """Polls WHAT until it gives something, which is returned; SECONDS is what it should take at
    most."""
    begin = time.monotonic()
    while True:
        found = what()
        if found:
            return found
        if time.monotonic() > begin + PATIENCE * seconds:
            raise AssertionError(f"{message} in {time.monotonic() - begin:.0f} s")
        time.sleep(every)


class Desktop:
    """Started once: the accessibility library of this process knows only one bus."""

    SIZE = "1280x1024"

    def __init__(self, folder):
        self.processes = []
        self.log = open(Path(folder) / "desktop.log", "ab")
        self.locales = Path(folder) / "locales"
        read, write = os.pipe()
        self._start("Xvfb", "-displayfd", str(write), "-screen", "0", f"{self.SIZE}x24",
                    "-nolisten", "tcp", "-noreset", pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as numbers:
            os.environ["DISPLAY"] = ":" + numbers.readline().strip()
        os.environ.pop("WAYLAND_DISPLAY", None)
        os.environ.pop("AT_SPI_BUS_ADDRESS", None)
        runtime = Path(folder) / "desktop-run"
        runtime.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.new_bus()
        self.manager = self._start("openbox", "--sm-disable")
        wait_for(self._is_managed_at_all, message="openbox does not manage the screen")

        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi
        Atspi.init()
        Atspi.set_timeout(10000, 20000)
        self.atspi = Atspi

    def _is_managed_at_all(self):
        if self.manager.poll() is not None:  # it was too early for the X server
            self.manager = self._start("openbox", "--sm-disable")
        done = subprocess.run(("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"), capture_output=True,
                              text=True, timeout=60)
        return "window id" in done.stdout

    def _start(self, *command, **kwargs):
        kwargs.setdefault("stdout", self.log)
        process = subprocess.Popen(command, stderr=self.log, stdin=subprocess.DEVNULL, **kwargs)
        self.processes.append(process)
        return process

    def new_bus(self):
        """The address of a session bus of its own."""
        bus = self._start("dbus-daemon", "--session", "--nofork", "--print-address",
                          stdout=subprocess.PIPE, text=True)
        return bus.stdout.readline().strip()

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(10)

    def hold_windows(self, held):
        """While HELD, windows that open stay where nobody sees them."""
        self.manager.send_signal(signal.SIGSTOP if held else signal.SIGCONT)

    def set_text_scale(self, scale):
        """For programs that start from now on."""
        subprocess.run(("xprop", "-root", "-format", "RESOURCE_MANAGER", "8s", "-set",
                        "RESOURCE_MANAGER", f"Xft.dpi: {round(96 * scale)}\n"), check=True,
                       timeout=60)

    # What is there

    def application(self, pid):
        root = self.atspi.get_desktop(0)
        for i in range(root.get_child_count()):
            try:
                child = root.get_child_at_index(i)
                if child is not None and child.get_process_id() == pid:
                    return child
            except Exception:  # it ended while we looked
                continue
        return None

    def extents(self, node):
        """Where NODE is in its window, without the border that a window without a compositor
        has; None of a page of a stack, which is no widget."""
        try:
            return node.get_extents(self.atspi.CoordType.WINDOW)
        except Exception:
            return None

    def box(self, node):
        """The same, and None, too, if it takes no room: a page that is not shown, or nothing to
        see."""
        box = self.extents(node)
        return box if box is not None and box.width > 0 and box.height > 0 else None

    def walk(self, node):
        """All visible nodes below NODE, in reading order. Each question to the app is a message
        there and back, and most nodes are on pages that are not shown and take no room: below what
        takes none, nothing is asked."""
        try:
            count = node.get_child_count()
        except Exception:
            return
        for i in range(count):
            try:
                child = node.get_child_at_index(i)
                if child is None:
                    continue
                box = self.extents(child)
                if box is not None and (box.width <= 0 or box.height <= 0):
                    continue
                visible = child.get_state_set().contains(self.atspi.StateType.VISIBLE)
            except Exception:  # it went while we looked
                continue
            if visible:
                if box is not None:
                    yield child
                yield from self.walk(child)

    # What a person does

    def xdotool(self, *args):
        return subprocess.run(("xdotool", *map(str, args)), check=True, capture_output=True,
                              text=True, timeout=60).stdout

    def activate(self, window):
        """Makes WINDOW the active one. While another window is going there is none that is active,
        and xdotool fails; then it is asked again."""
        said = []

        def is_active():
            said.clear()
            for command in (("windowactivate", window), ("getactivewindow",)):
                done = subprocess.run(("xdotool", *map(str, command)), capture_output=True,
                                      text=True, timeout=60)
                said.append(done.stdout + done.stderr)
                if done.returncode != 0:
                    return False
            return done.stdout.strip() == str(window)

        try:
            wait_for(is_active, 10)
        except AssertionError:
            raise AssertionError(f"window {window} does not become active: {said}") from None

    def title(self, window):
        return self.xdotool("getwindowname", window).rstrip("\n")

    def window_geometry(self, window):
        text = self.xdotool("getwindowgeometry", "--shell", window)
        values = dict(re.findall(r"(\w+)=(-?\d+)", text))
        return tuple(int(values[k]) for k in ("X", "Y", "WIDTH", "HEIGHT"))

    def locale(self, language):
        """The environment for LANGUAGE, such as "de"; for None, for English without a country. A
        locale is compiled when it is first wanted; few machines have them all."""
        if language is None:
            return {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}
        name = f"{language}_{COUNTRIES[language]}"
        self.locales.mkdir(exist_ok=True)
        if not (self.locales / f"{name}.UTF-8").exists():
            subprocess.run(("localedef", "-i", name, "-f", "UTF-8",
                            str(self.locales / f"{name}.UTF-8")), check=True, timeout=60)
        # GTK speaks and reads from right to left only where the app has words of its own.
        words = Path(os.environ["OKAP_BUILD_DIR"]) / "po" / language / "LC_MESSAGES" / "okap.mo"
        if not words.exists():
            words.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(("msgfmt", "-o", str(words), "-"), check=True, timeout=60, text=True,
                           input='msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
        return {"LOCPATH": str(self.locales), "LC_ALL": f"{name}.UTF-8", "LANGUAGE": language}

    def windows(self, pid, title=None):
        """The mapped X windows of PID, or those that are called TITLE. What the window manager has
        no say in, such as tooltips, is called as the app is, and is left out."""
        name = ".*" if title is None else f"^{re.escape(title)}$"
        done = subprocess.run(("xdotool", "search", "--onlyvisible", "--all", "--pid", str(pid),
                               "--name", name), capture_output=True, text=True, timeout=60)
        return [int(window) for window in done.stdout.split() if self._is_managed(window)]

    def _is_managed(self, window):
        text = subprocess.run(("xwininfo", "-id", window), capture_output=True, text=True,
                              timeout=60).stdout
        return "Override Redirect State: no" in text

    def picture(self, path, window=None):
        target = str(window) if window is not None else "root"
        subprocess.run(("import", "-window", target, str(path)), check=True, timeout=60)
