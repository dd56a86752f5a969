/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Notes may use OpenAI for 12 more minutes", with a button that ends it now. While it is mapped
 * there is one timer: for the next minute that is said, or for the moment in which the next grant
 * enters its last hour; without either there is none. Main thread. */
#include "config.h"

#include "okap-countdown.h"

#include <glib/gi18n.h>

#include "okap-text.h"
#include "okap-words.h"

#define HOUR_US    (60 * OKAP_MINUTE_US)
#define WAIT_MOST_S 3600
#define NAME_CHARS 32

struct _OkapCountdown
{
  GtkWidget parent_instance;

  OkapBroker *broker;      /* (owned) (nullable) until set */
  char *grant_id;          /* (owned) (nullable) which is shown */
  guint timeout_id;        /* while mapped */

  GtkWidget *box;          /* (unowned) child */
  GtkLabel *label;         /* (unowned) */
  GtkWidget *end_button;   /* (unowned) */
};

G_DEFINE_FINAL_TYPE (OkapCountdown, okap_countdown, GTK_TYPE_WIDGET)

enum
{
  SIGNAL_SHOW_GRANT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* (nullable): the one that can be used now and ends first. */
static const OkapGrant *
find_next (OkapCountdown *self, gint64 now_us)
{
  GListModel *grants = okap_broker_get_grants (self->broker);
  const OkapGrant *next = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      const OkapGrant *grant = okap_grant_item_get_grant (item);

      if (grant->state == OKAP_GRANT_ACTIVE && okap_grant_is_live (grant, now_us)
          && (next == NULL || grant->expires_us < next->expires_us))
        next = grant;
    }
  return next;
}

static char *
dup_words (const OkapGrant *grant, gint64 left_us)
{
  int minutes = (int) ((left_us + OKAP_MINUTE_US - 1) / OKAP_MINUTE_US);
  g_autofree char *app = okap_text_shorten (okap_grant_get_title (grant), NAME_CHARS);
  g_autofree char *provider = okap_words_for_provider (
    ((OkapScope *) g_ptr_array_index (grant->scopes, 0))->provider);

  /* Translators: an app, a provider such as OpenAI, a number of minutes */
  return g_strdup_printf (ngettext ("“%1$s” may use %2$s for %3$d more minute",
                                    "“%1$s” may use %2$s for %3$d more minutes", (gulong) minutes),
                          app, provider, minutes);
}

static void update (OkapCountdown *self);

static gboolean
timeout_cb (gpointer user_data)
{
  OkapCountdown *self = user_data;

  self->timeout_id = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (OkapCountdown *self, gint64 left_us)
{
  gint64 wait_us = left_us > HOUR_US ? left_us - HOUR_US : left_us % OKAP_MINUTE_US;
  gint64 wait_ms = MIN (wait_us / 1000 + 100, WAIT_MOST_S * 1000);

  self->timeout_id = g_timeout_add ((guint) wait_ms, timeout_cb, self);
}

static void
update (OkapCountdown *self)
{
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  const OkapGrant *next = self->broker != NULL ? find_next (self, now_us) : NULL;
  gint64 left_us = next != NULL ? next->expires_us - now_us : 0;

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (next != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    schedule (self, left_us);
  g_clear_pointer (&self->grant_id, g_free);
  if (next != NULL && left_us <= HOUR_US)
    {
      g_autofree char *words = dup_words (next, left_us);

      self->grant_id = g_strdup (next->id);
      gtk_label_set_text (self->label, words);
    }
  gtk_widget_set_visible (self->box, self->grant_id != NULL);
}

static void
grants_changed_cb (OkapCountdown *self, guint position, guint removed, guint added,
                   GListModel *grants)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);

      g_signal_handlers_disconnect_by_func (item, update, self);
      g_signal_connect_object (item, "notify::grant", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
    }
  update (self);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCountdown) self = user_data;
  g_autoptr (GError) error = NULL;

  gtk_widget_set_sensitive (self->end_button, TRUE);
  if (!okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    gtk_label_set_text (self->label, error->message);
}

static void
end_cb (OkapCountdown *self)
{
  if (self->grant_id == NULL)
    return;
  gtk_widget_set_sensitive (self->end_button, FALSE);
  okap_broker_set_grant_state_async (self->broker, self->grant_id, OKAP_GRANT_REVOKED,
                                     "ended in the window before its time", ended_cb,
                                     g_object_ref (self));
}

static void
show_cb (OkapCountdown *self)
{
  if (self->grant_id != NULL)
    g_signal_emit (self, signals[SIGNAL_SHOW_GRANT], 0, self->grant_id);
}

static void
okap_countdown_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (okap_countdown_parent_class)->map (widget);
  update (OKAP_COUNTDOWN (widget));
}

static void
okap_countdown_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&OKAP_COUNTDOWN (widget)->timeout_id, g_source_remove);
  GTK_WIDGET_CLASS (okap_countdown_parent_class)->unmap (widget);
}

static void
okap_countdown_dispose (GObject *object)
{
  OkapCountdown *self = OKAP_COUNTDOWN (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->grant_id, g_free);
  g_clear_object (&self->broker);
  G_OBJECT_CLASS (okap_countdown_parent_class)->dispose (object);
}

static void
okap_countdown_class_init (OkapCountdownClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_countdown_dispose;
  widget_class->map = okap_countdown_map;
  widget_class->unmap = okap_countdown_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  signals[SIGNAL_SHOW_GRANT] = g_signal_new ("show-grant", OKAP_TYPE_COUNTDOWN, G_SIGNAL_RUN_LAST,
                                             0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
okap_countdown_init (OkapCountdown *self)
{
  GtkWidget *button = gtk_button_new ();

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_add_css_class (self->box, "okap-countdown");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (self->box, FALSE);

  self->label = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_wrap_mode (self->label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->label, 0);
  gtk_button_set_child (GTK_BUTTON (button), GTK_WIDGET (self->label));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_set_tooltip_text (button, _("Show the app"));
  g_signal_connect_object (button, "clicked", G_CALLBACK (show_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->box), button);

  self->end_button = gtk_button_new_with_label (_("End Now"));
  gtk_widget_set_valign (self->end_button, GTK_ALIGN_CENTER);
  g_signal_connect_object (self->end_button, "clicked", G_CALLBACK (end_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->box), self->end_button);
}

void
okap_countdown_set_broker (OkapCountdown *self, OkapBroker *broker)
{
  GListModel *grants = okap_broker_get_grants (broker);

  self->broker = g_object_ref (broker);
  g_signal_connect_object (grants, "items-changed", G_CALLBACK (grants_changed_cb), self,
                           G_CONNECT_SWAPPED);
  grants_changed_cb (self, 0, 0, g_list_model_get_n_items (grants), grants);
}
