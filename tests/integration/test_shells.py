# SPDX-License-Identifier: GPL-3.0-or-later
"""The shells complete what `okap --help` and each `okap COMMAND --help` tell of, and the ids of
grants and keys, which come from a stand-in for okap here. That the manual page tells of all, and
that nothing there is older than the command, is checked by build-aux/update-command-docs --check.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import okap_program

COMPLETIONS = Path(__file__).resolve().parents[2] / "data" / "completions"
GRANTS, KEYS = ["g_23456789abcd", "g_3456789abcde"], ["k_23456789abcd"]
STAND_IN = r"""#!/bin/sh
case $1 in
  grants) printf '[\n  {\n    "id" : "g_23456789abcd"\n  },\n  { "id" : "g_3456789abcde" }\n]\n' ;;
  keys) printf '[ {\n "id" : "k_23456789abcd"\n} ]\n' ;;
esac
"""


def help_of(*words):
    return subprocess.run([okap_program(), *words, "--help"], check=True, capture_output=True,
                          text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


@pytest.fixture(scope="module")
def commands():
    """Of each command, by its words, the options."""
    found = {}
    for line in help_of().splitlines():
        match = re.match(r"  okap ([a-z]+(?: [a-z]+)?)(?=\s)", line)
        if match:
            text = help_of(*match[1].split())
            found[match[1]] = re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+)", text, re.M)
    assert len(found) >= 30 and all("--help" in options for options in found.values())
    return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shells")
    (folder / "okap").write_text(STAND_IN)
    (folder / "okap").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder), "LC_ALL": "C.UTF-8",
            "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "TERM": "dumb"}


def run(program, script, environment):
    done = subprocess.run([program, *script], capture_output=True, text=True, timeout=60,
                          env=environment, cwd=environment["HOME"])
    assert done.stderr == "", done.stderr
    return done.stdout


class Bash:
    """Many words in one run: a bash takes a while to start."""

    def __init__(self, environment):
        self.environment = environment

    def complete(self, lines):
        script = [f"source '{COMPLETIONS / 'okap.bash'}'"]
        for words in lines:
            quoted = " ".join(f"'{word}'" for word in words)
            script.append(f"COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1}; _okap; "
                          "printf '%s\\n' \"${COMPREPLY[@]}\" END")
        out = run("bash", ["--norc", "--noprofile", "-uc", "\n".join(script)], self.environment)
        return [part.split() for part in out.split("END\n")[:-1]]


class Fish:
    def __init__(self, environment):
        self.environment = environment

    def complete(self, lines):
        script = [f"source '{COMPLETIONS / 'okap.fish'}'"]
        script += [f"complete -C '{' '.join(words)}'; echo END" for words in lines]
        out = run("fish", ["--no-config", "-c", "\n".join(script)], self.environment)
        return [[line.split("\t")[0] for line in part.splitlines()]
                for part in out.split("END\n")[:-1]]


class Zsh:
    """What the completion hands to zsh's own functions, which need a terminal: stand-ins for those
    print it."""

    STAND_INS = r"""
_describe() { print -rl -- ${${(P)2}%%:*} }
_arguments() {
  local spec
  for spec; do
    spec=${spec#\*}
    case $spec in
      --*) print -r -- ${${spec%%\[*}%=} ;;
    esac
    [[ $words[CURRENT] != -* && $spec = [1-9]:*'{'* ]] && eval ${${spec##*\{}%\}}
    [[ $words[CURRENT] != -* && $spec = [1-9]:*'('* ]] && print -rl -- ${=${${spec##*\(}%\)}}
    [[ $spec = --*=* && $words[CURRENT-1] = ${spec%%=*} && $spec = *'('* ]] &&
      print -rl -- ${=${${spec##*\(}%\)}}
  done
  return 0
}
compadd() { print -rl -- ${(P)2} }
"""

    def __init__(self, environment):
        self.environment = environment

    def complete(self, lines):
        text = (COMPLETIONS / "_okap").read_text()
        script = [self.STAND_INS, text.replace('\n_okap "$@"\n', "\n")]
        for words in lines:
            quoted = " ".join(f"'{word}'" for word in words)
            script.append(f"words=({quoted}) CURRENT={len(words)}; _okap; print END")
        out = run("zsh", ["-fc", "\n".join(script)], self.environment)
        return [part.split() for part in out.split("END\n")[:-1]]


@pytest.fixture(scope="module", params=[Bash, Zsh, Fish], ids=["bash", "zsh", "fish"])
def shell(request, environment):
    if shutil.which(request.param.__name__.lower()) is None:
        pytest.skip(f"{request.param.__name__.lower()} is not installed")
    return request.param(environment)


def test_words(shell, commands):
    firsts = {name.split()[0] for name in commands}
    groups = sorted({name.split()[0] for name in commands if " " in name})
    all_first, *seconds = shell.complete([["okap", ""]] + [["okap", first, ""] for first in groups])
    assert firsts <= set(all_first)
    for first, offered in zip(groups, seconds):
        wanted = {name.split()[1] for name in commands if name.startswith(first + " ")}
        assert wanted <= set(offered), first


def test_options(shell, commands):
    names = sorted(commands)
    offered = shell.complete([["okap", *name.split(), "--"] for name in names])
    for name, options in zip(names, offered):
        assert {word for word in options if word != "--"} == set(commands[name]), name


def test_ids_and_choices(shell):
    rows = [
        (["okap", "grants", "show", ""], GRANTS),
        (["okap", "usage", "correct", ""], GRANTS),
        (["okap", "keys", "rotate", ""], KEYS),
        (["okap", "usage", "--by", ""], ["app", "provider", "model", "day", "grant", "scope"]),
        (["okap", "serve", "--approve", ""], ["ask", "never", "always"]),
    ]
    for (words, wanted), offered in zip(rows, shell.complete([row[0] for row in rows])):
        assert set(wanted) <= set(offered), words
    providers, = shell.complete([["okap", "keys", "add", ""]])
    assert {"openai", "anthropic", "demo"} <= set(providers)


def test_bash_values_behind_an_equals_sign(environment):
    shell = Bash(environment)
    first, second, third, files = shell.complete([
        ["okap", "usage", "--by", "=", "mo"], ["okap", "usage", "list", "--grant", "="],
        ["okap", "usage", "list", "--app", "No"], ["okap", "run", "--", "bas"]])
    assert first == ["model"]
    assert second == GRANTS
    assert third == []  # nothing is known of names
    assert "bash" in files
