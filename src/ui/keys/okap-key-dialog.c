/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window around the form: adds a key, or replaces one, and closes when it is in the vault. Main
 * thread. */
#include "config.h"

#include "okap-key-dialog.h"

#include <glib/gi18n.h>

#include "okap-key-form.h"

struct _OkapKeyDialog
{
  AdwWindow parent_instance;

  OkapKeyForm *form;       /* template children */
  GtkWidget *add_button;
};

G_DEFINE_FINAL_TYPE (OkapKeyDialog, okap_key_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_ADDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
changed_cb (OkapKeyDialog *self)
{
  gtk_widget_set_sensitive (self->add_button, okap_key_form_is_complete (self->form));
}

static void
clicked_cb (OkapKeyDialog *self)
{
  okap_key_form_submit (self->form, TRUE);
}

static void
submit_cb (OkapKeyDialog *self)
{
  okap_key_form_submit (self->form, FALSE);
}

static void
added_cb (OkapKeyDialog *self, OkapKeyInfo *info)
{
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, info);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
okap_key_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_KEY_DIALOG);
  G_OBJECT_CLASS (okap_key_dialog_parent_class)->dispose (object);
}

static void
okap_key_dialog_class_init (OkapKeyDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_key_dialog_dispose;

  signals[SIGNAL_ADDED] = g_signal_new ("added", OKAP_TYPE_KEY_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, OKAP_TYPE_KEY_INFO);

  g_type_ensure (OKAP_TYPE_KEY_FORM);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, form);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, add_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, submit_cb);
  gtk_widget_class_bind_template_callback (widget_class, added_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_key_dialog_init (OkapKeyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  okap_key_form_set_button (self->form, self->add_button);
}

/**
 * okap_key_dialog_new:
 * @provider: (nullable): id of the provider to begin with; NULL to recognise it from the key
 */
GtkWidget *
okap_key_dialog_new (OkapBroker *broker, const char *provider)
{
  OkapKeyDialog *self = g_object_new (OKAP_TYPE_KEY_DIALOG, NULL);

  okap_key_form_set_broker (self->form, broker);
  if (provider != NULL)
    okap_key_form_choose (self->form, provider);
  gtk_widget_grab_focus (GTK_WIDGET (self->form));
  return GTK_WIDGET (self);
}

/**
 * okap_key_dialog_new_replacement:
 * @old_key: which key is replaced
 *
 * Returns: a dialog that asks for the new key alone
 */
GtkWidget *
okap_key_dialog_new_replacement (OkapBroker *broker, OkapKeyInfo *old_key)
{
  OkapKeyDialog *self = g_object_new (OKAP_TYPE_KEY_DIALOG, NULL);

  gtk_window_set_title (GTK_WINDOW (self), _("Replace the Key"));
  gtk_window_set_default_size (GTK_WINDOW (self), 440, 320);
  gtk_button_set_label (GTK_BUTTON (self->add_button), C_("key", "Replace"));
  okap_key_form_set_broker (self->form, broker);
  okap_key_form_replace (self->form, old_key);
  gtk_widget_grab_focus (GTK_WIDGET (self->form));
  return GTK_WIDGET (self);
}
