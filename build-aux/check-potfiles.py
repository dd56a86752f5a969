# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that po/POTFILES.in names exactly the files with words for people, and that each language
in po/LINGUAS and help/LINGUAS is whole: nothing is missing or only guessed, and what stands for
values (%s, %d), the underscores of shortcuts and the plural forms are right. Prints TAP."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
POTFILES = SOURCE / "po" / "POTFILES.in"
WORDS = {
    ".c": re.compile(r'(?<!\w)(?:_|N_|C_|NC_|Q_|ngettext|g_dngettext|g_dpgettext2?)\s*\(\s*"'),
    ".ui": re.compile(r'translatable="(?:yes|true)"'),
    ".desktop": re.compile(r"^(?:Name|Comment|GenericName|Keywords)=", re.M),
    ".metainfo.xml": re.compile(r"<(?:summary|caption)>"),
    ".gschema.xml": re.compile(r"<summary>"),
}
# As meson's preset "glib" has them.
KEYWORDS = ("_", "N_", "C_:1c,2", "NC_:1c,2", "ngettext:1,2", "g_dcgettext:2", "g_dngettext:2,3",
            "g_dpgettext2:2c,3")


def listed():
    return {line.strip() for line in POTFILES.read_text().splitlines()
            if line.strip() and not line.startswith("#")}


def with_words():
    found = set()
    for folder in ("src", "data", "."):
        for path in (SOURCE / folder).glob("*" if folder == "." else "**/*"):
            name = path.name.removesuffix(".in")
            expression = next((words for end, words in WORDS.items() if name.endswith(end)), None)
            if path.is_file() and expression and expression.search(path.read_text()):
                found.add(str(path.relative_to(SOURCE)))
    return found


def files_problems():
    problems = [f"{name} has words for people but is not in po/POTFILES.in"
                for name in sorted(with_words() - listed())]
    return problems + [f"po/POTFILES.in names {name}, which does not exist"
                       for name in sorted(listed()) if not (SOURCE / name).exists()]


def run(*command):
    """What COMMAND wrote to standard error, and whether it succeeded."""
    done = subprocess.run([str(word) for word in command], cwd=SOURCE, capture_output=True,
                          text=True, env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""})
    return done.stderr.strip(), done.returncode == 0


def extract_help(template):
    words, good = run("itstool", f"--output={template}", *sorted(SOURCE.glob("help/C/*.page")))
    return [] if good else [f"itstool: {words}"]


def extract(template):
    words, good = run("xgettext", "--from-code=UTF-8", "--add-comments", "--directory=.",
                      f"--files-from={POTFILES}", *(f"--keyword={word}" for word in KEYWORDS),
                      f"--output={template}")
    return [] if good else [f"xgettext: {words}"]


def language_problems(name, template, folder):
    """Of the file NAME, against TEMPLATE, the words of today: it may be whole but old."""
    path = SOURCE / name
    merged = Path(folder) / path.name
    if not path.exists():
        return [f"there is no {name}, which LINGUAS asks for"]
    words, good = run("msgmerge", "--quiet", f"--output-file={merged}", path, template)
    if not good:
        return [f"{name}: {words}"]
    words, good = run("msgfmt", "--check", "--check-accelerators=_", "--output-file=/dev/null",
                      merged)
    problems = [] if good else [f"{name}: {line}" for line in words.splitlines()]
    words, _ = run("msgfmt", "--statistics", "--output-file=/dev/null", merged)
    if "fuzzy" in words or "untranslated" in words:
        problems.append(f"{name}: expected all to be translated, found {words}")
    return problems


def report(number, problems, title):
    for problem in problems:
        print("#", problem)
    print("not ok" if problems else "ok", number, title)
    return not problems


def main():
    good = report(1, files_problems(), "po/POTFILES.in is complete")
    number = 1
    with tempfile.TemporaryDirectory() as folder:
        for part, extractor, pattern in (("po", extract, "po/{0}.po"),
                                         ("help", extract_help, "help/{0}/{0}.po")):
            template = Path(folder) / f"{part}.pot"
            number += 1
            good &= report(number, extractor(template), f"the words of {part} can be extracted")
            for language in (SOURCE / part / "LINGUAS").read_text().split():
                number += 1
                name = pattern.format(language)
                good &= report(number, language_problems(name, template, folder),
                               f"{name} is whole")
    print(f"1..{number}")
    sys.exit(not good)


main()
