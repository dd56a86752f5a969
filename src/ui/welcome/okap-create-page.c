/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passphrase twice, and what it is worth in words. Main thread; the vault derives and seals on a
 * thread of its own. */
#include "config.h"

#include "okap-create-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-rows.h"
#include "okap-strength.h"
#include "okap-words.h"

struct _OkapCreatePage
{
  AdwBin parent_instance;

  OkapVault *vault;          /* (owned) (nullable) until set */
  OkapSecret *passphrase;    /* (owned) (nullable) while the vault is made */
  gboolean busy;

  GtkWidget *form;           /* template children */
  GtkEditable *first_row;
  GtkEditable *second_row;
  GtkLabel *hint_label;
  GtkWidget *create_button;
  GtkWidget *spinner;
};

G_DEFINE_FINAL_TYPE (OkapCreatePage, okap_create_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_CREATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
get_first (OkapCreatePage *self)
{
  return gtk_editable_get_text (self->first_row);
}

static gboolean
is_complete (OkapCreatePage *self)
{
  return okap_strength_judge (get_first (self)) != OKAP_STRENGTH_TOO_SHORT
         && strcmp (get_first (self), gtk_editable_get_text (self->second_row)) == 0;
}

/* What there is to say about what was typed so far. */
static const char *
get_hint (OkapCreatePage *self)
{
  const char *second = gtk_editable_get_text (self->second_row);

  if (*get_first (self) == '\0')
    return _("A few unrelated words are easy to remember and hard to guess.");
  if (strncmp (get_first (self), second, strlen (second)) != 0)
    return _("The two are not the same.");
  return okap_strength_in_words (okap_strength_judge (get_first (self)));
}

static void
changed_cb (OkapCreatePage *self)
{
  gtk_label_set_text (self->hint_label, get_hint (self));
  gtk_widget_set_sensitive (self->create_button, !self->busy && is_complete (self));
}

static void
set_busy (OkapCreatePage *self, gboolean busy)
{
  self->busy = busy;
  if (busy)
    okap_row_drop_focus (GTK_WIDGET (self));
  gtk_widget_set_visible (self->spinner, busy);
  gtk_widget_set_sensitive (self->form, !busy);
  gtk_widget_set_sensitive (self->create_button, !busy && is_complete (self));
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCreatePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (OkapSecret) passphrase = NULL;

  if (!okap_vault_create_finish (OKAP_VAULT (source), result, &code, &error))
    {
      g_autofree char *words = okap_words_for_error (error);

      g_clear_pointer (&self->passphrase, okap_secret_unref);
      set_busy (self, FALSE);
      gtk_label_set_text (self->hint_label, words);
      return;
    }
  gtk_editable_set_text (self->first_row, "");
  gtk_editable_set_text (self->second_row, "");
  set_busy (self, FALSE);
  passphrase = g_steal_pointer (&self->passphrase);
  g_signal_emit (self, signals[SIGNAL_CREATED], 0, code, passphrase);
}

static void
create_cb (OkapCreatePage *self)
{
  if (self->busy || !is_complete (self))
    return;
  self->passphrase = okap_secret_new_from_string (get_first (self));
  set_busy (self, TRUE);
  gtk_label_set_text (self->hint_label, _("Sealing the vault…"));
  okap_vault_create_async (self->vault, self->passphrase, created_cb, g_object_ref (self));
}

static gboolean
okap_create_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (OKAP_CREATE_PAGE (widget)->first_row));
}

static void
okap_create_page_dispose (GObject *object)
{
  OkapCreatePage *self = OKAP_CREATE_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_CREATE_PAGE);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->passphrase, okap_secret_unref);
  G_OBJECT_CLASS (okap_create_page_parent_class)->dispose (object);
}

static void
okap_create_page_class_init (OkapCreatePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_create_page_dispose;
  widget_class->grab_focus = okap_create_page_grab_focus;

  signals[SIGNAL_CREATED] = g_signal_new ("created", OKAP_TYPE_CREATE_PAGE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 2, OKAP_TYPE_SECRET,
                                          OKAP_TYPE_SECRET);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-create-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapCreatePage, form);
  gtk_widget_class_bind_template_child (widget_class, OkapCreatePage, first_row);
  gtk_widget_class_bind_template_child (widget_class, OkapCreatePage, second_row);
  gtk_widget_class_bind_template_child (widget_class, OkapCreatePage, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapCreatePage, create_button);
  gtk_widget_class_bind_template_child (widget_class, OkapCreatePage, spinner);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
}

static void
okap_create_page_init (OkapCreatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_create_page_set_vault (OkapCreatePage *self, OkapVault *vault)
{
  self->vault = g_object_ref (vault);
}
