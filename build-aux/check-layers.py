# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that src keeps to its layers; prints TAP.

Meson gives a layer only the include folders that it declares, but what it declares, and which
foreign library it reaches for, is checked here against one table.

usage: check-layers.py                 the include graph and the build files
       check-layers.py --linked BUILD  what the built programs load
"""
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
SRC = SOURCE / "src"

# What a layer may use, bottom to top; src/README.md has the drawing.
CORE = ["base", "model", "gate", "store", "vault", "identity", "http", "broker", "proxy",
        "link", "transport", "bus", "session", "core"]
LAYERS = {
    "base": [],
    "model": ["base"],
    "gate": ["base", "model"],
    "store": ["base", "model"],
    "vault": ["base", "model"],
    "identity": ["base", "model"],
    "http": ["base", "model", "identity"],
    "broker": ["base", "model", "gate", "store", "vault", "identity"],
    "proxy": ["base", "model", "gate", "http"],
    "link": ["base", "model", "broker"],
    "transport": ["base", "model", "identity", "http", "broker", "link"],
    "bus": ["base", "model", "identity", "broker"],
    "session": ["base", "model", "gate", "store", "vault", "identity", "broker"],
    "core": CORE[:-1],
    "cli": CORE,
    "ui": [*CORE, "stats"],
    "stats": ["base", "model", "store"],
}
# Headers of other libraries, and the only layers that may include them.
FOREIGN = {
    r"gtk/|gdk/|gsk/|adwaita|pango|cairo|graphene": ["ui"],
    r"sqlite3": ["store"],
    r"libsecret/": ["vault"],
    r"curl/": ["proxy", "cli", "ui"],
    r"libsoup/": ["proxy"],
    r"sodium": ["base", "model", "gate", "store", "vault", "broker", "link", "transport", "cli"],
}
# What a program without windows must not load.
TOOLKIT = re.compile(r"lib(gtk|gdk|adwaita|gsk|pango|cairo|graphene|X11|wayland)")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


class Tap:
    """Counts and prints; each check is one test."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, name, problems):
        self.count += 1
        self.failed += bool(problems)
        for problem in problems:
            print("#", problem)
        print("not ok" if problems else "ok", self.count, name, flush=True)

    def finish(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def files(layer):
    return sorted(path for path in (SRC / layer).rglob("*") if path.suffix in (".c", ".h"))


def layers():
    return sorted(path.parent.name for path in SRC.glob("*/meson.build"))


def where_headers_are():
    return {path.name: layer for layer in layers() for path in files(layer)
            if path.suffix == ".h"}


def check_includes():
    owner = where_headers_are()
    problems = []
    for layer in layers():
        for path in files(layer):
            for own, foreign in INCLUDE.findall(path.read_text()):
                name = Path(own).name
                target = owner.get(name)
                where = f"{path.relative_to(SOURCE)}: includes {own or foreign}"
                if target and target != layer:
                    if target not in LAYERS.get(layer, []):
                        problems.append(f"{where}; {layer} may not use {target}")
                    elif name.endswith("-private.h"):
                        problems.append(f"{where}, which is private to {target}")
                for pattern, allowed in FOREIGN.items():
                    if foreign and re.match(pattern, foreign) and layer not in allowed:
                        problems.append(f"{where}; that belongs in {', '.join(allowed)}")
    return problems


def check_declared():
    problems = []
    for layer in layers():
        if layer not in LAYERS:
            problems.append(f"src/{layer} is not in the table of check-layers.py")
            continue
        text = (SRC / layer / "meson.build").read_text()
        for name in sorted(set(re.findall(r"\b([a-z]+)_(?:dep|lib)\b", text))):
            if name in LAYERS and name != layer and name not in LAYERS[layer]:
                problems.append(f"src/{layer}/meson.build declares {name}, which {layer} may not "
                                "use")
    return problems


def check_built():
    problems = []
    for layer in layers():
        text = (SRC / layer / "meson.build").read_text()
        for path in files(layer):
            if path.suffix == ".c" and f"'{path.relative_to(SRC / layer)}'" not in text:
                problems.append(f"{path.relative_to(SOURCE)} is not in its meson.build")
    return problems


def check_unique():
    seen, problems = {}, []
    for layer in layers():
        for path in files(layer):
            if path.name in seen:
                problems.append(f"{path.relative_to(SOURCE)} has the name of {seen[path.name]}")
            seen[path.name] = path.relative_to(SOURCE)
    return problems


def loaded(program):
    """All libraries that a program loads, those of its libraries too."""
    text = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in text.splitlines() if line.strip()]


def check_linked(program):
    if not program.exists():
        return [f"{program.name} was not built"]
    return [f"{program.name} loads {name}" for name in loaded(program) if TOOLKIT.search(name)]


def check_no_toolkit_in_core(build):
    """No object of a layer below the app refers to the toolkit's functions."""
    problems = []
    for archive in sorted((build / "src").glob("*/*.a")):
        if archive.parent.name == "ui":
            continue
        text = subprocess.run(["nm", "--undefined-only", "--no-sort", str(archive)],
                              capture_output=True, text=True, check=True).stdout
        names = sorted(set(re.findall(r" U ((?:gtk|gdk|gsk|adw)_\w+)", text)))
        problems += [f"{archive.name} calls {name}" for name in names]
    return problems


def main():
    tap = Tap()
    if sys.argv[1:2] == ["--linked"]:
        build = Path(sys.argv[2])
        tap.check("the core calls no toolkit", check_no_toolkit_in_core(build))
        tap.check("okap loads no toolkit", check_linked(build / "src" / "cli" / "okap"))
    else:
        tap.check("includes follow the layers", check_includes())
        tap.check("build files declare what the layer may use", check_declared())
        tap.check("each source file is built", check_built())
        tap.check("file names are unique", check_unique())
    tap.finish()


main()
