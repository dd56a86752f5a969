/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One key: how it does, in words and with an icon, and what its replacement does. Testing asks the
 * provider with its cheapest request; removing says first which apps would stop working. What is
 * in the menu are plain buttons and no actions: an action could be called over the bus. A key that
 * changed gets a new row. Main thread. */
#include "config.h"

#include "okap-key-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-format.h"
#include "okap-key-dialog.h"
#include "okap-key-words.h"
#include "okap-words.h"

struct _OkapKeyRow
{
  AdwActionRow parent_instance;

  OkapCore *core;        /* (owned) (immutable) */
  OkapKeyInfo *key;      /* (owned) (immutable) */
  char *verdict;         /* (owned) (nullable) of the last test, in words */

  AdwAvatar *avatar;     /* template children */
  GtkWidget *spinner;
  GtkImage *health_icon;
  GtkWidget *test_button;
  GtkWidget *back_button;
  GtkPopover *menu;
  GtkWidget *replace_button;
  GtkWidget *keep_button;
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

static OkapKeyCare *
get_care (OkapKeyRow *self)
{
  return okap_broker_get_key_care (okap_core_get_broker (self->core));
}

/* Its health, or what the last test said; and what its replacement does. */
static void
append_state (OkapKeyRow *self, GString *text)
{
  OkapKeyHealth health = okap_key_care_get_health (get_care (self), self->key);
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  const OkapRotation *rotation = okap_key_info_get_rotation (self->key);
  gboolean watched = rotation != NULL && rotation->state == OKAP_ROTATION_WATCHING;
  g_autofree char *replacing = okap_words_for_rotation (self->key, now_us);
  g_autofree char *words = self->verdict != NULL ? g_strdup (self->verdict)
                                                 : okap_words_for_health (&health, now_us);

  if (replacing != NULL)
    g_string_append_printf (text, "\n%s", replacing);
  g_string_append_printf (text, "\n%s", words);
  gtk_image_set_from_icon_name (self->health_icon, okap_words_health_icon (health.class));
  gtk_widget_set_visible (GTK_WIDGET (self->health_icon), health.class != OKAP_KEY_UNTRIED);
  gtk_widget_set_visible (self->back_button, watched);
  gtk_widget_set_visible (self->keep_button, watched);
  gtk_widget_set_visible (self->test_button, !watched);
  gtk_widget_set_sensitive (self->replace_button, !okap_rotation_is_open (rotation));
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
  g_autoptr (GString) subtitle = g_string_new (NULL);

  g_string_append_printf (subtitle, "%s · %s", name, used);
  append_state (self, subtitle);
  adw_avatar_set_text (self->avatar, provider);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), provider);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle->str);
}

static void
health_changed_cb (OkapKeyRow *self, const char *key_id)
{
  if (strcmp (key_id, okap_key_info_get_id (self->key)) != 0)
    return;
  g_clear_pointer (&self->verdict, g_free);
  update (self);
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
replace_cb (OkapKeyRow *self)
{
  GtkWidget *dialog = okap_key_dialog_new_replacement (get_care (self), self->key);

  gtk_popover_popdown (self->menu);
  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = okap_key_care_settle_finish (OKAP_KEY_CARE (source), result,
                                                             &error);

  if (key != NULL)
    return;  /* there is a new row */
  gtk_widget_set_sensitive (self->back_button, TRUE);
  g_free (self->verdict);
  self->verdict = okap_words_for_error (error);
  update (self);
}

static void
settle (OkapKeyRow *self, gboolean keep)
{
  gtk_popover_popdown (self->menu);
  gtk_widget_set_sensitive (self->back_button, FALSE);
  okap_key_care_settle_async (get_care (self), okap_key_info_get_id (self->key), keep, settled_cb,
                              g_object_ref (self));
}

static void
back_cb (OkapKeyRow *self)
{
  settle (self, FALSE);
}

static void
keep_cb (OkapKeyRow *self)
{
  settle (self, TRUE);
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

  gtk_popover_popdown (self->menu);
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
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, keep_button);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, replace_button);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, menu);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, back_button);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, health_icon);
  gtk_widget_class_bind_template_callback (widget_class, test_cb);
  gtk_widget_class_bind_template_callback (widget_class, replace_cb);
  gtk_widget_class_bind_template_callback (widget_class, keep_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
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
  g_signal_connect_object (get_care (self), "changed", G_CALLBACK (health_changed_cb), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
