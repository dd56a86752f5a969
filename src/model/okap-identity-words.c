/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Okap saw of a program, in words for a person. Paths and names are not under our control:
 * they are made valid, cleaned of what could mislead, and shown as text, never as markup. */
#include "config.h"

#include "okap-identity.h"

#include <glib/gi18n-lib.h>

#include "okap-text.h"

#define PATH_CHARS 4096

/* (transfer full): fit to be shown; a dash if there is nothing */
static char *
dup_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autofree char *clean = okap_text_clean (valid, PATH_CHARS);

  return *clean != '\0' ? g_steal_pointer (&clean) : g_strdup ("–");
}

static char *
dup_base (const char *path)
{
  g_autofree char *base = path != NULL ? g_path_get_basename (path) : NULL;

  return dup_clean (base);
}

/** okap_identity_dup_name: (transfer full): the shortest that a person would call it */
char *
okap_identity_dup_name (const OkapIdentity *identity)
{
  switch (identity->kind)
    {
    case OKAP_IDENTITY_SCRIPT:
      return dup_base (identity->script != NULL ? identity->script : identity->program);
    case OKAP_IDENTITY_SANDBOXED:
      return dup_clean (identity->app_id);
    case OKAP_IDENTITY_WEBSITE:
      return dup_clean (identity->origin);
    case OKAP_IDENTITY_UNKNOWN:
      return identity->program != NULL ? dup_base (identity->program)
                                       : g_strdup (_("An unknown program"));
    case OKAP_IDENTITY_USER_PROGRAM:
    case OKAP_IDENTITY_INSTALLED:
    case OKAP_IDENTITY_RUN:
    default:
      return dup_base (identity->program);
    }
}

static const char *
get_doubt_words (OkapDoubt doubt)
{
  switch (doubt)
    {
    case OKAP_DOUBT_GONE:
      return _("A program that Okap could not identify: it had ended already");
    case OKAP_DOUBT_HIDDEN:
      return _("A program that Okap could not identify: it does not let itself be looked at");
    case OKAP_DOUBT_REPLACED:
      return _("A program that Okap could not identify: its file was removed or replaced since it "
               "was started");
    case OKAP_DOUBT_CHANGED:
      return _("A program that Okap could not identify: it became another one meanwhile");
    case OKAP_DOUBT_SHARED:
      return _("A program that Okap could not identify: several programs share its connection");
    case OKAP_DOUBT_CONTAINER:
      return _("A program in a container, or in a sandbox that Okap cannot verify");
    case OKAP_DOUBT_RELAY:
      return _("A program behind a container or a tunnel, which Okap cannot see");
    case OKAP_DOUBT_LINK:
      return _("A link that was opened; Okap cannot see by whom");
    case OKAP_DOUBT_NONE:
    default:
      return _("A program that Okap could not identify");
    }
}

static char *
dup_script_words (const OkapIdentity *identity)
{
  g_autofree char *interpreter = dup_base (identity->program);
  g_autofree char *script = dup_clean (identity->script);
  g_autofree char *folder = dup_clean (identity->folder);

  if (identity->script == NULL)
    /* Translators: the name of an interpreter such as python3, and a folder */
    return g_strdup_printf (_("%1$s with commands of its own, in %2$s"), interpreter, folder);
  /* Translators: the name of an interpreter such as python3, a script, and a folder */
  return g_strdup_printf (_("%1$s running %2$s in %3$s"), interpreter, script, folder);
}

static char *
dup_website_words (const OkapIdentity *identity)
{
  g_autofree char *origin = dup_clean (identity->origin);
  g_autofree char *browser = dup_base (identity->program);

  if (identity->program == NULL)
    return g_strdup_printf (_("Website %s"), origin);
  /* Translators: the address of a website, and the name of a browser */
  return g_strdup_printf (_("Website %1$s in %2$s"), origin, browser);
}

/**
 * okap_identity_dup_words:
 *
 * Returns: (transfer full): who it is, in words for a person and fit to be shown
 */
char *
okap_identity_dup_words (const OkapIdentity *identity)
{
  g_autofree char *program = dup_clean (identity->program);
  g_autofree char *app_id = dup_clean (identity->app_id);

  switch (identity->kind)
    {
    case OKAP_IDENTITY_SCRIPT:
      return dup_script_words (identity);
    case OKAP_IDENTITY_USER_PROGRAM:
      return g_strdup_printf (_("Program in your files: %s"), program);
    case OKAP_IDENTITY_INSTALLED:
      return g_strdup_printf (_("Installed program %s"), program);
    case OKAP_IDENTITY_SANDBOXED:
      /* Translators: the name of an app, and "flatpak" or "snap" */
      return g_strdup_printf (_("Sandboxed app %1$s (%2$s)"), app_id, identity->engine);
    case OKAP_IDENTITY_WEBSITE:
      return dup_website_words (identity);
    case OKAP_IDENTITY_RUN:
      /* Translators: the path of a program, and the number of its process */
      return g_strdup_printf (_("Started with okap run: %1$s (process %2$d)"), program,
                              (int) identity->process.pid);
    case OKAP_IDENTITY_UNKNOWN:
    default:
      return g_strdup (get_doubt_words (identity->doubt));
    }
}
