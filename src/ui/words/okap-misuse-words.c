/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for a token that another program tried: what happened, and that nothing was let
 * through. */
#include "config.h"

#include "okap-misuse-words.h"

#include <glib/gi18n.h>

#include "okap-text.h"

#define NAME_CHARS 48

/** okap_words_misuse_title: (transfer full): "Token of A used by B", plain text */
char *
okap_words_misuse_title (OkapMisuse *misuse)
{
  g_autofree char *app = okap_text_shorten (
    okap_grant_get_title (okap_misuse_get_grant (misuse)), NAME_CHARS);
  g_autofree char *name = okap_identity_dup_name (okap_misuse_get_identity (misuse));
  g_autofree char *other = okap_text_shorten (name, NAME_CHARS);

  if (okap_misuse_is_changed (misuse))
    /* Translators: the name of an app, and of its program */
    return g_strdup_printf (_("%1$s was refused: %2$s has changed"), app, other);
  /* Translators: the name of an app, and of another program */
  return g_strdup_printf (_("Token of %1$s used by %2$s"), app, other);
}

/** okap_words_misuse_body: (transfer full): who it was, and that it was refused; plain text */
char *
okap_words_misuse_body (OkapMisuse *misuse)
{
  g_autofree char *seen = okap_identity_dup_words (okap_misuse_get_identity (misuse));
  guint64 count = okap_misuse_get_count (misuse);

  /* Translators: a sentence about a program, and a number */
  return g_strdup_printf (ngettext ("%1$s. It was refused.", "%1$s. It was refused %2$u times.",
                                    (gulong) count), seen, (guint) MIN (count, G_MAXUINT));
}
