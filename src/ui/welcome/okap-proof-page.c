/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step of the first run that the vault wants the passphrase for. Who has just made the vault has
 * typed it a moment ago and is not asked again; after a restart they are. Skipping is what the
 * page proposes. Main thread. */
#include "config.h"

#include "okap-proof-page.h"

#include "okap-rows.h"

struct _OkapProofPage
{
  AdwBin parent_instance;

  OkapSecret *known;           /* (owned) (nullable) the passphrase, typed before */
  gboolean busy;

  AdwStatusPage *status;       /* template children */
  GtkWidget *form;
  GtkEditable *entry_row;
  GtkWidget *spinner;
  GtkLabel *hint_label;
  GtkButton *skip_button;
  GtkButton *go_button;
};

G_DEFINE_FINAL_TYPE (OkapProofPage, okap_proof_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_GO,
  SIGNAL_SKIP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_complete (OkapProofPage *self)
{
  return self->known != NULL || *gtk_editable_get_text (self->entry_row) != '\0';
}

static void
changed_cb (OkapProofPage *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->go_button), !self->busy && is_complete (self));
}

static void
go_cb (OkapProofPage *self)
{
  if (!self->busy && is_complete (self))
    g_signal_emit (self, signals[SIGNAL_GO], 0);
}

static void
skip_cb (OkapProofPage *self)
{
  g_signal_emit (self, signals[SIGNAL_SKIP], 0);
}

static gboolean
okap_proof_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (OKAP_PROOF_PAGE (widget)->skip_button));
}

static void
okap_proof_page_dispose (GObject *object)
{
  OkapProofPage *self = OKAP_PROOF_PAGE (object);

  g_clear_pointer (&self->known, okap_secret_unref);
  G_OBJECT_CLASS (okap_proof_page_parent_class)->dispose (object);
}

static void
okap_proof_page_class_init (OkapProofPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_proof_page_dispose;
  widget_class->grab_focus = okap_proof_page_grab_focus;

  signals[SIGNAL_GO] = g_signal_new ("go", OKAP_TYPE_PROOF_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SKIP] = g_signal_new ("skip", OKAP_TYPE_PROOF_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-proof-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapProofPage, status);
  gtk_widget_class_bind_template_child (widget_class, OkapProofPage, form);
  gtk_widget_class_bind_template_child (widget_class, OkapProofPage, entry_row);
  gtk_widget_class_bind_template_child (widget_class, OkapProofPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapProofPage, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapProofPage, skip_button);
  gtk_widget_class_bind_template_child (widget_class, OkapProofPage, go_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, go_cb);
  gtk_widget_class_bind_template_callback (widget_class, skip_cb);
}

static void
okap_proof_page_init (OkapProofPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  changed_cb (self);
}

/** okap_proof_page_set_words: what the step is, and what its two buttons say */
void
okap_proof_page_set_words (OkapProofPage *self, const char *icon, const char *title,
                           const char *description, const char *go, const char *skip)
{
  adw_status_page_set_icon_name (self->status, icon);
  adw_status_page_set_title (self->status, title);
  adw_status_page_set_description (self->status, description);
  gtk_button_set_label (self->go_button, go);
  gtk_button_set_label (self->skip_button, skip);
}

/** okap_proof_page_set_known: @passphrase: (nullable): as it was typed before; NULL asks for it */
void
okap_proof_page_set_known (OkapProofPage *self, OkapSecret *passphrase)
{
  g_clear_pointer (&self->known, okap_secret_unref);
  self->known = passphrase != NULL ? okap_secret_ref (passphrase) : NULL;
  gtk_widget_set_visible (self->form, passphrase == NULL);
  changed_cb (self);
}

/** okap_proof_page_take_secret: (transfer full): the passphrase; what was typed is gone then */
OkapSecret *
okap_proof_page_take_secret (OkapProofPage *self)
{
  OkapSecret *secret;

  if (self->known != NULL)
    return okap_secret_ref (self->known);
  secret = okap_secret_new_from_string (gtk_editable_get_text (self->entry_row));
  gtk_editable_set_text (self->entry_row, "");
  return secret;
}

/** okap_proof_page_set_busy: @words: (nullable): what is being done; NULL: nothing */
void
okap_proof_page_set_busy (OkapProofPage *self, const char *words)
{
  self->busy = words != NULL;
  if (self->busy)
    okap_row_drop_focus (GTK_WIDGET (self));
  gtk_widget_set_visible (self->spinner, self->busy);
  gtk_widget_set_sensitive (self->form, !self->busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->skip_button), !self->busy);
  gtk_widget_remove_css_class (GTK_WIDGET (self->hint_label), "error");
  gtk_label_set_text (self->hint_label, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), self->busy);
  changed_cb (self);
}

/** okap_proof_page_set_problem: why nothing came of it; ends being busy */
void
okap_proof_page_set_problem (OkapProofPage *self, const char *words)
{
  okap_proof_page_set_busy (self, NULL);
  gtk_label_set_text (self->hint_label, words);
  gtk_widget_add_css_class (GTK_WIDGET (self->hint_label), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), TRUE);
  gtk_widget_grab_focus (self->known == NULL ? GTK_WIDGET (self->entry_row)
                                             : GTK_WIDGET (self->skip_button));
}
