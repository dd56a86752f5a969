/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request came while the vault is locked. Unlocking decides nothing about the request: it is
 * shown afterwards, in a dialog of its own. Main thread. */
#include "config.h"

#include "okap-unlock-dialog.h"

#include <glib/gi18n.h>

#include "okap-text.h"
#include "okap-unlock-form.h"

#define EVIDENCE_CHARS 96

struct _OkapUnlockDialog
{
  AdwWindow parent_instance;

  gboolean decided;

  GtkLabel *words_label;  /* template children */
  OkapUnlockForm *form;
};

G_DEFINE_FINAL_TYPE (OkapUnlockDialog, okap_unlock_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_DECIDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
decide (OkapUnlockDialog *self, gboolean unlocked)
{
  if (self->decided)
    return;
  self->decided = TRUE;
  g_signal_emit (self, signals[SIGNAL_DECIDED], 0, unlocked);
}

static void
unlocked_cb (OkapUnlockDialog *self)
{
  decide (self, TRUE);
}

static gboolean
okap_unlock_dialog_close_request (GtkWindow *window)
{
  decide (OKAP_UNLOCK_DIALOG (window), FALSE);
  return TRUE;
}

static void
okap_unlock_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_UNLOCK_DIALOG);
  G_OBJECT_CLASS (okap_unlock_dialog_parent_class)->dispose (object);
}

static void
okap_unlock_dialog_class_init (OkapUnlockDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_unlock_dialog_dispose;
  GTK_WINDOW_CLASS (class)->close_request = okap_unlock_dialog_close_request;

  signals[SIGNAL_DECIDED] = g_signal_new ("decided", OKAP_TYPE_UNLOCK_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);

  g_type_ensure (OKAP_TYPE_UNLOCK_FORM);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-unlock-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockDialog, words_label);
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockDialog, form);
  gtk_widget_class_bind_template_callback (widget_class, unlocked_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_unlock_dialog_init (OkapUnlockDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_unlock_dialog_new: @question is who waits */
GtkWidget *
okap_unlock_dialog_new (OkapVault *vault, OkapQuestion *question)
{
  OkapUnlockDialog *self = g_object_new (OKAP_TYPE_UNLOCK_DIALOG, NULL);
  g_autofree char *evidence = okap_caller_dup_words (okap_question_get_caller (question));
  g_autofree char *shown = okap_text_shorten (evidence, EVIDENCE_CHARS);
  /* Translators: %s is a sentence about who asks, such as "A program on this computer" */
  g_autofree char *words = g_strdup_printf (_("%s asks for access to your keys. Unlock the vault "
                                              "to see what it wants; you decide after that."),
                                            shown);

  gtk_label_set_text (self->words_label, words);
  okap_unlock_form_set_vault (self->form, vault);
  gtk_widget_grab_focus (GTK_WIDGET (self->form));
  return GTK_WIDGET (self);
}
