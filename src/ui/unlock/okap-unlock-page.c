/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-unlock-page.h"

#include <glib/gi18n.h>

#include "okap-keyring-way.h"
#include "okap-unlock-form.h"

struct _OkapUnlockPage
{
  AdwBin parent_instance;

  OkapKeyringWay *keyring;   /* (owned) (nullable) until set */

  OkapUnlockForm *form;      /* template children */
  GtkWidget *keyring_box;
  GtkLabel *keyring_label;
  GtkWidget *keyring_button;
};

G_DEFINE_FINAL_TYPE (OkapUnlockPage, okap_unlock_page, ADW_TYPE_BIN)

static gboolean
okap_unlock_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (OKAP_UNLOCK_PAGE (widget)->form));
}

/* Only where the vault opens by it, too. */
static void
show_keyring (OkapUnlockPage *self)
{
  gboolean busy = okap_keyring_way_is_busy (self->keyring);
  const char *words = busy ? _("Asking the login keyring…")
                           : okap_keyring_way_get_words (self->keyring);

  gtk_widget_set_visible (self->keyring_box, okap_keyring_way_is_there (self->keyring));
  gtk_label_set_text (self->keyring_label, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->keyring_label), words != NULL);
  gtk_widget_set_sensitive (self->keyring_button, !busy);
}

static void
keyring_cb (OkapUnlockPage *self)
{
  okap_keyring_way_try (self->keyring, TRUE);
}

static void
okap_unlock_page_dispose (GObject *object)
{
  g_clear_object (&OKAP_UNLOCK_PAGE (object)->keyring);
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_UNLOCK_PAGE);
  G_OBJECT_CLASS (okap_unlock_page_parent_class)->dispose (object);
}

static void
okap_unlock_page_class_init (OkapUnlockPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_unlock_page_dispose;
  widget_class->grab_focus = okap_unlock_page_grab_focus;

  g_type_ensure (OKAP_TYPE_UNLOCK_FORM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-unlock-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockPage, form);
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockPage, keyring_box);
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockPage, keyring_label);
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockPage, keyring_button);
  gtk_widget_class_bind_template_callback (widget_class, keyring_cb);
}

static void
okap_unlock_page_init (OkapUnlockPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_unlock_page_set_broker (OkapUnlockPage *self, OkapBroker *broker)
{
  okap_unlock_form_set_broker (self->form, broker);
  self->keyring = g_object_ref (okap_keyring_way_get (okap_broker_get_vault (broker)));
  g_signal_connect_object (self->keyring, "changed", G_CALLBACK (show_keyring), self,
                           G_CONNECT_SWAPPED);
  show_keyring (self);
}
