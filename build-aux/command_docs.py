# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of okap, what completes their words, and how a manual page has them."""
import json
import re
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
CAPABILITIES = "chat completions embeddings images audio vision code moderation".split()


@dataclass
class Option:
    name: str      # with its dashes
    value: str     # what it takes, or nothing
    text: str


@dataclass
class Command:
    name: str      # one word or two
    arguments: list
    summary: str
    help: str
    options: list


def providers():
    return sorted(json.loads(path.read_text())["id"]
                  for path in (SOURCE / "data" / "providers").glob("*.json")
                  if "own" != path.stem)


def value_kind(command, option):
    """What completes the value of OPTION: words, or grants, keys, programs, files, nothing."""
    if option.name == "--provider":
        return providers()
    words = {"--capability": CAPABILITIES, "--approve": ["ask", "never", "always"],
             "--by": ["app", "provider", "model", "day", "grant", "scope"]}
    if option.name in words:
        return words[option.name]
    kinds = {"--grant": "grants", "--from-file": "files", "--bind": "files", "--file": "files"}
    return kinds.get(option.name, "files" if option.value in ("FILE", "PROGRAM") else "nothing")


def argument_kind(command):
    """The same for its first argument."""
    first = command.arguments[0].strip("[]") if command.arguments else ""
    if first == "PROVIDER":
        return providers()
    if first == "ID":
        return "keys" if command.name.startswith("keys ") else "grants"
    return {"GRANT": "grants", "FILE": "files", "FILE|-": "files", "--": "programs"}.get(
        first, "nothing")


def groups(commands):
    """Of each first word that others follow: those, in order."""
    found = {}
    for command in commands:
        first, *second = command.name.split()
        if second:
            found.setdefault(first, []).append(command)
    return found


# The manual page

def roff(text):
    text = text.replace("\\", "\\e").replace("…", "...").replace("“", "\\(lq").replace("”", "\\(rq")
    text = re.sub(r"(?<![\w-])--(?=[a-z])", r"\\-\\-", text)
    return "\\&" + text if text[:1] in (".", "'") else text


def sentences(text):
    return [roff(line) for line in re.split(r"(?<=[.;])\s+", " ".join(text.split())) if line]


def man_argument(word):
    if word == "--":
        return "Fl \\-"
    return f"Oo Ar {word[1:-1]} Oc" if word.startswith("[") else f"Ar {word}"


def man_options(command):
    """All but --help and --json, which the page explains once; equal texts stand together."""
    lines = []
    options = [option for option in command.options if option.name not in ("--help", "--json")]
    for option, after in zip(options, [*options[1:], None]):
        value = f" Ns = Ns Ar {option.value}" if option.value else ""
        lines.append(f".It Fl {option.name[1:]}{value}")
        if after is None or after.text != option.text:
            lines += sentences(option.text + ".")
    return [".Bl -tag -width Ds -compact", *lines, ".El"] if lines else []


def man_part(commands):
    lines = []
    for command in commands:
        arguments = "".join(" " + man_argument(word) for word in command.arguments)
        if any(option.name == "--json" for option in command.options):
            arguments = " Oo Fl -json Oc" + arguments
        lines.append(f".It Cm {command.name}{arguments}")
        lines += sentences(command.summary[0].upper() + command.summary[1:] + ".")
        for number, line in enumerate(command.help.split("\n")):
            lines += [".Pp"] * (number > 0) + sentences(line)
        lines += man_options(command)
    return "\n".join(lines) + "\n"
