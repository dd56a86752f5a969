/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The passphrase before a change. Main thread. What was typed leaves the entries when the dialog
 * goes; a passphrase that was wrong leaves its entry at once. */
#include "config.h"

#include "okap-secret-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-error.h"
#include "okap-recovery-page.h"
#include "okap-rows.h"
#include "okap-strength.h"
#include "okap-words.h"

struct _OkapSecretDialog
{
  AdwWindow parent_instance;

  OkapSecretDialogFlags flags;
  gboolean busy;

  GtkButton *button;         /* template children */
  GtkWidget *spinner;
  GtkWidget *form;
  GtkLabel *why_label;
  GtkWidget *proof_row;
  GtkWidget *new_group;
  GtkWidget *label_row;
  GtkWidget *first_row;
  GtkWidget *second_row;
  GtkLabel *hint_label;
};

G_DEFINE_FINAL_TYPE (OkapSecretDialog, okap_secret_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_SUBMIT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
get_text (GtkWidget *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static gboolean
wants_new (OkapSecretDialog *self)
{
  return (self->flags & OKAP_SECRET_DIALOG_NEW) != 0;
}

static gboolean
is_complete (OkapSecretDialog *self)
{
  if (*get_text (self->proof_row) == '\0')
    return FALSE;
  return !wants_new (self)
         || (okap_strength_judge (get_text (self->first_row)) != OKAP_STRENGTH_TOO_SHORT
             && strcmp (get_text (self->first_row), get_text (self->second_row)) == 0);
}

static void
say (OkapSecretDialog *self, const char *words, gboolean is_problem)
{
  gtk_label_set_text (self->hint_label, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), words != NULL);
  if (is_problem)
    gtk_widget_add_css_class (GTK_WIDGET (self->hint_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->hint_label), "error");
}

/* (nullable): what there is to say of a new passphrase so far. */
static const char *
get_hint (OkapSecretDialog *self)
{
  const char *first, *second;

  if (!wants_new (self))
    return NULL;
  first = get_text (self->first_row);
  second = get_text (self->second_row);
  if (*first == '\0')
    return _("A few unrelated words are easy to remember and hard to guess.");
  if (strncmp (first, second, strlen (second)) != 0)
    return _("The two are not the same.");
  return okap_strength_in_words (okap_strength_judge (first));
}

static void
changed_cb (OkapSecretDialog *self)
{
  if (self->busy)
    return;
  say (self, get_hint (self), FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), is_complete (self));
}

static void
set_busy (OkapSecretDialog *self, gboolean busy)
{
  if (busy)
    okap_row_drop_focus (GTK_WIDGET (self));
  self->busy = busy;
  gtk_widget_set_visible (self->spinner, busy);
  gtk_widget_set_sensitive (self->form, !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), !busy && is_complete (self));
}

static void
submit_cb (OkapSecretDialog *self)
{
  if (self->busy || !is_complete (self))
    return;
  set_busy (self, TRUE);
  g_signal_emit (self, signals[SIGNAL_SUBMIT], 0);
}

static void
okap_secret_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_SECRET_DIALOG);
  G_OBJECT_CLASS (okap_secret_dialog_parent_class)->dispose (object);
}

static void
okap_secret_dialog_class_init (OkapSecretDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_secret_dialog_dispose;
  signals[SIGNAL_SUBMIT] = g_signal_new ("submit", OKAP_TYPE_SECRET_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-secret-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, button);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, form);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, why_label);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, proof_row);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, new_group);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, label_row);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, first_row);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, second_row);
  gtk_widget_class_bind_template_child (widget_class, OkapSecretDialog, hint_label);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, submit_cb);
}

static void
okap_secret_dialog_init (OkapSecretDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * okap_secret_dialog_new:
 * @near: a widget of the window that it belongs to
 * @why: what will happen, in a sentence or two
 * @button: what the button says
 */
OkapSecretDialog *
okap_secret_dialog_new (GtkWidget *near, OkapVault *vault, OkapSecretDialogFlags flags,
                        const char *title, const char *why, const char *button)
{
  OkapSecretDialog *self = g_object_new (OKAP_TYPE_SECRET_DIALOG, "title", title, "transient-for",
                                         gtk_widget_get_root (near), NULL);

  self->flags = flags;
  gtk_label_set_text (self->why_label, why);
  gtk_button_set_label (self->button, button);
  okap_button_name_plainly (GTK_WIDGET (self->button), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->button),
                            (flags & OKAP_SECRET_DIALOG_REMOVES) != 0 ? "destructive-action"
                                                                      : "suggested-action");
  gtk_widget_set_visible (self->new_group, wants_new (self));
  gtk_widget_set_visible (self->label_row, (flags & OKAP_SECRET_DIALOG_LABEL) != 0);
  changed_cb (self);
  gtk_window_set_focus (GTK_WINDOW (self), self->proof_row);
  g_signal_connect_object (vault, "locked", G_CALLBACK (gtk_window_destroy), self,
                           G_CONNECT_SWAPPED);
  return self;
}

/** okap_secret_dialog_set_asked: what the first entry is for, if not this vault's passphrase */
void
okap_secret_dialog_set_asked (OkapSecretDialog *self, const char *words)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->proof_row), words);
}

OkapSecret *
okap_secret_dialog_dup_proof (OkapSecretDialog *self)
{
  return okap_secret_new_from_string (get_text (self->proof_row));
}

OkapSecret *
okap_secret_dialog_dup_new (OkapSecretDialog *self)
{
  return okap_secret_new_from_string (get_text (self->first_row));
}

const char *
okap_secret_dialog_get_label (OkapSecretDialog *self)
{
  return get_text (self->label_row);
}

/** okap_secret_dialog_finish: (error nullable): closes, or says what was wrong */
void
okap_secret_dialog_finish (OkapSecretDialog *self, const GError *error)
{
  g_autofree char *words = NULL;

  if (error == NULL)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE))
    gtk_editable_set_text (GTK_EDITABLE (self->proof_row), "");
  set_busy (self, FALSE);
  words = okap_words_for_error (error);
  say (self, words, TRUE);
  gtk_widget_grab_focus (self->proof_row);
}

static void
kept_cb (GtkWindow *dialog)
{
  gtk_window_destroy (dialog);
}

void
okap_code_dialog_show (GtkWidget *near, OkapSecret *code)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page = g_object_new (OKAP_TYPE_RECOVERY_PAGE, "vexpand", TRUE, NULL);
  GtkWidget *bar = adw_header_bar_new ();
  GtkWidget *dialog = g_object_new (ADW_TYPE_WINDOW, "title", _("New Recovery Code"),
                                    "transient-for", gtk_widget_get_root (near),
                                    "destroy-with-parent", FALSE, "modal", TRUE,
                                    "default-width", 480, "default-height", 640, NULL);

  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), page);
  adw_window_set_content (ADW_WINDOW (dialog), box);
  okap_recovery_page_set_code (OKAP_RECOVERY_PAGE (page), code);
  g_signal_connect_swapped (page, "kept", G_CALLBACK (kept_cb), dialog);
  gtk_window_present (GTK_WINDOW (dialog));
}
