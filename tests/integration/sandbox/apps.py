# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Flatpak apps made of files at hand: no network, nothing outside of the test's folders."""
import os
import shutil
import subprocess
from pathlib import Path

RUNTIME = "com.example.Runtime"
ONE, TWO = "com.example.One", "com.example.Two"
TOOLS = ("flatpak", "bwrap", "xdg-dbus-proxy", "dbus-daemon", "unshare", "cc")

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def why_not():
    """Why there can be no Flatpak app here; None if there can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    done = subprocess.run(("bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/",
                           "--proc", "/proc", "true"), capture_output=True, text=True)
    return f"no user namespaces here: {done.stderr.strip()}" if done.returncode else None


def compile_client(folder):
    client = folder / "client"
    subprocess.run(("cc", "-static", "-O1", "-o", str(client),
                    str(Path(__file__).parent / "client.c")), check=True)
    return client


def copy_libraries(program, root):
    """What the loader says that PROGRAM needs, at the same places."""
    listed = subprocess.run(("ldd", str(program)), capture_output=True, text=True,
                            check=True).stdout
    for line in listed.splitlines():
        path = next((word for word in line.split() if word.startswith("/")), None)
        if path is None:
            continue
        # the loader stands in lib64, the rest where it looks without a cache
        place = root / ("lib64" if "ld-linux" in path else "lib") / Path(path).name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)


class Flatpak:
    """An installation of the user whose environment ENV is, with two apps."""

    def __init__(self, folder, env, client, ask):
        self.folder = folder
        self.env = env
        tree = folder / "runtime"
        programs = tree / "usr" / "bin"
        programs.mkdir(parents=True)
        (tree / "files").mkdir()
        shutil.copy(client, programs / "client")
        shutil.copy(ask, programs / "ask")
        copy_libraries(ask, tree / "usr")
        runtime = f"{RUNTIME}/{self.flatpak('--default-arch').strip()}/1"
        self.export(tree, f"[Runtime]\nname={RUNTIME}\nruntime={runtime}\n", "--runtime")
        for app in (ONE, TWO):
            for name in ("export", "files"):
                (folder / app / name).mkdir(parents=True)
            self.export(folder / app, f"[Application]\nname={app}\nruntime={runtime}\n"
                        "command=client\n\n[Context]\nshared=network;\n\n"
                        "[Session Bus Policy]\ncom.example.Okap=talk\n")
        self.install(env, ONE, TWO)

    def export(self, tree, metadata, *options):
        (tree / "metadata").write_text(metadata)
        self.flatpak("build-export", "--disable-fsync", *options,
                     str(self.folder / "repository"), str(tree), "1")

    def update(self, app):
        tree = self.folder / app
        (tree / "files" / "newer").touch()
        self.export(tree, (tree / "metadata").read_text())
        self.flatpak("update", "--user", "--noninteractive", app)

    def install(self, env, *apps):
        self.flatpak("remote-add", "--user", "--no-gpg-verify", "here",
                     str(self.folder / "repository"), env=env)
        self.flatpak("install", "--user", "--noninteractive", "here", *apps, env=env)

    def flatpak(self, *args, env=None):
        done = subprocess.run(("flatpak", *args), env=env or self.env, capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, (args, done.stdout, done.stderr)
        return done.stdout

    def command(self, app, *args, program="client"):
        """How APP is started. Leak detection needs ptrace, which the sandbox does not allow."""
        return ("flatpak", "run", "--user", "--no-a11y-bus", "--env=ASAN_OPTIONS=detect_leaks=0",
                f"--command={program}", app, *args)

    def instances(self):
        return [path for path in Path(self.env["XDG_RUNTIME_DIR"], ".flatpak").glob("[0-9]*")
                if (path / "bwrapinfo.json").exists()]


class Bus:
    """A dbus-daemon that starts nobody: flatpak does without its helpers."""

    def __init__(self, folder):
        config = folder / "bus.conf"
        config.write_text(BUS.format(folder=folder))
        self.process = subprocess.Popen(
            ("dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=open(folder / "bus.log", "ab"))
        self.address = self.process.stdout.readline().strip()
        assert self.address, "dbus-daemon did not start"

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
