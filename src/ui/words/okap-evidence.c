/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and icons for what Okap saw. The sentence itself is okap_identity_dup_words(), which the
 * terminal shows, too. */
#include "config.h"

#include "okap-evidence.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-text.h"

#define FACT_CHARS  4096

const char *
okap_evidence_get_icon (const OkapIdentity *identity)
{
  switch (identity->kind)
    {
    case OKAP_IDENTITY_SCRIPT:
      return "text-x-generic-symbolic";
    case OKAP_IDENTITY_USER_PROGRAM:
      return "user-home-symbolic";
    case OKAP_IDENTITY_INSTALLED:
      return "application-x-executable-symbolic";
    case OKAP_IDENTITY_SANDBOXED:
      return "package-x-generic-symbolic";
    case OKAP_IDENTITY_WEBSITE:
      return "web-browser-symbolic";
    case OKAP_IDENTITY_RUN:
      return "utilities-terminal-symbolic";
    case OKAP_IDENTITY_UNKNOWN:
    default:
      return identity->doubt == OKAP_DOUBT_LINK ? "insert-link-symbolic"
                                                : "dialog-question-symbolic";
    }
}

/**
 * okap_evidence_dup_changed:
 *
 * Returns: (transfer full) (nullable): when the file was written, of what the user's programs can
 *   change; %NULL of all else
 */
char *
okap_evidence_dup_changed (const OkapIdentity *identity, gint64 now_us)
{
  gint64 days = (now_us - identity->changed_us) / OKAP_DAY_US;

  if (identity->changed_us <= 0
      || (identity->kind != OKAP_IDENTITY_USER_PROGRAM && identity->kind != OKAP_IDENTITY_SCRIPT))
    return NULL;
  if (now_us < identity->changed_us)
    /* Translators: of a program's file */
    return g_strdup (_("changed in the future, by its date"));
  if (days == 0)
    {
      gint64 minutes = (now_us - identity->changed_us) / OKAP_MINUTE_US;

      if (minutes < 60)
        return g_strdup_printf (ngettext ("changed %u minute ago", "changed %u minutes ago",
                                          (gulong) MAX (minutes, 1)), (guint) MAX (minutes, 1));
      return g_strdup_printf (ngettext ("changed %u hour ago", "changed %u hours ago",
                                        (gulong) minutes / 60), (guint) (minutes / 60));
    }
  if (days < 60)
    return g_strdup_printf (ngettext ("changed %u day ago", "changed %u days ago", (gulong) days),
                            (guint) days);
  if (days < 730)
    return g_strdup_printf (ngettext ("changed %u month ago", "changed %u months ago",
                                      (gulong) days / 30), (guint) (days / 30));
  return g_strdup_printf (ngettext ("changed %u year ago", "changed %u years ago",
                                    (gulong) days / 365), (guint) (days / 365));
}

const char *
okap_evidence_get_door (OkapDoor door)
{
  switch (door)
    {
    case OKAP_DOOR_TCP:
      return _("The local network port; anyone on this computer can reach it");
    case OKAP_DOOR_BUS:
      return _("Your session’s bus");
    case OKAP_DOOR_LINK:
      return _("A link that was opened");
    case OKAP_DOOR_RUN:
      return _("okap run, which you started");
    case OKAP_DOOR_WINDOW:
      return _("Okap’s own window");
    case OKAP_DOOR_SOCKET:
    default:
      return _("Okap’s socket, which only your programs can reach");
    }
}

static void
tell (const char *title, const char *value, OkapEvidenceFunc func, gpointer user_data)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;
  g_autofree char *clean = valid != NULL ? okap_text_clean (valid, FACT_CHARS) : NULL;

  if (clean != NULL && *clean != '\0')
    func (title, clean, user_data);
}

/** okap_evidence_foreach: calls @func with each fact that there is, the most telling first */
void
okap_evidence_foreach (const OkapIdentity *identity, OkapEvidenceFunc func, gpointer user_data)
{
  g_autofree char *words = okap_identity_dup_words (identity);
  g_autofree char *parents = identity->parents != NULL ? g_strjoinv (" ← ", identity->parents)
                                                       : NULL;
  g_autofree char *process = identity->process.pid > 0
                             ? g_strdup_printf ("%d", (int) identity->process.pid) : NULL;
  g_autofree char *changed = identity->changed_us > 0 ? okap_format_time (identity->changed_us)
                                                      : NULL;

  tell (_("What Okap saw"), words, func, user_data);
  tell (_("App"), identity->app_id, func, user_data);
  tell (_("Website"), identity->origin, func, user_data);
  tell (_("Program"), identity->program, func, user_data);
  tell (_("Runs"), identity->script, func, user_data);
  tell (_("Command line"), identity->command, func, user_data);
  tell (_("In the folder"), identity->folder, func, user_data);
  tell (_("Started by"), parents, func, user_data);
  tell (_("Part of the unit"), identity->unit, func, user_data);
  tell (_("Process"), process, func, user_data);
  tell (_("File written"), changed, func, user_data);
  tell (_("Checksum of the file"), identity->digest, func, user_data);
}

/** okap_evidence_dup_binding: (transfer full): who may use the token of @grant, in words */
char *
okap_evidence_dup_binding (const OkapGrant *grant)
{
  GString *text;

  if (grant->portable)
    return g_strdup (_("Any program that has the token"));
  if (grant->identity->kind == OKAP_IDENTITY_UNKNOWN)
    return g_strdup (_("Any program that has the token: who asked is not known"));
  if (grant->identity->kind == OKAP_IDENTITY_RUN)
    return g_strdup (_("What you started, and its children"));
  if (grant->others->len == 0)
    return g_strdup (_("Only this program"));
  text = g_string_new (_("This program"));
  for (guint i = 0; i < grant->others->len; i++)
    {
      g_autofree char *words = okap_identity_dup_words (g_ptr_array_index (grant->others, i));

      /* Translators: put before a further program that may use a token */
      g_string_append_printf (text, _("\nand %s"), words);
    }
  return g_string_free (text, FALSE);
}

/** okap_evidence_dup_term: (transfer full): since when, and how long it lasts */
char *
okap_evidence_dup_term (const OkapGrant *grant)
{
  g_autofree char *from = okap_format_date (grant->created_us);
  g_autofree char *until = okap_format_date (grant->expires_us);

  switch (grant->term)
    {
    case OKAP_TERM_RUN:
      /* Translators: two dates */
      return g_strdup_printf (_("On %1$s, for as long as the program runs, until %2$s at most"),
                              from, until);
    case OKAP_TERM_RENEWING:
      /* Translators: two dates */
      return g_strdup_printf (_("On %1$s, with a budget that renews, until %2$s"), from, until);
    case OKAP_TERM_UNTIL:
    default:
      /* Translators: two dates */
      return g_strdup_printf (_("On %1$s, until %2$s"), from, until);
    }
}
