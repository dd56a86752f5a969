/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Revoked", with Undo for as long as it can be undone. To give access back takes a press by a
 * device, so the button is one of our own: a toast's can be pressed by any program over the
 * accessibility bus. Main thread. */
#include "config.h"

#include "okap-undo-toast.h"

#include <glib/gi18n.h>

#include "okap-press.h"
#include "okap-text.h"
#include "okap-words.h"

#define NAME_CHARS 32

typedef struct
{
  OkapBroker *broker;        /* (owned) */
  char *grant_id;            /* (owned) */
  OkapPress *press;          /* (owned) of the button */
  AdwToast *toast;           /* (unowned) it holds the button, which holds this */
  GWeakRef data;
  OkapUndoFailedFunc failed;
} Undo;

static void
undo_free (gpointer user_data)
{
  Undo *undo = user_data;

  g_object_unref (undo->broker);
  g_free (undo->grant_id);
  g_clear_object (&undo->press);
  g_weak_ref_clear (&undo->data);
  g_free (undo);
}

static void
tell (Undo *undo, const char *words)
{
  g_autoptr (GObject) data = g_weak_ref_get (&undo->data);

  if (data != NULL)
    undo->failed (data, words);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) button = user_data;
  Undo *undo = g_object_get_data (G_OBJECT (button), "okap-undo");
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    return;
  words = okap_words_for_error (error);
  tell (undo, words);
}

static void
clicked_cb (GtkWidget *button, Undo *undo)
{
  if (!okap_press_take (undo->press, 0))
    {
      tell (undo, okap_press_get_hint ());
      return;
    }
  gtk_widget_set_sensitive (button, FALSE);
  okap_broker_undo_revoke_async (undo->broker, undo->grant_id, undone_cb, g_object_ref (button));
  adw_toast_dismiss (undo->toast);
}

AdwToast *
okap_undo_toast_new (OkapBroker *broker, OkapGrantItem *item, OkapUndoFailedFunc failed,
                     GObject *data)
{
  const OkapGrant *grant = okap_grant_item_get_grant (item);
  g_autofree char *name = okap_text_shorten (okap_grant_get_title (grant), NAME_CHARS);
  /* Translators: %s is the name of an app */
  g_autofree char *words = g_strdup_printf (_("“%s” can no longer use your keys"), name);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (words);
  GtkWidget *button = gtk_button_new_with_label (_("Undo"));
  AdwToast *toast = adw_toast_new ("");
  Undo *undo = g_new0 (Undo, 1);

  undo->broker = g_object_ref (broker);
  undo->grant_id = g_strdup (grant->id);
  undo->press = okap_press_new (button);
  undo->toast = toast;
  undo->failed = failed;
  g_weak_ref_init (&undo->data, data);
  g_object_set_data_full (G_OBJECT (button), "okap-undo", undo, undo_free);
  g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), undo);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "heading");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), button);
  adw_toast_set_custom_title (toast, box);
  adw_toast_set_timeout (toast, OKAP_UNDO_S);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  return toast;
}
