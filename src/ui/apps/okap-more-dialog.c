/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Allow $1 more today". A limit rises, so it takes the passphrase, and nothing else: whoever knows
 * it may press the button by whatever means. Main thread. */
#include "config.h"

#include "okap-more-dialog.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-rows.h"
#include "okap-step-up-box.h"
#include "okap-text.h"
#include "okap-words.h"

#define NAME_CHARS 48

struct _OkapMoreDialog
{
  AdwWindow parent_instance;

  OkapBroker *broker;         /* (owned) (immutable) */
  OkapGrantItem *item;        /* (owned) (immutable) */
  gint64 nusd;
  GPtrArray *providers;       /* (owned) (element-type utf8) that have a limit of money */
  gboolean busy;

  GtkLabel *heading_label;    /* template children */
  GtkLabel *words_label;
  GtkWidget *provider_group;
  AdwComboRow *provider_row;
  OkapStepUpBox *step_up_box;
  GtkWidget *allow_button;
};

G_DEFINE_FINAL_TYPE (OkapMoreDialog, okap_more_dialog, ADW_TYPE_WINDOW)

static void
update (OkapMoreDialog *self)
{
  gtk_widget_set_sensitive (self->allow_button,
                            !self->busy && okap_step_up_box_is_filled (self->step_up_box));
  gtk_widget_set_sensitive (GTK_WIDGET (self->step_up_box), !self->busy);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapMoreDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  self->busy = FALSE;
  update (self);
  if (okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  words = okap_words_for_error (error);
  okap_step_up_box_set_problem (self->step_up_box, words);
  gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
}

static void
allow_cb (OkapMoreDialog *self)
{
  g_autoptr (OkapSecret) secret = NULL;
  guint selected = adw_combo_row_get_selected (self->provider_row);

  if (self->busy || !okap_step_up_box_is_filled (self->step_up_box)
      || selected >= self->providers->len)
    return;
  secret = okap_step_up_box_take_secret (self->step_up_box);
  okap_row_drop_focus (GTK_WIDGET (self->step_up_box));
  self->busy = TRUE;
  update (self);
  okap_broker_allow_more_async (self->broker, okap_grant_item_get_grant (self->item)->id,
                                g_ptr_array_index (self->providers, selected), self->nusd, secret,
                                done_cb, g_object_ref (self));
}

static void
okap_more_dialog_dispose (GObject *object)
{
  OkapMoreDialog *self = OKAP_MORE_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_MORE_DIALOG);
  g_clear_object (&self->broker);
  g_clear_object (&self->item);
  g_clear_pointer (&self->providers, g_ptr_array_unref);
  G_OBJECT_CLASS (okap_more_dialog_parent_class)->dispose (object);
}

static void
okap_more_dialog_class_init (OkapMoreDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_more_dialog_dispose;
  g_type_ensure (OKAP_TYPE_STEP_UP_BOX);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-more-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapMoreDialog, heading_label);
  gtk_widget_class_bind_template_child (widget_class, OkapMoreDialog, words_label);
  gtk_widget_class_bind_template_child (widget_class, OkapMoreDialog, provider_group);
  gtk_widget_class_bind_template_child (widget_class, OkapMoreDialog, provider_row);
  gtk_widget_class_bind_template_child (widget_class, OkapMoreDialog, step_up_box);
  gtk_widget_class_bind_template_child (widget_class, OkapMoreDialog, allow_button);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, allow_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_more_dialog_init (OkapMoreDialog *self)
{
  self->providers = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_providers (OkapMoreDialog *self)
{
  const OkapGrant *grant = okap_grant_item_get_grant (self->item);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);
      g_autofree char *name = okap_words_for_provider (scope->provider);

      if (!okap_scope_has_money (scope))
        continue;
      g_ptr_array_add (self->providers, g_strdup (scope->provider));
      gtk_string_list_append (names, name);
    }
  adw_combo_row_set_model (self->provider_row, G_LIST_MODEL (names));
  gtk_widget_set_visible (self->provider_group, self->providers->len > 1);
}

GtkWidget *
okap_more_dialog_new (OkapBroker *broker, OkapGrantItem *item, gint64 nusd)
{
  OkapMoreDialog *self = g_object_new (OKAP_TYPE_MORE_DIALOG, NULL);
  g_autofree char *money = okap_format_money (nusd);
  g_autofree char *app = okap_text_shorten (okap_grant_get_title (okap_grant_item_get_grant (item)),
                                            NAME_CHARS);
  /* Translators: an amount of money */
  g_autofree char *heading = g_strdup_printf (_("Allow %s More Today?"), money);
  /* Translators: the name of an app, an amount of money */
  g_autofree char *words = g_strdup_printf (_("“%1$s” may spend %2$s more than its limits say, "
                                              "until the day is over. Then they are as before."),
                                            app, money);

  self->broker = g_object_ref (broker);
  self->item = g_object_ref (item);
  self->nusd = nusd;
  gtk_window_set_title (GTK_WINDOW (self), heading);
  gtk_label_set_text (self->heading_label, heading);
  gtk_label_set_text (self->words_label, words);
  show_providers (self);
  okap_step_up_box_set_why (self->step_up_box, _("This raises a limit."));
  update (self);
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
  return GTK_WIDGET (self);
}
