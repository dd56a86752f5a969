/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mostly nobody sees this page: it goes when the screen is unlocked or somebody moves the mouse.
 * Who does see it is told whose word Okap goes by, and gets past it with the passphrase. */
#include "config.h"

#include "okap-restricted-page.h"

#include <glib/gi18n.h>

#include "okap-unlock-form.h"

struct _OkapRestrictedPage
{
  AdwBin parent_instance;

  OkapLocking *locking;        /* (owned) (nullable) until set */
  AdwStatusPage *status_page;  /* template children */
  OkapUnlockForm *form;
};

G_DEFINE_FINAL_TYPE (OkapRestrictedPage, okap_restricted_page, ADW_TYPE_BIN)

/* The first that holds is told. */
static const struct
{
  OkapLockHeld held;
  const char *title;
  const char *description;
} words[] = {
  { OKAP_LOCK_HELD_SLEEP, N_("The Computer Goes to Sleep"),
    N_("The vault is locked until it is awake again.") },
  { OKAP_LOCK_HELD_AWAY, N_("Another Session Is in Front"),
    N_("Apps that you allowed go on working. Everything else waits until you are back in this "
       "session, or type your passphrase.") },
  { OKAP_LOCK_HELD_SCREEN | OKAP_LOCK_HELD_SESSION, N_("The Screen Is Locked"),
    N_("Apps that you allowed go on working. Everything else waits until the screen is unlocked, "
       "or you type your passphrase.") },
  { OKAP_LOCK_HELD_UNSURE, N_("Is the Screen Still Locked?"),
    N_("The program that locked it has stopped without unlocking it. Apps that you allowed go on "
       "working. Everything else waits until you type your passphrase.") },
  { OKAP_LOCK_HELD_IDLE, N_("You Were Away"),
    N_("Apps that you allowed go on working. Everything else waits until you are back, or type "
       "your passphrase.") },
};

static void
changed_cb (OkapRestrictedPage *self)
{
  OkapLockHeld held = okap_locking_get_held (self->locking);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if ((held & words[i].held) != 0)
      {
        adw_status_page_set_title (self->status_page, _(words[i].title));
        adw_status_page_set_description (self->status_page, _(words[i].description));
        return;
      }
}

static gboolean
okap_restricted_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (OKAP_RESTRICTED_PAGE (widget)->form));
}

static void
okap_restricted_page_dispose (GObject *object)
{
  g_clear_object (&OKAP_RESTRICTED_PAGE (object)->locking);
  G_OBJECT_CLASS (okap_restricted_page_parent_class)->dispose (object);
}

static void
okap_restricted_page_class_init (OkapRestrictedPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_restricted_page_dispose;
  widget_class->grab_focus = okap_restricted_page_grab_focus;

  g_type_ensure (OKAP_TYPE_UNLOCK_FORM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-restricted-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapRestrictedPage, status_page);
  gtk_widget_class_bind_template_child (widget_class, OkapRestrictedPage, form);
}

static void
okap_restricted_page_init (OkapRestrictedPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_restricted_page_set_locking: once */
void
okap_restricted_page_set_locking (OkapRestrictedPage *self, OkapLocking *locking,
                                  OkapBroker *broker)
{
  g_return_if_fail (self->locking == NULL);

  self->locking = g_object_ref (locking);
  okap_unlock_form_set_broker (self->form, broker);
  g_signal_connect_object (locking, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
}
