/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which script an interpreter runs, from its command line and the table in okap-programs.c. Pure;
 * any thread.
 *
 * A wrong answer here would let one script have what was given to another: so every option in front
 * of the script has to be understood. One that is in no list ends the search, and the process is
 * known by its number only. Options that have something else run as well (node --require) are
 * gathered, and become part of what the script is. */
#include "config.h"

#include "okap-script.h"

#include <string.h>

typedef enum
{
  ARGUMENT_ON,      /* understood; the next one */
  ARGUMENT_FOUND,
  ARGUMENT_LOST,    /* not understood, or there is no script */
} Argument;

typedef struct
{
  const OkapInterpreter *interpreter;
  char **next;       /* the argument behind the one that is looked at */
  OkapScript *out;
  gboolean begun;    /* a word was taken */
} Walk;

static Argument
found (Walk *walk, OkapScriptKind kind, const char *name)
{
  if (name == NULL || *name == '\0' || strcmp (name, "-") == 0)
    return ARGUMENT_LOST;
  walk->out->kind = kind;
  walk->out->name = name;
  return ARGUMENT_FOUND;
}

/* The value of an option: @rest of its argument, else the next argument. */
static const char *
take_value (Walk *walk, const char *rest)
{
  if (rest != NULL && *rest != '\0')
    return rest;
  return *walk->next != NULL ? *walk->next++ : NULL;
}

static Argument
load (Walk *walk, const char *option, const char *value)
{
  if (value == NULL)
    return ARGUMENT_LOST;
  g_string_append_printf (walk->out->loads, "%s %s\n", option, value);
  return ARGUMENT_ON;
}

static gboolean
has_letter (const char *letters, char letter)
{
  return letters != NULL && strchr (letters, letter) != NULL;
}

/* "-o stdin" makes a shell read its input, as -s does; some read "SHIN_STDIN", too. */
static Argument
skip_value (Walk *walk)
{
  const char *value = take_value (walk, NULL);
  g_autofree char *lower = value != NULL ? g_ascii_strdown (value, -1) : NULL;
  g_auto (GStrv) parts = lower != NULL ? g_strsplit_set (lower, "_-", -1) : NULL;
  g_autofree char *plain = parts != NULL ? g_strjoinv ("", parts) : NULL;

  return plain != NULL
         && (walk->interpreter->unless == NULL
             || strstr (plain, walk->interpreter->unless) == NULL) ? ARGUMENT_ON : ARGUMENT_LOST;
}

/* The script behind an option, if nothing that follows can put another one in its place. */
static Argument
found_by_option (Walk *walk, const char *name)
{
  const char *last = walk->interpreter->last;

  if (last != NULL && *walk->next != NULL && strcmp (*walk->next, last) != 0)
    return ARGUMENT_LOST;
  return found (walk, OKAP_SCRIPT_FILE, name);
}

/* "-Bum": letters in one argument; the first that has a value takes the rest. */
static Argument
look_at_letters (Walk *walk, const char *argument)
{
  const OkapInterpreter *in = walk->interpreter;

  for (const char *at = argument + 1; *at != '\0'; at++)
    {
      if (has_letter (in->commands, *at))
        return ARGUMENT_LOST;
      if (has_letter (in->modules, *at))
        return found (walk, OKAP_SCRIPT_MODULE, take_value (walk, at + 1));
      if (has_letter (in->loads, *at))
        {
          const char option[] = { '-', *at, '\0' };

          return load (walk, option, take_value (walk, at + 1));
        }
      if (has_letter (in->values, *at))
        return at[1] == '\0' ? skip_value (walk) : ARGUMENT_LOST;
      if (!has_letter (in->flags, *at))
        return ARGUMENT_LOST;
    }
  return ARGUMENT_ON;
}

static Argument
look_at_option (Walk *walk, const char *argument)
{
  const OkapInterpreter *in = walk->interpreter;
  const char *equals = strchr (argument, '=');

  if (okap_programs_has_word (in->long_scripts, argument))
    return found_by_option (walk, equals != NULL ? equals + 1 : take_value (walk, NULL));
  if (okap_programs_has_word (in->long_loads, argument))
    {
      /* One that is in the list as it stands has its value in the next argument. */
      gboolean whole = equals == NULL && strchr (argument, ':') == NULL
                       && !g_str_has_prefix (argument, "-X") && !g_str_has_prefix (argument, "-D");

      return load (walk, argument, whole ? take_value (walk, NULL) : "");
    }
  if (okap_programs_has_word (in->long_values, argument))
    return take_value (walk, NULL) != NULL ? ARGUMENT_ON : ARGUMENT_LOST;
  if (okap_programs_has_word (in->long_flags, argument))
    return ARGUMENT_ON;
  if (argument[1] == '-')
    return ARGUMENT_LOST;
  return look_at_letters (walk, argument);
}

static Argument
look_at_word (Walk *walk, const char *argument)
{
  const OkapInterpreter *in = walk->interpreter;

  if (!walk->begun && okap_programs_has_word (in->stops, argument))
    return ARGUMENT_LOST;
  if (!walk->begun && okap_programs_has_word (in->words, argument))
    {
      walk->begun = TRUE;
      return ARGUMENT_ON;
    }
  if (in->suffix != NULL && !g_str_has_suffix (argument, in->suffix))
    return ARGUMENT_LOST;
  return found (walk, OKAP_SCRIPT_FILE, argument);
}

static Argument
look_at (Walk *walk, const char *argument)
{
  /* Shells set options with + as they do with -. */
  gboolean is_plus = argument[0] == '+' && has_letter (walk->interpreter->values, 'O');

  if (strcmp (argument, "-") == 0 || *argument == '\0')
    return ARGUMENT_LOST;
  if (strcmp (argument, "--") == 0)
    return found (walk, OKAP_SCRIPT_FILE, take_value (walk, NULL));
  if (argument[0] == '-' || is_plus)
    return look_at_option (walk, argument);
  return look_at_word (walk, argument);
}

/**
 * okap_script_find:
 * @command: the whole command line
 * @out: to be cleared; points into @command
 *
 * Returns: what the interpreter runs
 */
OkapScriptKind
okap_script_find (const OkapInterpreter *interpreter, char **command, OkapScript *out)
{
  Walk walk = { .interpreter = interpreter, .out = out };

  *out = (OkapScript) { .kind = OKAP_SCRIPT_COMMANDS, .loads = g_string_new (NULL) };
  if (interpreter->opaque || command[0] == NULL)
    return out->kind;
  walk.next = command + 1;
  while (*walk.next != NULL && look_at (&walk, *walk.next++) == ARGUMENT_ON)
    ;
  return out->kind;
}

void
okap_script_clear (OkapScript *script)
{
  if (script->loads != NULL)
    g_string_free (script->loads, TRUE);
  script->loads = NULL;
}
