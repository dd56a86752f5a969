# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that po/POTFILES.in names exactly the files with words for people, and that each language
in po/LINGUAS is whole: nothing is missing or only guessed, and what stands for values (%s, %d), the
underscores of shortcuts and the plural forms are right. Prints TAP."""
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


def extract(template):
    words, good = run("xgettext", "--from-code=UTF-8", "--add-comments", "--directory=.",
                      f"--files-from={POTFILES}", *(f"--keyword={word}" for word in KEYWORDS),
                      f"--output={template}")
    return [] if good else [f"xgettext: {words}"]


def language_problems(language, template, folder):
    """Against TEMPLATE, the words of today: a file that is whole in itself may be an old one."""
    path = SOURCE / "po" / f"{language}.po"
    merged = Path(folder) / f"{language}.po"
    if not path.exists():
        return [f"po/LINGUAS names {language}, but there is no po/{language}.po"]
    words, good = run("msgmerge", "--quiet", f"--output-file={merged}", path, template)
    if not good:
        return [f"po/{language}.po: {words}"]
    words, good = run("msgfmt", "--check", "--check-accelerators=_", "--output-file=/dev/null",
                      merged)
    problems = [] if good else [f"po/{language}.po: {line}" for line in words.splitlines()]
    words, _ = run("msgfmt", "--statistics", "--output-file=/dev/null", merged)
    if "fuzzy" in words or "untranslated" in words:
        problems.append(f"po/{language}.po: expected all to be translated, found {words}")
    return problems


def report(number, problems, title):
    for problem in problems:
        print("#", problem)
    print("not ok" if problems else "ok", number, title)
    return not problems


def main():
    languages = (SOURCE / "po" / "LINGUAS").read_text().split()
    good = report(1, files_problems(), "po/POTFILES.in is complete")
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "okap.pot"
        good &= report(2, extract(template), "the words can be extracted")
        for number, language in enumerate(languages, 3):
            good &= report(number, language_problems(language, template, folder),
                           f"the translation {language} is whole")
    print(f"1..{2 + len(languages)}")
    sys.exit(not good)


main()
