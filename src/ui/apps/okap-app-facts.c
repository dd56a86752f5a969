/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an app may do and who it is, as rows. They show a version of a grant and change nothing. */
#include "config.h"

#include "okap-app-facts.h"

#include <glib/gi18n.h>

#include "okap-evidence.h"
#include "okap-rows.h"
#include "okap-words.h"

#define KEY "okap-key"

void
okap_app_facts_clear (GtkListBox *list)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, child);
}

static void
add_fact (const char *title, const char *value, gpointer user_data)
{
  GtkWidget *row = okap_row_new (title, value);

  gtk_widget_add_css_class (row, "property");
  if (ADW_IS_EXPANDER_ROW (user_data))
    adw_expander_row_add_row (user_data, row);
  else
    gtk_list_box_append (user_data, row);
}

static OkapKeyInfo *
find_key (OkapVault *vault, const char *id)
{
  GListModel *keys = okap_vault_get_keys (vault);

  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (keys, i);

      if (g_strcmp0 (okap_key_info_get_id (key), id) == 0)
        return g_steal_pointer (&key);
    }
  return NULL;
}

/* Those of a single request, of which nothing is used up. */
static char *
dup_limits_of_each (const OkapLimits *limits)
{
  OkapLimits each = *limits;

  each.set &= (1u << OKAP_LIMIT_SPEND_PER_REQUEST) | (1u << OKAP_LIMIT_TOKENS_PER_REQUEST);
  return each.set != 0 ? okap_words_for_limits (&each) : g_strdup ("");
}

static void
show_scope (GtkListBox *list, const OkapScope *scope, OkapVault *vault, gboolean live)
{
  g_autofree char *provider = okap_words_for_provider (scope->provider);
  g_autofree char *models = scope->models[0] == NULL ? g_strdup (_("All models"))
                                                     : g_strjoinv (", ", scope->models);
  g_autofree char *does = okap_words_for_capabilities (scope->capabilities);
  g_autofree char *limits = okap_words_for_limits (&scope->limits);
  g_autofree char *each = dup_limits_of_each (&scope->limits);
  g_autoptr (OkapKeyInfo) key = find_key (vault, scope->key_id);
  g_autofree char *key_words = key != NULL ? okap_words_for_key (key) : NULL;
  /* Translators: a provider, and which of its keys is used */
  g_autofree char *line = key_words != NULL ? g_strdup_printf (_("%1$s, with the key %2$s"),
                                                               provider, key_words)
                                            : g_strdup (provider);
  GtkWidget *row;

  add_fact (_("Provider"), line, list);
  row = okap_row_new (_("Models"), models);
  gtk_widget_add_css_class (row, "property");
  if (scope->models[0] == NULL)
    {
      adw_action_row_set_icon_name (ADW_ACTION_ROW (row), "dialog-warning-symbolic");
      gtk_widget_add_css_class (row, "okap-risk");
    }
  gtk_list_box_append (list, row);
  add_fact (_("May be used for"), does, list);
  if (!live)  /* else each has its bar */
    add_fact (_("At most"), limits, list);
  else if (*each != '\0')
    add_fact (_("At most"), each, list);
}

/** okap_app_facts_show_may: @live: how much is left is shown elsewhere */
void
okap_app_facts_show_may (GtkListBox *list, const OkapGrant *grant, OkapVault *vault,
                         gboolean live)
{
  g_autofree char *term = okap_evidence_dup_term (grant);

  okap_app_facts_clear (list);
  for (guint i = 0; i < grant->scopes->len; i++)
    show_scope (list, g_ptr_array_index (grant->scopes, i), vault, live);
  add_fact (_("Allowed"), term, list);
  if (*grant->reason != '\0')
    add_fact (_("Said it is for"), grant->reason, list);
}

static void
add_other (GtkListBox *list, const OkapIdentity *other, GCallback remove, gpointer user_data)
{
  g_autofree char *words = okap_identity_dup_words (other);
  GtkWidget *row = okap_row_new (_("Also"), words);
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");

  gtk_widget_set_tooltip_text (button, _("Take this program’s access away"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Take this program’s access away"), -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), KEY,
                          g_strdup (okap_identity_get_key (other)), g_free);
  g_signal_connect_object (button, "clicked", remove, user_data, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  gtk_widget_add_css_class (row, "property");
  gtk_list_box_append (list, row);
}

/**
 * okap_app_facts_show_who:
 * @remove: called with @user_data, an object, and the button of a further program whose access
 *   shall go: okap_app_facts_get_key() says which
 */
void
okap_app_facts_show_who (GtkListBox *list, const OkapGrant *grant, GCallback remove,
                         gpointer user_data)
{
  gboolean risk = grant->portable || grant->identity->kind == OKAP_IDENTITY_UNKNOWN;
  g_autofree char *binding = okap_evidence_dup_binding (grant);
  GtkWidget *row;

  okap_app_facts_clear (list);
  row = okap_row_new_expander (_("Asked by"), grant->evidence);
  adw_expander_row_set_icon_name (ADW_EXPANDER_ROW (row),
                                  okap_evidence_get_icon (grant->identity));
  okap_evidence_foreach (grant->identity, add_fact, row);
  gtk_list_box_append (list, row);
  row = okap_row_new (_("Who may use its token"), binding);
  adw_action_row_set_icon_name (ADW_ACTION_ROW (row), risk ? "dialog-warning-symbolic"
                                                           : "changes-prevent-symbolic");
  gtk_widget_add_css_class (row, "property");
  if (risk)
    {
      gtk_widget_add_css_class (row, "okap-risk");
      gtk_list_box_append (list, row);
      add_fact (_("What that means"), _("Whoever gets hold of the token can spend what is allowed "
                                        "here. Revoke it if it may have been seen."),
                list);
      return;
    }
  gtk_list_box_append (list, row);
  for (guint i = 0; i < grant->others->len; i++)
    add_other (list, g_ptr_array_index (grant->others, i), remove, user_data);
}

/** okap_app_facts_get_key: (transfer none): okap_identity_get_key() of the program of a button */
const char *
okap_app_facts_get_key (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (button), KEY);
}
