/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value of what Okap saw of a program, and how two of them compare. okap-identity-words.c has
 * the words for it, okap-identity-json.c the text that a grant keeps.
 *
 * Two programs are the same if their keys are equal: one line of text per kind, made once when the
 * value is sealed, so that a comparison for each request is one strcmp(). What okap run started is
 * recognised by descent instead. */
#include "config.h"

#include "okap-identity.h"

#include <string.h>

#define SECRET_CHARS 32  /* of letters, digits, dashes in a row */

G_DEFINE_BOXED_TYPE (OkapIdentity, okap_identity, okap_identity_ref, okap_identity_unref)

/** okap_identity_new: (transfer full): to be filled and sealed */
OkapIdentity *
okap_identity_new (OkapIdentityKind kind)
{
  OkapIdentity *identity = g_new0 (OkapIdentity, 1);

  g_atomic_ref_count_init (&identity->ref_count);
  identity->kind = kind;
  identity->ancestors = g_array_new (FALSE, FALSE, sizeof (OkapProcessId));
  return identity;
}

/** okap_identity_new_unknown: (transfer full): sealed */
OkapIdentity *
okap_identity_new_unknown (OkapDoubt doubt)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_UNKNOWN);

  identity->doubt = doubt;
  return okap_identity_seal (identity);
}

OkapIdentity *
okap_identity_ref (OkapIdentity *identity)
{
  g_atomic_ref_count_inc (&identity->ref_count);
  return identity;
}

void
okap_identity_unref (OkapIdentity *identity)
{
  if (!g_atomic_ref_count_dec (&identity->ref_count))
    return;
  g_free (identity->program);
  g_free (identity->script);
  g_free (identity->digest);
  g_free (identity->folder);
  g_free (identity->engine);
  g_free (identity->app_id);
  g_free (identity->origin);
  g_free (identity->unit);
  g_free (identity->command);
  g_array_unref (identity->ancestors);
  g_strfreev (identity->parents);
  g_free (identity->key);
  g_free (identity);
}

static const char *
or_none (const char *text)
{
  return text != NULL ? text : "";
}

/* A script that is a file counts by its content; a module by its folder, too, because interpreters
 * look there first; typed commands are only ever the process that runs them. */
static char *
make_script_key (const OkapIdentity *identity)
{
  const char *name = okap_identity_kind_get_name (identity->kind);

  if (identity->script == NULL)
    return g_strdup_printf ("%s\n%s\n%d %" G_GUINT64_FORMAT, name, or_none (identity->program),
                            (int) identity->process.pid, identity->process.started);
  if (identity->digest != NULL)
    return g_strdup_printf ("%s\n%s\n%s\n%s", name, or_none (identity->program), identity->script,
                            identity->digest);
  return g_strdup_printf ("%s\n%s\n%s\n%s", name, or_none (identity->program), identity->script,
                          or_none (identity->folder));
}

static char *
make_key (const OkapIdentity *identity)
{
  const char *name = okap_identity_kind_get_name (identity->kind);

  switch (identity->kind)
    {
    case OKAP_IDENTITY_SCRIPT:
      return make_script_key (identity);
    case OKAP_IDENTITY_USER_PROGRAM:
      return g_strdup_printf ("%s\n%s\n%s", name, or_none (identity->program),
                              or_none (identity->digest));
    case OKAP_IDENTITY_INSTALLED:
      return g_strdup_printf ("%s\n%s", name, or_none (identity->program));
    case OKAP_IDENTITY_SANDBOXED:
      return g_strdup_printf ("%s\n%s\n%s", name, or_none (identity->engine),
                              or_none (identity->app_id));
    case OKAP_IDENTITY_WEBSITE:
      return g_strdup_printf ("%s\n%s", name, or_none (identity->origin));
    case OKAP_IDENTITY_RUN:
      return g_strdup_printf ("%s\n%d %" G_GUINT64_FORMAT, name, (int) identity->process.pid,
                              identity->process.started);
    case OKAP_IDENTITY_UNKNOWN:
    default:
      return g_strdup (name);
    }
}

static gboolean
is_word_char (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* People pass tokens and keys on command lines. They are long, have digits in them, and are hidden
 * before anybody sees the line. */
static void
hide_secrets (char *command)
{
  for (char *p = command; *p != '\0';)
    {
      gsize length = 0;
      gboolean digits = FALSE;

      for (; is_word_char (p[length]); length++)
        digits |= g_ascii_isdigit (p[length]);
      if (digits && length >= SECRET_CHARS)
        memset (p, '*', length);
      p += MAX (length, 1);
    }
}

/** okap_identity_seal: (transfer full): @identity, constant from now on; what could be a secret in
 * its command line is hidden */
OkapIdentity *
okap_identity_seal (OkapIdentity *identity)
{
  g_return_val_if_fail (identity->key == NULL, identity);

  if (identity->command != NULL)
    hide_secrets (identity->command);
  identity->key = make_key (identity);
  return identity;
}

/** okap_identity_get_key: what tells programs apart; all unknown ones share one */
const char *
okap_identity_get_key (const OkapIdentity *identity)
{
  return identity->key;
}

static gboolean
is_process (const OkapProcessId *a, const OkapProcessId *b)
{
  return a->pid == b->pid && a->started == b->started;
}

static gboolean
descends_from (const OkapIdentity *seen, const OkapIdentity *run)
{
  if (run->process.pid != 0 && is_process (&seen->process, &run->process))
    return TRUE;
  for (guint i = 0; i < seen->ancestors->len; i++)
    if (is_process (&g_array_index (seen->ancestors, OkapProcessId, i), &run->process))
      return TRUE;
  return run->unit != NULL && seen->unit != NULL && strcmp (run->unit, seen->unit) == 0;
}

/**
 * okap_identity_covers:
 * @granted: to whom something was given
 * @seen: who uses it now
 *
 * Any thread; no allocation. What was given to an unknown program is given to whoever has it.
 *
 * Returns: whether @seen is @granted, as far as that can be told
 */
gboolean
okap_identity_covers (const OkapIdentity *granted, const OkapIdentity *seen)
{
  if (granted->kind == OKAP_IDENTITY_UNKNOWN)
    return TRUE;
  if (granted->kind == OKAP_IDENTITY_RUN)
    return descends_from (seen, granted);
  return granted->kind == seen->kind && strcmp (granted->key, seen->key) == 0;
}

/** okap_identity_is_changed: whether it is the same file with other content, as after updates */
gboolean
okap_identity_is_changed (const OkapIdentity *granted, const OkapIdentity *seen)
{
  return granted->kind == seen->kind && granted->digest != NULL && seen->digest != NULL
         && g_strcmp0 (granted->program, seen->program) == 0
         && g_strcmp0 (granted->script, seen->script) == 0
         && strcmp (granted->digest, seen->digest) != 0;
}

const char *
okap_identity_kind_get_name (OkapIdentityKind kind)
{
  static const char *const names[] = {
    [OKAP_IDENTITY_UNKNOWN] = "unknown",
    [OKAP_IDENTITY_SCRIPT] = "script",
    [OKAP_IDENTITY_USER_PROGRAM] = "user-program",
    [OKAP_IDENTITY_INSTALLED] = "installed",
    [OKAP_IDENTITY_SANDBOXED] = "sandboxed",
    [OKAP_IDENTITY_WEBSITE] = "website",
    [OKAP_IDENTITY_RUN] = "run",
  };

  g_return_val_if_fail (kind < G_N_ELEMENTS (names), names[OKAP_IDENTITY_UNKNOWN]);
  return names[kind];
}
