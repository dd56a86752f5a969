# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that what the desktop is told of Okap fits together, in the sources: resources, icons,
pictures, versions, actions, shortcuts. Prints TAP. What other tools judge, test-suites.py has."""
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

SOURCE = Path(__file__).resolve().parent.parent
ID = "com.example.Okap"
UI = SOURCE / "src" / "ui"
ICONS = SOURCE / "data" / "icons" / "hicolor"
SVG = "{http://www.w3.org/2000/svg}"


def parse(path):
    return ElementTree.parse(path).getroot()


def read(*parts):
    return SOURCE.joinpath(*parts).read_text()


def sources():
    return "\n".join(path.read_text() for path in sorted(UI.glob("**/*.c")))


def resources():
    """each .ui file and icon is a resource, and each resource is a file"""
    listed = {node.text for node in parse(UI / "okap.gresource.xml").iter("file")}
    ours = {str(path.relative_to(UI)) for end in ("ui", "svg") for path in UI.glob(f"**/*.{end}")}
    icons = {path.name for path in ICONS.glob("**/*.svg")}
    there = ours | icons | {str(path.relative_to(UI)) for path in UI.glob("**/*.css")}
    return [f"{name} is in no resource" for name in sorted((ours | icons) - listed)] + [
        f"the resource {name} is no file" for name in sorted(listed - there)]


def symbolic_icons():
    """symbolic icons are 16 pixels wide and of one colour"""
    problems = []
    for path in sorted([*(ICONS / "symbolic").glob("**/*.svg"), *UI.glob("**/*-symbolic.svg")]):
        root = parse(path)
        colours = {node.get("fill") for node in root.iter(SVG + "path")}
        if root.get("viewBox") != "0 0 16 16" or len(colours) != 1:
            problems.append(f"{path.name}: expected 0 0 16 16 and one colour, found "
                            f"{root.get('viewBox')} and {colours}")
    return problems


def installed_icons():
    """each icon is installed"""
    text = read("data", "meson.build")
    states = re.search(r"foreach state : \[(.*?)\]", text)[1]
    installed = {f"{ID}.svg"} | {f"{ID}{state}-symbolic.svg"
                                 for state in re.findall(r"'(.*?)'", states)}
    return [f"{name} is not installed" for name in
            sorted({path.name for path in ICONS.glob("**/*.svg")} - installed)]


def pictures():
    """each screenshot in the metainfo is in data/screenshots"""
    names = [node.text.rsplit("/", 1)[1] for node in
             parse(SOURCE / "data" / f"{ID}.metainfo.xml").iter("image")]
    return [f"there is no data/screenshots/{name}" for name in names
            if not (SOURCE / "data" / "screenshots" / name).exists()]


def versions():
    """meson.build, the newest release in the metainfo and the Debian changelog agree"""
    version = re.search(r"^  version: '(.*)',$", read("meson.build"), re.M)[1]
    release = parse(SOURCE / "data" / f"{ID}.metainfo.xml").find("releases/release").get("version")
    debian = re.match(r"okap \((.*?)\)", read("build-aux", "debian", "changelog"))[1]
    return [f"meson.build has {version}, {name} {other}"
            for name, other in (("the metainfo", release), ("debian/changelog", debian))
            if other != version]


def desktop_actions():
    """each action of the desktop file is one of the app's, since it is activated over the bus"""
    text = read(f"{ID}.desktop")
    named = re.search(r"^Actions=(.*)$", text, re.M)
    known = set(re.findall(r'\.name = "([a-z-]+)"', read("src", "ui", "okap-application.c")))
    problems = []
    for name in filter(None, named[1].split(";") if named else []):
        if f"[Desktop Action {name}]" not in text:
            problems.append(f"the action {name} has no group")
        if name not in known:
            problems.append(f"the app has no action {name}")
    return problems


def shortcuts():
    """each action with keys of its own is in the window of the keyboard shortcuts"""
    used = set(re.findall(r'\{ "((?:app|win|window)\.[a-z:-]+)", "[^"]+" \}', sources()))
    shown = {node.text for node in parse(UI / "help-overlay.ui").iter("property")
             if node.get("name") == "action-name"}
    return [f"{name} is not in help-overlay.ui" for name in sorted(used - shown)] + [
        f"help-overlay.ui shows {name}, which has no keys" for name in sorted(shown - used)]


def main():
    good = True
    checks = (resources, symbolic_icons, installed_icons, pictures, versions, desktop_actions,
              shortcuts)
    for number, check in enumerate(checks, 1):
        problems = check()
        good &= not problems
        for problem in problems:
            print("#", problem)
        print("not ok" if problems else "ok", number, check.__doc__)
    print(f"1..{len(checks)}")
    sys.exit(not good)


main()
