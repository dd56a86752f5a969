/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One key. Testing asks the provider with its cheapest request; removing says first which apps
 * would stop working. Main thread. */
#include "config.h"

#include "okap-key-row.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-words.h"

struct _OkapKeyRow
{
  AdwActionRow parent_instance;

  OkapCore *core;        /* (owned) (immutable) */
  OkapKeyInfo *key;      /* (owned) (immutable) */
  char *verdict;         /* (owned) (nullable) of the last test, in words */

  AdwAvatar *avatar;     /* template children */
  GtkWidget *spinner;
  GtkWidget *test_button;
};

G_DEFINE_FINAL_TYPE (OkapKeyRow, okap_key_row, ADW_TYPE_ACTION_ROW)

static guint
count_apps (OkapKeyRow *self)
{
  GListModel *grants = okap_broker_get_grants (okap_core_get_broker (self->core));
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  guint apps = 0;

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      OkapGrant *grant = okap_grant_item_get_grant (item);
      OkapScope *scope = okap_grant_get_scope (grant, okap_key_info_get_provider (self->key));

      if (scope != NULL && okap_grant_is_live (grant, now_us)
          && g_strcmp0 (scope->key_id, okap_key_info_get_id (self->key)) == 0)
        apps++;
    }
  return apps;
}

static void
update (OkapKeyRow *self)
{
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (self->key));
  g_autofree char *name = okap_words_for_key (self->key);
  guint apps = count_apps (self);
  g_autofree char *used = apps == 0 ? g_strdup (_("No app uses it"))
                                    : g_strdup_printf (ngettext ("%u app uses it", "%u apps use it",
                                                                 apps), apps);
  g_autofree char *line = g_strdup_printf ("%s · %s", name, used);
  g_autofree char *subtitle = self->verdict != NULL ? g_strdup_printf ("%s\n%s", line,
                                                                       self->verdict)
                                                    : g_strdup (line);

  adw_avatar_set_text (self->avatar, provider);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), provider);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
}

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  g_clear_pointer (&self->verdict, g_free);
  if (okap_core_test_key_finish (OKAP_CORE (source), result, &words, &error))
    self->verdict = words != NULL ? g_steal_pointer (&words) : g_strdup (_("The key works."));
  else
    self->verdict = okap_words_for_error (error);
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_widget_set_sensitive (self->test_button, TRUE);
  update (self);
}

static void
test_cb (OkapKeyRow *self)
{
  gtk_widget_set_visible (self->spinner, TRUE);
  gtk_widget_set_sensitive (self->test_button, FALSE);
  okap_core_test_key_async (self->core, okap_key_info_get_id (self->key), tested_cb,
                            g_object_ref (self));
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyRow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (okap_vault_remove_key_finish (OKAP_VAULT (source), result, &error))
    return;
  g_free (self->verdict);
  self->verdict = okap_words_for_error (error);
  update (self);
}

static void
remove_response_cb (OkapKeyRow *self, const char *response)
{
  if (g_str_equal (response, "remove"))
    okap_vault_remove_key_async (okap_core_get_vault (self->core), okap_key_info_get_id (self->key),
                                 removed_cb, g_object_ref (self));
}

static void
remove_cb (OkapKeyRow *self)
{
  g_autofree char *name = okap_words_for_key (self->key);
  guint apps = count_apps (self);
  g_autofree char *body = apps == 0
    ? g_strdup (_("No app uses this key. The key itself stays valid at the provider."))
    : g_strdup_printf (ngettext ("%u app stops working until you give it another key. The key "
                                 "itself stays valid at the provider.",
                                 "%u apps stop working until you give them another key. The key "
                                 "itself stays valid at the provider.", apps), apps);
  /* Translators: %s is the label of a key and its last four characters */
  g_autofree char *heading = g_strdup_printf (_("Remove “%s”?"), name);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                              heading, body);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "remove",
                                    _("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (remove_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
okap_key_row_dispose (GObject *object)
{
  OkapKeyRow *self = OKAP_KEY_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_KEY_ROW);
  g_clear_object (&self->core);
  g_clear_object (&self->key);
  G_OBJECT_CLASS (okap_key_row_parent_class)->dispose (object);
}

static void
okap_key_row_finalize (GObject *object)
{
  g_free (OKAP_KEY_ROW (object)->verdict);
  G_OBJECT_CLASS (okap_key_row_parent_class)->finalize (object);
}

static void
okap_key_row_class_init (OkapKeyRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_key_row_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_key_row_finalize;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-key-row.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, test_button);
  gtk_widget_class_bind_template_callback (widget_class, test_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
}

static void
okap_key_row_init (OkapKeyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
okap_key_row_new (OkapCore *core, OkapKeyInfo *key)
{
  OkapKeyRow *self = g_object_new (OKAP_TYPE_KEY_ROW, NULL);

  self->core = g_object_ref (core);
  self->key = g_object_ref (key);
  g_signal_connect_object (okap_broker_get_grants (okap_core_get_broker (core)), "items-changed",
                           G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
