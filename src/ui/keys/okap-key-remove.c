/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before a key is removed: what would stop working. Main thread. */
#include "config.h"

#include "okap-key-remove.h"

#include <glib/gi18n.h>

#include "okap-grant.h"
#include "okap-key-words.h"
#include "okap-words.h"

static char *
dup_body (OkapKeyInfo *key, const GPtrArray *apps)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *breaking = NULL;

  for (guint i = 0; i < apps->len; i++)
    g_ptr_array_add (names, (char *) okap_grant_get_title (apps->pdata[i]));
  g_ptr_array_add (names, NULL);
  breaking = okap_words_for_breaking (key, (const char *const *) names->pdata);
  /* Translators: %s is a sentence: what stops working */
  return g_strdup_printf (_("%s The key itself stays valid at the provider."), breaking);
}

/**
 * okap_key_remove_dialog_new:
 * @apps: (element-type OkapGrant): that use the key
 *
 * Returns: a message dialog whose responses are "cancel" and "remove"
 */
GtkWidget *
okap_key_remove_dialog_new (GtkWindow *parent, OkapKeyInfo *key, const GPtrArray *apps)
{
  g_autofree char *name = okap_words_for_key (key);
  g_autofree char *body = dup_body (key, apps);
  /* Translators: %s is the label of a key and its last four characters */
  g_autofree char *heading = g_strdup_printf (_("Remove “%s”?"), name);
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "remove",
                                    _("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  return dialog;
}
