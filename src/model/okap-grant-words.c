/* SPDX-License-Identifier: GPL-3.0-or-later */
/* To whom a grant is bound, in words for a person. */
#include "config.h"

#include "okap-grant.h"

#include <glib/gi18n-lib.h>

/** okap_grant_get_binding: how it is bound, in a word for programs */
const char *
okap_grant_get_binding (const OkapGrant *grant)
{
  if (grant->portable)
    return "portable";
  if (grant->identity->kind == OKAP_IDENTITY_UNKNOWN)
    return "none";
  return grant->identity->kind == OKAP_IDENTITY_RUN ? "run" : "program";
}

/**
 * okap_grant_dup_bound_name:
 *
 * Returns: (transfer full): who may use the token, as short as in a list
 */
char *
okap_grant_dup_bound_name (const OkapGrant *grant)
{
  g_autofree char *name = NULL;

  if (grant->portable || grant->identity->kind == OKAP_IDENTITY_UNKNOWN)
    return g_strdup (_("any program"));
  name = okap_identity_dup_name (grant->identity);
  if (grant->others->len == 0)
    return g_steal_pointer (&name);
  /* Translators: the name of a program, and how many others */
  return g_strdup_printf (_("%1$s and %2$u more"), name, grant->others->len);
}

/**
 * okap_grant_dup_bound_words:
 *
 * Of the program that it was given to; others are told one by one.
 *
 * Returns: (transfer full): who may use the token
 */
char *
okap_grant_dup_bound_words (const OkapGrant *grant)
{
  g_autofree char *words = NULL;

  if (grant->portable)
    return g_strdup (_("Any program that has the token"));
  if (grant->identity->kind == OKAP_IDENTITY_UNKNOWN)
    return g_strdup (_("Any program that has the token, because Okap does not know the one that "
                       "asked"));
  words = okap_identity_dup_words (grant->identity);
  if (grant->identity->kind != OKAP_IDENTITY_RUN)
    return g_steal_pointer (&words);
  /* Translators: "Started with okap run: …" */
  return g_strdup_printf (_("%s, and what it starts"), words);
}
