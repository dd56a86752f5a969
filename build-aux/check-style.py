# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what machines can check of the house style; prints TAP.

It looks at the files that git tracks or would add, so that build folders stay out. What a check
must not find is spelled so that this file does not hold it.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
MAX_COLUMNS = 100
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 100
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
SPDX_LIBRARY = SPDX.replace("GPL", "LGPL")  # libokap, so that every app may use it

BANNED = {
    "sprintf|vsprintf|strcpy|strcat|gets": "unbounded; use g_strdup_printf or GString",
    "strtok|asctime|localtime|gmtime|ctime": "keeps state; use GDateTime or g_strsplit",
    "sscanf|atoi|atol|atoll|atof|strtou?ll?": "hides errors; use g_ascii_string_to_unsigned",
    "alloca|g_alloca|g_newa0?": "unbounded stack",
    "system|popen": "a shell between us and a program",
    "g_task_run_in_thread(_sync)?": "a pool's thread has no owner; use okap-worker.h",
    r"g_bus_\w+_sync|g_dbus_\w+_sync|secret_\w+_sync": "blocks its thread on the bus",
}
# Hosts of package registries, and paths of one machine.
PLACES = re.compile("|".join([
    r"\bregistry\.[a-z]+js\.", r"\bpypi\.[a-z]+\b", r"\bpythonhosted\b", r"\bcrates\.[i]o\b",
    r"\bproxy\.[g]olang\.", r"\brepo1?\.[m]aven\b", r"\b(deb|snapshot)\.[d]ebian\.",
    r"(?<![\w.])/[w]ork/", r"/tmp/[b]-\w", r"(?<![\w.])/[r]oot/",
]))
UNDONE = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X])\b")


def tracked():
    """Files that are in the repository or about to be."""
    names = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(SOURCE), "ls-files", "-z",
                            "--cached", "--others", "--exclude-standard"], capture_output=True,
                           check=True).stdout
    paths = [SOURCE / name for name in names.decode().split("\0") if name]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def text_of(path):
    """The text of a file, or None if it holds none (pictures, corpora of the fuzzers)."""
    data = path.read_bytes()
    if b"\0" in data or "corpus" in path.parts:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def blank_c(text):
    """The C code with comments and literals blanked, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


class Checks:
    def __init__(self):
        texts = {path: text_of(path) for path in tracked()}
        self.texts = {path: text for path, text in texts.items() if text is not None}
        self.c = {path: text for path, text in self.texts.items() if path.suffix in (".c", ".h")}
        self.code = {path: text for path, text in self.texts.items()
                     if path.suffix in (".c", ".h", ".py", ".sh", ".build", ".mjs")
                     or text.startswith("#!")}
        self.bare = {path: blank_c(text) for path, text in self.c.items()}

    @staticmethod
    def at(path, number, text):
        return f"{path.relative_to(SOURCE)}:{number}: {text}"

    def lines(self, texts, judge):
        return [self.at(path, number, problem) for path, text in texts.items()
                for number, line in enumerate(text.split("\n"), 1)
                for problem in [judge(line)] if problem]

    def licence(self):
        """each source file begins with its licence"""
        problems = []
        for path, text in self.code.items():
            first = text.split("\n")[1 if text.startswith("#!") else 0:][:1]
            if path.name == "meson.build" or path.suffix == ".build":
                continue
            parents = path.parents
            library = SOURCE / "libokap" in parents or SOURCE / "tests/examples" in parents
            wanted = SPDX_LIBRARY if library else SPDX
            if path.suffix in (".c", ".h") and first != [f"/* {wanted} */"]:
                problems.append(self.at(path, 1, f"expected /* {wanted} */"))
            elif wanted not in (first or [""])[0]:
                problems.append(self.at(path, 1, f"expected {wanted}"))
        return problems

    def banned(self):
        """no banned function in src"""
        ours = {path: text for path, text in self.bare.items() if SOURCE / "src" in path.parents}
        problems = []
        for names, why in BANNED.items():
            expression = re.compile(rf"(?<![\w.>])({names})\s*\(")
            problems += self.lines(ours, lambda line: (
                f"{expression.search(line)[1]}: {why}" if expression.search(line) else None))
        return problems

    def file_length(self):
        """no file over 600 lines"""
        return [self.at(path, len(text.splitlines()), f"expected at most {MAX_FILE_LINES} lines")
                for path, text in self.code.items() if len(text.splitlines()) > MAX_FILE_LINES]

    def function_length(self):
        """no function over 100 lines"""
        problems = []
        for path, text in self.bare.items():
            start = None
            for number, line in enumerate(text.split("\n"), 1):
                if line.startswith("{"):
                    start = number
                elif line.startswith("}") and start:
                    if number - start - 1 > MAX_FUNCTION_LINES:
                        problems.append(self.at(path, start, f"{number - start - 1} lines"))
                    start = None
        return problems

    def columns(self):
        """no line over 100 columns"""
        return self.lines(self.code, lambda line: (
            f"{len(line)} columns" if len(line) > MAX_COLUMNS else None))

    def white_space(self):
        """no tab, no trailing space, one newline at the end"""
        makefiles = {path: text for path, text in self.code.items()
                     if text.startswith("#!/usr/bin/make")}  # their rules need tabs
        others = {path: text for path, text in self.code.items() if path not in makefiles}
        problems = self.lines(others, lambda line: "a tab" if "\t" in line else None)
        problems += self.lines(self.code, lambda line: (
            "trailing space" if line != line.rstrip() else None))
        return problems + [self.at(path, text.count("\n"), "the end: expected one newline")
                           for path, text in self.code.items()
                           if text and (not text.endswith("\n") or text.endswith("\n\n"))]

    def undone(self):
        """nothing is left to do"""
        return self.lines({path: text for path, text in self.texts.items()
                           if path.name != "COPYING"},
                          lambda line: UNDONE.search(line) and UNDONE.search(line)[0])

    def places(self):
        """no path of one machine, no host of a package registry"""
        return self.lines(self.texts, lambda line: PLACES.search(line) and PLACES.search(line)[0])

    def json_files(self):
        """JSON files are JSON"""
        problems = []
        for path, text in self.texts.items():
            if path.suffix == ".json" and "tests/data" not in str(path):
                try:
                    json.loads(text)
                except ValueError as error:
                    problems.append(self.at(path, 1, str(error)))
        return problems

    def python(self):
        """Python files compile"""
        problems = []
        for path, text in self.texts.items():
            if path.suffix == ".py" or re.match(r"#!.*python", text):
                try:
                    compile(text, str(path), "exec")
                except SyntaxError as error:
                    problems.append(self.at(path, error.lineno or 1, error.msg))
        return problems

    def shell(self):
        """shell scripts parse"""
        return [self.at(path, 1, "the shell cannot read it") for path, text in self.texts.items()
                if re.match(r"#!.*\b(ba)?sh\b", text)
                and subprocess.run(["bash", "-n", str(path)], check=False).returncode != 0]


def main():
    checks = Checks()
    failed = 0
    all_checks = [checks.licence, checks.banned, checks.file_length, checks.function_length,
                  checks.columns, checks.white_space, checks.undone, checks.places,
                  checks.json_files, checks.python, checks.shell]
    for number, check in enumerate(all_checks, 1):
        problems = check()
        failed += bool(problems)
        for problem in problems:
            print("#", problem)
        print("not ok" if problems else "ok", number, check.__doc__)
    print(f"1..{len(all_checks)}")
    sys.exit(1 if failed else 0)


main()
