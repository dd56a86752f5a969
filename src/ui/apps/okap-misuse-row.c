/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Token of A used by B", with what was seen of B, and the two answers: revoke A's access, or let B
 * use the token, too. Either takes the row out of the list. They are plain buttons and no actions:
 * an action could be called over the bus. Main thread. */
#include "config.h"

#include "okap-misuse-row.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-evidence.h"
#include "okap-format.h"
#include "okap-misuse-words.h"
#include "okap-rows.h"
#include "okap-text.h"
#include "okap-widen-dialog.h"

#define SEEN_CHARS 64
#define NAME_CHARS 24

struct _OkapMisuseRow
{
  AdwExpanderRow parent_instance;

  OkapBroker *broker;        /* (owned) (immutable) */
  OkapMisuse *misuse;        /* (owned) (immutable) */
  GtkWidget *tried_row;      /* (unowned) */
  GtkWidget *buttons;        /* (unowned) */
};

G_DEFINE_FINAL_TYPE (OkapMisuseRow, okap_misuse_row, ADW_TYPE_EXPANDER_ROW)

static void
update (OkapMisuseRow *self)
{
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  guint64 count = okap_misuse_get_count (self->misuse);
  g_autofree char *title = okap_words_misuse_title (self->misuse);
  g_autofree char *seen = okap_identity_dup_words (okap_misuse_get_identity (self->misuse));
  g_autofree char *shown = okap_text_shorten (seen, SEEN_CHARS);
  g_autofree char *last = okap_format_ago (okap_misuse_get_last (self->misuse), now_us);
  g_autofree char *first = okap_format_time (okap_misuse_get_first (self->misuse));
  g_autofree char *times = g_strdup_printf (ngettext ("refused once", "refused %u times",
                                                      (gulong) count),
                                            (guint) MIN (count, G_MAXUINT));
  g_autofree char *subtitle = g_strdup_printf ("%s · %s · %s", shown, times, last);
  /* Translators: "refused 3 times", and when it was tried first */
  g_autofree char *tried = g_strdup_printf (_("%1$s; first %2$s"), times, first);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->tried_row), tried);
}

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapMisuseRow) self = user_data;
  g_autoptr (GError) error = NULL;

  gtk_widget_set_sensitive (self->buttons, TRUE);
  if (!okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->tried_row), error->message);
}

static void
revoke_cb (OkapMisuseRow *self)
{
  gtk_widget_set_sensitive (self->buttons, FALSE);
  okap_broker_set_grant_state_async (self->broker, okap_misuse_get_grant (self->misuse)->id,
                                     OKAP_GRANT_REVOKED, "revoked in the window: token misused",
                                     revoked_cb, g_object_ref (self));
}

static void
allow_cb (OkapMisuseRow *self)
{
  GtkWidget *dialog = okap_widen_dialog_new (self->broker, self->misuse);

  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
add_fact (const char *title, const char *value, gpointer user_data)
{
  GtkWidget *row = okap_row_new (title, value);

  gtk_widget_add_css_class (row, "property");
  adw_expander_row_add_row (user_data, row);
}

static GtkWidget *
add_button (OkapMisuseRow *self, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->buttons), button);
  return button;
}

static void
add_buttons (OkapMisuseRow *self)
{
  GtkWidget *row = gtk_list_box_row_new ();
  g_autofree char *name = okap_identity_dup_name (okap_misuse_get_identity (self->misuse));
  g_autofree char *shown = okap_text_shorten (name, NAME_CHARS);
  /* Translators: %s is the name of a program */
  g_autofree char *allow = g_strdup_printf (_("Allow %s Too…"), shown);

  self->buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_halign (self->buttons, GTK_ALIGN_END);
  gtk_widget_add_css_class (self->buttons, "okap-buttons");
  if (okap_misuse_is_allowable (self->misuse))
    add_button (self, allow, G_CALLBACK (allow_cb));
  gtk_widget_add_css_class (add_button (self, _("Revoke"), G_CALLBACK (revoke_cb)),
                            "destructive-action");
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), self->buttons);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
}

static void
okap_misuse_row_dispose (GObject *object)
{
  OkapMisuseRow *self = OKAP_MISUSE_ROW (object);

  g_clear_object (&self->broker);
  g_clear_object (&self->misuse);
  G_OBJECT_CLASS (okap_misuse_row_parent_class)->dispose (object);
}

static void
okap_misuse_row_class_init (OkapMisuseRowClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_misuse_row_dispose;
}

static void
okap_misuse_row_init (OkapMisuseRow *self)
{
}

GtkWidget *
okap_misuse_row_new (OkapBroker *broker, OkapMisuse *misuse)
{
  OkapMisuseRow *self = g_object_new (OKAP_TYPE_MISUSE_ROW, "use-markup", FALSE, NULL);
  GtkWidget *image = gtk_image_new_from_icon_name ("dialog-warning-symbolic");

  self->broker = g_object_ref (broker);
  self->misuse = g_object_ref (misuse);
  gtk_widget_add_css_class (image, "warning");
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (self), image);

  self->tried_row = okap_row_new (_("Tried"), NULL);
  gtk_widget_add_css_class (self->tried_row, "property");
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), self->tried_row);
  add_buttons (self);
  okap_evidence_foreach (okap_misuse_get_identity (misuse), add_fact, self);
  add_fact (_("Came in by"), okap_evidence_get_door (okap_misuse_get_door (misuse)), self);
  if (!okap_misuse_is_allowable (misuse))
    add_fact (_("To be allowed"), _("Okap cannot tell this program from others, so it cannot be "
                                    "allowed. Let it ask for a token of its own."), self);
  g_signal_connect_object (misuse, "notify::count", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
