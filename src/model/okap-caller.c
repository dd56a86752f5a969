/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The caller as evidence, and the words for it. */
#include "config.h"

#include "okap-caller.h"

#include <glib/gi18n-lib.h>

#include "okap-text.h"

G_DEFINE_BOXED_TYPE (OkapCaller, okap_caller, okap_caller_ref, okap_caller_unref)

/**
 * okap_caller_new:
 * @pid: 0 if not known
 * @program: (nullable): path of the executable as the kernel names it
 */
OkapCaller *
okap_caller_new (OkapDoor door, uid_t uid, pid_t pid, const char *program)
{
  OkapCaller *caller = g_new0 (OkapCaller, 1);

  g_atomic_ref_count_init (&caller->ref_count);
  caller->door = door;
  caller->uid = uid;
  caller->pid = pid;
  caller->program = g_strdup (program);
  return caller;
}

OkapCaller *
okap_caller_ref (OkapCaller *caller)
{
  g_atomic_ref_count_inc (&caller->ref_count);
  return caller;
}

void
okap_caller_unref (OkapCaller *caller)
{
  if (!g_atomic_ref_count_dec (&caller->ref_count))
    return;
  g_free (caller->program);
  g_free (caller);
}

/**
 * okap_caller_dup_words:
 *
 * Returns: (transfer full): who calls, in words for a person and fit to be shown
 */
char *
okap_caller_dup_words (const OkapCaller *caller)
{
  g_autofree char *valid = caller->program != NULL ? g_utf8_make_valid (caller->program, -1) : NULL;
  g_autofree char *clean = valid != NULL ? okap_text_clean (valid, 4096) : NULL;

  if (caller->door == OKAP_DOOR_TCP)
    return g_strdup (_("A program on this computer"));
  if (clean == NULL || *clean == '\0')
    return g_strdup (_("A program that Okap could not identify"));
  if (caller->door == OKAP_DOOR_RUN)
    /* Translators: the first is the path of a program, the second the number of its process */
    return g_strdup_printf (_("Started by you with okap run: %s (process %d)"), clean,
                            (int) caller->pid);
  /* Translators: the first is the path of a program, the second the number of its process */
  return g_strdup_printf (_("The program %s (process %d)"), clean, (int) caller->pid);
}
