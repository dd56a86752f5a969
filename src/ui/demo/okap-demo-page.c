/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first question. Main thread.
 *
 *   idle ── Ask ──▶ asking for access ── allowed ──▶ streaming ──▶ idle, with answer and usage
 *     ▲                  │ not allowed                  │
 *     └──────────────────┴──────── Stop ────────────────┘
 *
 * With access from before, Ask goes straight to streaming; if that access was revoked meanwhile,
 * it says so and the next Ask asks for access again. */
#include "config.h"

#include "okap-demo-page.h"

#include <glib/gi18n.h>

#include "okap-demo-client.h"
#include "okap-format.h"
#include "okap-rows.h"
#include "okap-words.h"

struct _OkapDemoPage
{
  AdwBin parent_instance;

  OkapCore *core;                /* (owned) (nullable) until set */
  OkapDemoClient *client;        /* (owned) (nullable) until set */
  GCancellable *cancellable;     /* (owned) (nullable) while not idle */
  GString *answer;               /* (owned) */

  GtkEditable *question_row;     /* template children */
  GtkWidget *ask_button;
  GtkWidget *stop_button;
  GtkWidget *answer_group;
  GtkWidget *status_box;
  GtkWidget *spinner;
  GtkLabel *status_label;
  GtkLabel *answer_label;
  GtkLabel *usage_label;
};

G_DEFINE_FINAL_TYPE (OkapDemoPage, okap_demo_page, ADW_TYPE_BIN)

static void
show_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

static void
show_status (OkapDemoPage *self, const char *words, gboolean busy)
{
  gtk_widget_set_visible (self->answer_group, TRUE);
  gtk_widget_set_visible (self->status_box, words != NULL);
  gtk_widget_set_visible (self->spinner, busy);
  gtk_label_set_text (self->status_label, words != NULL ? words : "");
}

static void
update_buttons (OkapDemoPage *self)
{
  gboolean busy = self->cancellable != NULL;

  if (busy)
    okap_row_drop_focus (GTK_WIDGET (self));
  gtk_widget_set_sensitive (self->ask_button,
                            !busy && *gtk_editable_get_text (self->question_row) != '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self->question_row), !busy);
  gtk_widget_set_visible (self->stop_button, busy);
}

static void
question_changed_cb (OkapDemoPage *self)
{
  update_buttons (self);
}

/* Back to idle; @error (nullable) says why it ended early. */
static void
finish (OkapDemoPage *self, const GError *error)
{
  g_autofree char *words = error != NULL ? okap_words_for_error (error) : NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_status (self, _("Stopped."), FALSE);
  else
    show_status (self, words, FALSE);
  g_clear_object (&self->cancellable);
  update_buttons (self);
}

static void
usage_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapDemoPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_list_usage_finish (OKAP_STORE (source), result, &error);
  const OkapUsage *usage = rows != NULL && rows->len > 0 ? g_ptr_array_index (rows, 0) : NULL;
  g_autofree char *tokens = NULL;
  g_autofree char *cost = NULL;
  g_autofree char *took = NULL;
  g_autofree char *words = NULL;

  if (usage == NULL || g_strcmp0 (usage->provider, "demo") != 0)
    return;
  tokens = okap_format_tokens (okap_units_get_tokens (&usage->units));
  cost = okap_words_for_cost (usage);
  took = okap_format_duration (usage->duration_us);
  /* Translators: tokens, cost, duration */
  words = g_strdup_printf (_("%s · %s · %s. Activity lists every request; under Apps you can take "
                             "the access back."), tokens, cost, took);
  show_text (self->usage_label, words);
}

static void
usage_added_cb (OkapDemoPage *self)
{
  if (self->answer->len > 0)
    okap_store_list_usage_async (okap_core_get_store (self->core), 0, 1, usage_cb,
                                 g_object_ref (self));
}

static void
text_cb (const char *text, gpointer user_data)
{
  OkapDemoPage *self = user_data;

  if (self->core == NULL)
    return;
  g_string_append (self->answer, text);
  show_status (self, NULL, FALSE);
  show_text (self->answer_label, self->answer->str);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapDemoPage) self = user_data;
  g_autoptr (GError) error = NULL;

  (void) okap_demo_client_ask_finish (OKAP_DEMO_CLIENT (source), result, &error);
  if (self->core != NULL)
    finish (self, error);
}

static void
ask_question (OkapDemoPage *self)
{
  show_status (self, _("Waiting for the first words…"), TRUE);
  okap_demo_client_ask_async (self->client, gtk_editable_get_text (self->question_row),
                              self->cancellable, text_cb, self, asked_cb, g_object_ref (self));
}

static void
authorized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapDemoPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean allowed = okap_demo_client_authorize_finish (OKAP_DEMO_CLIENT (source), result, &error);

  if (self->core == NULL)
    return;
  if (allowed)
    ask_question (self);
  else
    finish (self, error);
}

static void
ask_cb (OkapDemoPage *self)
{
  if (self->cancellable != NULL || *gtk_editable_get_text (self->question_row) == '\0')
    return;
  self->cancellable = g_cancellable_new ();
  g_string_truncate (self->answer, 0);
  show_text (self->answer_label, NULL);
  show_text (self->usage_label, NULL);
  update_buttons (self);
  if (okap_demo_client_has_access (self->client))
    {
      ask_question (self);
      return;
    }
  show_status (self, _("The demo asks for access. Decide in the window that has opened."), TRUE);
  okap_demo_client_authorize_async (self->client, self->cancellable, authorized_cb,
                                    g_object_ref (self));
}

static void
stop_cb (OkapDemoPage *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static gboolean
okap_demo_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (OKAP_DEMO_PAGE (widget)->ask_button);
}

static void
okap_demo_page_dispose (GObject *object)
{
  OkapDemoPage *self = OKAP_DEMO_PAGE (object);

  stop_cb (self);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_DEMO_PAGE);
  g_clear_object (&self->client);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_demo_page_parent_class)->dispose (object);
}

static void
okap_demo_page_finalize (GObject *object)
{
  OkapDemoPage *self = OKAP_DEMO_PAGE (object);

  g_clear_object (&self->cancellable);
  g_string_free (self->answer, TRUE);
  G_OBJECT_CLASS (okap_demo_page_parent_class)->finalize (object);
}

static void
okap_demo_page_class_init (OkapDemoPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_demo_page_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_demo_page_finalize;
  widget_class->grab_focus = okap_demo_page_grab_focus;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-demo-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, question_row);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, ask_button);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, answer_group);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, status_box);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, answer_label);
  gtk_widget_class_bind_template_child (widget_class, OkapDemoPage, usage_label);
  gtk_widget_class_bind_template_callback (widget_class, ask_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, question_changed_cb);
}

static void
okap_demo_page_init (OkapDemoPage *self)
{
  self->answer = g_string_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_demo_page_set_core (OkapDemoPage *self, OkapCore *core)
{
  self->core = g_object_ref (core);
  self->client = okap_demo_client_new (okap_core_get_origin (core));
  g_signal_connect_object (okap_core_get_store (core), "usage-added", G_CALLBACK (usage_added_cb),
                           self, G_CONNECT_SWAPPED);
  update_buttons (self);
}
