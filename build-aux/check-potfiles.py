# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that po/POTFILES.in names exactly the files with words for people; prints TAP."""
import re
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
WORDS = {
    ".c": re.compile(r'(?<!\w)(?:_|N_|C_|NC_|Q_|ngettext|g_dngettext|g_dpgettext2?)\s*\(\s*"'),
    ".ui": re.compile(r'translatable="(?:yes|true)"'),
    ".desktop": re.compile(r"^(?:Name|Comment|GenericName|Keywords)=", re.M),
    ".xml": re.compile(r"<(?:summary|caption)>"),
}


def with_words():
    found = set()
    for folder in ("src", "data", "."):
        for path in (SOURCE / folder).glob("*" if folder == "." else "**/*"):
            name = path.name.removesuffix(".in")
            expression = WORDS.get(Path(name).suffix)
            if path.is_file() and expression and (
                    Path(name).suffix != ".xml" or (".metainfo." in name or ".gschema." in name)):
                if expression.search(path.read_text()):
                    found.add(str(path.relative_to(SOURCE)))
    return found


def main():
    listed = set()
    potfiles = SOURCE / "po" / "POTFILES.in"
    if potfiles.exists():
        listed = {line.strip() for line in potfiles.read_text().splitlines()
                  if line.strip() and not line.startswith("#")}
    problems = [f"{name} has words for people but is not in po/POTFILES.in"
                for name in sorted(with_words() - listed)]
    problems += [f"po/POTFILES.in names {name}, which does not exist"
                 for name in sorted(listed) if not (SOURCE / name).exists()]
    for problem in problems:
        print("#", problem)
    print("not ok" if problems else "ok", 1, "po/POTFILES.in is complete")
    print("1..1")
    sys.exit(1 if problems else 0)


main()
