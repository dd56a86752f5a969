/* SPDX-License-Identifier: GPL-3.0-or-later */
/* May one more program use a grant's token? It gives something away, so it follows the rules of the
 * consent dialog: what was seen of the program comes first, Allow guards itself, and a press that
 * no device made is worth nothing without the passphrase. Main thread. */
#include "config.h"

#include "okap-widen-dialog.h"

#include <glib/gi18n.h>

#include "okap-allow-button.h"
#include "okap-rows.h"
#include "okap-step-up-box.h"
#include "okap-text.h"
#include "okap-who-box.h"
#include "okap-words.h"

#define NAME_CHARS 48

struct _OkapWidenDialog
{
  AdwWindow parent_instance;

  OkapBroker *broker;        /* (owned) (immutable) */
  OkapMisuse *misuse;        /* (owned) (immutable) */
  gboolean unattended;       /* Allow was activated by no device */
  gboolean busy;             /* the passphrase is checked, or the grant saved */

  OkapWhoBox *who;           /* template children */
  GtkLabel *words_label;
  OkapStepUpBox *step_up_box;
  GtkLabel *problem_label;
  OkapAllowButton *allow_button;
};

G_DEFINE_FINAL_TYPE (OkapWidenDialog, okap_widen_dialog, ADW_TYPE_WINDOW)

static void
update (OkapWidenDialog *self)
{
  g_autofree char *why = self->unattended ? okap_step_up_dup_words (OKAP_STEP_UP_UNATTENDED)
                                          : NULL;

  okap_step_up_box_set_why (self->step_up_box, why);
  okap_allow_button_set_complete (self->allow_button,
                                  !self->busy
                                  && (!self->unattended
                                      || okap_step_up_box_is_filled (self->step_up_box)));
}

static void
set_busy (OkapWidenDialog *self, gboolean busy)
{
  self->busy = busy;
  gtk_widget_set_sensitive (GTK_WIDGET (self->step_up_box), !busy);
  update (self);
}

static void
allowed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapWidenDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  set_busy (self, FALSE);
  if (okap_broker_allow_program_finish (OKAP_BROKER (source), result, &error))
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  words = okap_words_for_error (error);
  gtk_label_set_text (self->problem_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), TRUE);
}

static void
allow (OkapWidenDialog *self)
{
  set_busy (self, TRUE);
  okap_broker_allow_program_async (self->broker, okap_misuse_get_grant (self->misuse)->id,
                                   okap_misuse_get_identity (self->misuse), allowed_cb,
                                   g_object_ref (self));
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapWidenDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  set_busy (self, FALSE);
  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    {
      if (gtk_widget_get_visible (GTK_WIDGET (self)))
        allow (self);
      return;
    }
  words = okap_words_for_error (error);
  okap_step_up_box_set_problem (self->step_up_box, words);
  gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
}

static void
approved_cb (OkapWidenDialog *self)
{
  g_autoptr (OkapSecret) secret = NULL;
  OkapVault *vault = okap_broker_get_vault (self->broker);

  if (!self->unattended)
    {
      allow (self);
      return;
    }
  secret = okap_step_up_box_take_secret (self->step_up_box);
  okap_row_drop_focus (GTK_WIDGET (self->step_up_box));
  set_busy (self, TRUE);
  okap_vault_unlock_async (vault, secret, proven_cb, g_object_ref (self));
}

static void
unattended_cb (OkapWidenDialog *self)
{
  if (self->unattended)
    {
      approved_cb (self);
      return;
    }
  self->unattended = TRUE;
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
}

static void
step_up_activate_cb (OkapWidenDialog *self)
{
  if (okap_allow_button_takes_key (self->allow_button))
    approved_cb (self);
}

/* It is settled elsewhere, or the vault was locked: nothing is left to be decided on. */
static void
list_changed_cb (OkapWidenDialog *self, guint position, guint removed, guint added,
                 GListModel *list)
{
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (OkapMisuse) misuse = g_list_model_get_item (list, i);

      if (misuse == self->misuse)
        return;
    }
  gtk_window_close (GTK_WINDOW (self));
}

static void
okap_widen_dialog_dispose (GObject *object)
{
  OkapWidenDialog *self = OKAP_WIDEN_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_WIDEN_DIALOG);
  g_clear_object (&self->broker);
  g_clear_object (&self->misuse);
  G_OBJECT_CLASS (okap_widen_dialog_parent_class)->dispose (object);
}

static void
okap_widen_dialog_class_init (OkapWidenDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_widen_dialog_dispose;
  g_type_ensure (OKAP_TYPE_ALLOW_BUTTON);
  g_type_ensure (OKAP_TYPE_STEP_UP_BOX);
  g_type_ensure (OKAP_TYPE_WHO_BOX);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-widen-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapWidenDialog, who);
  gtk_widget_class_bind_template_child (widget_class, OkapWidenDialog, words_label);
  gtk_widget_class_bind_template_child (widget_class, OkapWidenDialog, step_up_box);
  gtk_widget_class_bind_template_child (widget_class, OkapWidenDialog, problem_label);
  gtk_widget_class_bind_template_child (widget_class, OkapWidenDialog, allow_button);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, approved_cb);
  gtk_widget_class_bind_template_callback (widget_class, unattended_cb);
  gtk_widget_class_bind_template_callback (widget_class, step_up_activate_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_widen_dialog_init (OkapWidenDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_widen_dialog_new: @misuse must be allowable */
GtkWidget *
okap_widen_dialog_new (OkapBroker *broker, OkapMisuse *misuse)
{
  OkapWidenDialog *self = g_object_new (OKAP_TYPE_WIDEN_DIALOG, NULL);
  const OkapIdentity *identity = okap_misuse_get_identity (misuse);
  g_autofree char *app = okap_text_shorten (
    okap_grant_get_title (okap_misuse_get_grant (misuse)), NAME_CHARS);
  /* Translators: %s is the name of an app */
  g_autofree char *words = g_strdup_printf (
    _("It would use what you allowed “%s”, with the same models and from the same budget, for as "
      "long as that lasts."), app);

  self->broker = g_object_ref (broker);
  self->misuse = g_object_ref (misuse);
  okap_who_box_show (self->who, identity, NULL);
  gtk_label_set_text (self->words_label, words);
  if (identity->kind == OKAP_IDENTITY_SCRIPT || identity->kind == OKAP_IDENTITY_WEBSITE)
    okap_allow_button_set_delay (self->allow_button, OKAP_ALLOW_BUTTON_ARM_LONG_MS);
  update (self);
  g_signal_connect_object (okap_misuse_watch_get_list (okap_broker_get_misuse_watch (broker)),
                           "items-changed", G_CALLBACK (list_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->who));
  return GTK_WIDGET (self);
}
