/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who calls when okap run asks: the command that its process is about to become, with all that the
 * command will start.
 *
 * Only our own okap is believed to be okap run; whatever else asks on that route gets a grant that
 * ends with its process, too, but is bound to what it is. So nobody else can claim to be a command
 * that the user started. Pure, but for the paths of our own programs. HTTP thread. */
#include "config.h"

#include "okap-run-caller.h"

#include <string.h>

#define SCOPE_START "app-okap-run-"
#define SCOPE_END ".scope"

/* Installed, beside us, or in the folder where a build has it. */
static gboolean
is_our_command (const char *program)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, "okap", NULL) : NULL;
  g_autofree char *built = folder != NULL ? g_build_filename (folder, "..", "cli", "okap", NULL)
                                          : NULL;
  g_autofree char *canonical = built != NULL ? g_canonicalize_filename (built, NULL) : NULL;

  return g_strcmp0 (program, OKAP_BIN_DIR "/okap") == 0 || g_strcmp0 (program, beside) == 0
         || g_strcmp0 (program, canonical) == 0;
}

/* Not the unit that okap run was called in: there is more than the command in that. */
static gboolean
is_scope_of_run (const char *unit)
{
  return unit != NULL && g_str_has_prefix (unit, SCOPE_START) && g_str_has_suffix (unit, SCOPE_END)
         && strlen (unit) > strlen (SCOPE_START SCOPE_END);
}

static OkapIdentity *
make_identity (const OkapIdentity *seen, const char *command)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_RUN);

  identity->program = g_strdup (command != NULL ? command : seen->program);
  identity->process = seen->process;
  identity->unit = is_scope_of_run (seen->unit) ? g_strdup (seen->unit) : NULL;
  identity->command = g_strdup (seen->command);
  identity->folder = g_strdup (seen->folder);
  g_array_append_vals (identity->ancestors, seen->ancestors->data, seen->ancestors->len);
  identity->parents = g_strdupv (seen->parents);
  return okap_identity_seal (identity);
}

/**
 * okap_run_caller_new:
 * @seen: who is at the other end
 * @command: (nullable): the program that it says it is about to become
 *
 * Returns: (transfer full): the same as the caller of a grant that ends with its process
 */
OkapCaller *
okap_run_caller_new (const OkapCaller *seen, const char *command)
{
  const OkapIdentity *identity = seen->identity;
  g_autoptr (OkapIdentity) run = NULL;

  if (identity->process.pid > 0 && identity->process.pid == seen->pid
      && (identity->kind == OKAP_IDENTITY_INSTALLED
          || identity->kind == OKAP_IDENTITY_USER_PROGRAM)
      && is_our_command (identity->program))
    run = make_identity (identity, command);
  return okap_caller_new (OKAP_DOOR_RUN, seen->uid, seen->pid,
                          run != NULL ? run : seen->identity);
}
