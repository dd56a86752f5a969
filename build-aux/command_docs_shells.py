# SPDX-License-Identifier: GPL-3.0-or-later
"""How bash, zsh and fish complete the okap command. Ids of grants and keys are asked of the Okap
that runs, quickly and silently."""
import re

from command_docs import argument_kind, groups, value_kind

HEAD = ("# SPDX-License-Identifier: GPL-3.0-or-later\n"
        "# Completion of the okap command. build-aux/update-command-docs writes this file.\n")

# bash

BASH = HEAD + r'''
_okap_ids() {
  timeout 2 okap "$1" list --json 2>/dev/null | sed -n 's/.*"id" *: *"\([a-z0-9_]*\)".*/\1/p'
}

# What completes what: $1 is words, or @grants, @keys, @files, @programs.
_okap_offer() {
  case $1 in
    @grants | @keys) mapfile -t COMPREPLY < <(compgen -W "$(_okap_ids "${1#@}")" -- "$2") ;;
    @files) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    @programs) mapfile -t COMPREPLY < <(compgen -c -- "$2") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2") ;;
  esac
}

# Sets options, values (lines of option and what it takes) and argument of the command $1.
_okap_describe() {
  options='--help' values='' argument=''
  case $1 in
%s
  esac
}

_okap() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local options values argument command first=2 option what= i
  COMPREPLY=()
  # --option=value comes in three words
  if [ "$word" = = ]; then
    word=
  elif [ "$before" = = ] && [ "$COMP_CWORD" -gt 2 ]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    _okap_offer '%s --help --version' "$word"
    return
  fi
  command=${COMP_WORDS[1]}
  case $command in
%s
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ -n "$what" ] && [[ $word != -* ]]; then
    _okap_offer "$what" "$word"
    return
  fi
  if [ -n "$what" ] && [[ " $what " = *" ${COMP_WORDS[2]} "* ]]; then
    command="$command ${COMP_WORDS[2]}"
    first=3
  fi
  _okap_describe "$command"
  if [ "$argument" = @programs ]; then
    for ((i = first; i < COMP_CWORD; i++)); do
      if [ "${COMP_WORDS[i]}" = -- ]; then
        if [ "$i" -eq $((COMP_CWORD - 1)) ]; then _okap_offer @programs "$word"
        else _okap_offer @files "$word"; fi
        return
      fi
    done
    options="$options --"
    argument=
  fi
  while read -r option what; do
    if [ -n "$option" ] && [ "$before" = "$option" ]; then
      [ "$what" = @nothing ] || _okap_offer "$what" "$word"
      return
    fi
  done <<<"$values"
  if [[ $word = -* ]] || [ -z "$argument" ]; then
    _okap_offer "$options" "$word"
  else
    _okap_offer "$argument" "$word"
  fi
}

complete -F _okap okap
'''


def shell_kind(kind):
    return " ".join(kind) if isinstance(kind, list) else f"@{kind}"


def bash_script(commands):
    cases = []
    for command in commands:
        options = " ".join(option.name for option in command.options)
        values = "\n".join(f"{option.name} {shell_kind(value_kind(command, option))}"
                           for option in command.options if option.value)
        argument = argument_kind(command)
        cases.append(f"    '{command.name}')\n      options='{options}'")
        if values:
            cases.append(f"      values='{values}'")
        if argument != "nothing":
            cases.append(f"      argument='{shell_kind(argument)}'")
        cases.append("      ;;")
    firsts = list(dict.fromkeys(command.name.split()[0] for command in commands))
    seconds = [f"    {first}) what='{' '.join(command.name.split()[1] for command in rest)}' ;;"
               for first, rest in groups(commands).items()]
    return BASH % ("\n".join(cases), " ".join(firsts), "\n".join(seconds))


# zsh

ZSH = "#compdef okap\n" + HEAD + r'''
_okap_ids() {
  local -a ids
  ids=(${(f)"$(timeout 2 okap $1 list --json 2>/dev/null |
    sed -n 's/.*"id" *: *"\([a-z0-9_]*\)".*/\1/p')"})
  compadd -a ids
}

_okap_program() {
  while [[ -z $words[1] || $words[1] = -- ]] && (( CURRENT > 1 )); do
    shift words
    (( CURRENT-- ))
  done
  _normal -p okap
}

_okap() {
  local -a names specs  # not "commands", which zsh has already
  local name=$words[2] skip=1
  names=(
%s
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe 'command' names
    return
  fi
  if (( CURRENT == 2 )); then
    _arguments '--help[Show all commands]' '--version[Print the version]'
    return
  fi
  case $name in
%s
  esac
  if (( $#names && CURRENT == 3 )) && [[ $words[3] != -* ]]; then
    _describe 'command' names
    return
  fi
  if [[ -n ${names[(r)${words[3]}:*]} ]]; then
    name="$name $words[3]"
    skip=2
  fi
  case $name in
%s
  esac
  shift $skip words
  (( CURRENT -= skip ))
  _arguments -S $specs
}

_okap "$@"
'''


def zsh_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_text(text):
    return re.sub(r"([\[\]:])", r"\\\1", text)


def zsh_kind(kind):
    if isinstance(kind, list):
        return "(" + " ".join(kind) + ")"
    return {"grants": "{_okap_ids grants}", "keys": "{_okap_ids keys}", "files": "_files",
            "programs": "_okap_program"}.get(kind, " ")


def zsh_rows(commands, indent):
    return "\n".join(indent + zsh_quote(f"{name}:{zsh_text(text)}") for name, text in commands)


def zsh_specs(command):
    specs = []
    for option in command.options:
        taken = f"=:{option.value}:{zsh_kind(value_kind(command, option))}" if option.value else ""
        name, _, rest = taken.partition(":")
        repeated = "*" if "may be repeated" in option.text else ""
        specs.append(f"{repeated}{option.name}{name}[{zsh_text(option.text)}]"
                     + (f":{rest}" if rest else ""))
    for number, word in enumerate(command.arguments, 1):
        kind = zsh_kind(argument_kind(command)) if number == 1 else " "
        if word == "--":
            specs.append("*::command:_okap_program")
            break
        specs.append(f"{number}:{zsh_text(word.strip('[]'))}:{kind}")
    return specs


def zsh_script(commands):
    others = groups(commands)
    top = {}
    for command in commands:
        first = command.name.split()[0]
        top.setdefault(first, command.summary if command.name == first else
                       ", ".join(other.name.split()[1] for other in others[first]))
    seconds = []
    for first, rest in others.items():
        rows = zsh_rows([(other.name.split()[1], other.summary) for other in rest], "        ")
        seconds.append(f"    {first})\n      names=(\n{rows}\n      )\n      ;;")
    seconds.append("    *) names=() ;;")
    cases = []
    for command in commands:
        specs = "\n".join(" " * 8 + zsh_quote(spec) for spec in zsh_specs(command))
        cases.append(f"    {zsh_quote(command.name)})\n      specs=(\n{specs}\n      )\n      ;;")
    return ZSH % (zsh_rows(top.items(), "    "), "\n".join(seconds), "\n".join(cases))


# fish

FISH = HEAD + r'''
# Whether the words behind okap begin with these.
function __okap_at
    set -l words (commandline -opc)
    set -l last (math (count $argv) + 1)
    test (count $words) -ge $last; or return 1
    test "$words[2..$last]" = "$argv"
end

# Whether the first word is $argv[1] and the second none of the others.
function __okap_alone
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = "$argv[1]"; or return 1
    test (count $words) -lt 3; or not contains -- "$words[3]" $argv[2..-1]
end

function __okap_none
    test (count (commandline -opc)) -lt 2
end

function __okap_second
    test (count (commandline -opc)) -eq 2; and __okap_at $argv
end

function __okap_ids
    timeout 2 okap $argv[1] list --json 2>/dev/null | \
        string replace -rf '.*"id" *: *"([a-z0-9_]*)".*' '$1'
end

complete -c okap -f
complete -c okap -n __okap_none -l help -d 'Show all commands'
complete -c okap -n __okap_none -l version -d 'Print the version'
'''


def fish_quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_kind(kind):
    """Options for complete; nothing where nothing is known."""
    if isinstance(kind, list):
        return " -a " + fish_quote(" ".join(kind))
    return {"grants": " -a '(__okap_ids grants)'", "keys": " -a '(__okap_ids keys)'",
            "files": " -F", "programs": " -a '(__fish_complete_subcommand)'"}.get(kind, "")


def fish_command(command, others):
    first = command.name.split()[0]
    alone = first == command.name and first in others
    words = [first, *(other.name.split()[1] for other in others[first])] if alone else []
    where = fish_quote(f"__okap_alone {' '.join(words)}" if alone else f"__okap_at {command.name}")
    lines = []
    for option in command.options:
        kind = fish_kind(value_kind(command, option)) if option.value else ""
        value = f" -r{kind or ' -f'}" if option.value else ""
        lines.append(f"complete -c okap -n {where} -l {option.name[2:]}{value} "
                     f"-d {fish_quote(option.text)}")
    argument = argument_kind(command)
    if argument != "nothing":
        lines.append(f"complete -c okap -n {where}{fish_kind(argument)}")
    return lines


def fish_script(commands):
    others = groups(commands)
    lines = []
    for command in commands:
        first, *second = command.name.split()
        where = fish_quote(f"__okap_second {first}") if second else "__okap_none"
        if second and not any(line.startswith(f"complete -c okap -n __okap_none -a {first} ")
                              for line in lines):
            summary = ", ".join(other.name.split()[1] for other in others[first])
            lines.append(f"complete -c okap -n __okap_none -a {first} -d {fish_quote(summary)}")
        lines.append(f"complete -c okap -n {where} -a {(second or [first])[0]} "
                     f"-d {fish_quote(command.summary)}")
    for command in commands:
        lines += fish_command(command, others)
    return FISH + "\n".join(lines) + "\n"
