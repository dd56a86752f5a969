/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passphrase in, unlocked vault out. Main thread; the vault does the slow part on a thread of its
 * own while the button shows that it works. The text leaves the entry as soon as it is taken. */
#include "config.h"

#include "okap-unlock-form.h"

#include <glib/gi18n.h>

#include "okap-rows.h"
#include "okap-words.h"

struct _OkapUnlockForm
{
  GtkBox parent_instance;

  OkapVault *vault;          /* (owned) (nullable) until set */
  OkapBroker *broker;        /* (owned) (nullable) who is told that somebody is there */

  GtkWidget *secret_row;     /* template children */
  GtkLabel *problem_label;
  GtkWidget *unlock_button;
  GtkStack *button_stack;
};

G_DEFINE_FINAL_TYPE (OkapUnlockForm, okap_unlock_form, GTK_TYPE_BOX)

enum
{
  SIGNAL_UNLOCKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_busy (OkapUnlockForm *self, gboolean busy)
{
  if (busy)
    okap_row_drop_focus (GTK_WIDGET (self));
  gtk_stack_set_visible_child_name (self->button_stack, busy ? "busy" : "idle");
  gtk_widget_set_sensitive (self->secret_row, !busy);
}

static void
secret_changed_cb (OkapUnlockForm *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->secret_row));

  gtk_widget_set_sensitive (self->unlock_button, *text != '\0');
  if (*text != '\0')
    gtk_widget_set_visible (GTK_WIDGET (self->problem_label), FALSE);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapUnlockForm) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  set_busy (self, FALSE);
  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    {
      if (self->broker != NULL)
        okap_broker_note_person (self->broker);
      return;
    }
  words = okap_words_for_error (error);
  gtk_label_set_text (self->problem_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), TRUE);
  gtk_widget_grab_focus (self->secret_row);
}

static void
unlock_cb (OkapUnlockForm *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->secret_row));
  g_autoptr (OkapSecret) secret = NULL;

  if (*text == '\0' || self->vault == NULL)
    return;
  secret = okap_secret_new_from_string (text);
  gtk_editable_set_text (GTK_EDITABLE (self->secret_row), "");
  set_busy (self, TRUE);
  okap_vault_unlock_async (self->vault, secret, unlocked_cb, g_object_ref (self));
}

static void
state_changed_cb (OkapUnlockForm *self)
{
  if (okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED)
    g_signal_emit (self, signals[SIGNAL_UNLOCKED], 0);
}

static gboolean
okap_unlock_form_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (OKAP_UNLOCK_FORM (widget)->secret_row);
}

static void
okap_unlock_form_dispose (GObject *object)
{
  g_clear_object (&OKAP_UNLOCK_FORM (object)->vault);
  g_clear_object (&OKAP_UNLOCK_FORM (object)->broker);
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_UNLOCK_FORM);
  G_OBJECT_CLASS (okap_unlock_form_parent_class)->dispose (object);
}

static void
okap_unlock_form_class_init (OkapUnlockFormClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_unlock_form_dispose;
  widget_class->grab_focus = okap_unlock_form_grab_focus;

  signals[SIGNAL_UNLOCKED] = g_signal_new ("unlocked", OKAP_TYPE_UNLOCK_FORM, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-unlock-form.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockForm, secret_row);
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockForm, problem_label);
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockForm, unlock_button);
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockForm, button_stack);
  gtk_widget_class_bind_template_callback (widget_class, unlock_cb);
  gtk_widget_class_bind_template_callback (widget_class, secret_changed_cb);
}

static void
okap_unlock_form_init (OkapUnlockForm *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_unlock_form_set_vault: which vault it opens; once */
void
okap_unlock_form_set_vault (OkapUnlockForm *self, OkapVault *vault)
{
  g_return_if_fail (self->vault == NULL);

  self->vault = g_object_ref (vault);
  g_signal_connect_object (vault, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/** okap_unlock_form_set_broker: likewise */
void
okap_unlock_form_set_broker (OkapUnlockForm *self, OkapBroker *broker)
{
  okap_unlock_form_set_vault (self, okap_broker_get_vault (broker));
  g_set_object (&self->broker, broker);
}
