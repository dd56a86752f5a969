/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known of one request: who, when, what, how long, how much, what was changed in it and
 * which bytes came and left; or of one line of the audit trail. It shows a value that is constant,
 * so it is built once. Escape closes it. Main thread. */
#include "config.h"

#include "okap-log-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-log-words.h"
#include "okap-rows.h"
#include "okap-timing-bar.h"
#include "okap-words.h"

struct _OkapLogDialog
{
  AdwWindow parent_instance;

  char *grant_id;              /* (owned) (nullable) */

  AdwPreferencesPage *page;    /* template children */
  GtkButton *app_button;
};

G_DEFINE_FINAL_TYPE (OkapLogDialog, okap_log_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_SHOW_APP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- rows --- */

static AdwPreferencesGroup *
add_group (OkapLogDialog *self, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_page_add (self->page, ADW_PREFERENCES_GROUP (group));
  return ADW_PREFERENCES_GROUP (group);
}

static GtkWidget *
add_row (AdwPreferencesGroup *group, const char *title, const char *value)
{
  GtkWidget *row = okap_row_new (title, value);

  adw_preferences_group_add (group, row);
  return row;
}

/* Takes @value; adds nothing if it is empty. */
static void
take_row (AdwPreferencesGroup *group, const char *title, char *value)
{
  if (value != NULL && *value != '\0')
    (void) add_row (group, title, value);
  g_free (value);
}

static void
copy_cb (GtkWidget *button)
{
  const char *text = g_object_get_data (G_OBJECT (button), "okap-text");

  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), text);
  gtk_button_set_icon_name (GTK_BUTTON (button), "object-select-symbolic");
  gtk_widget_set_tooltip_text (button, _("Copied"));
}

/* With a button that copies the value; @name is what it copies. */
static void
add_copy_row (AdwPreferencesGroup *group, const char *title, const char *value, const char *name)
{
  GtkWidget *row = add_row (group, title, value);
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  g_object_set_data_full (G_OBJECT (button), "okap-text", g_strdup (value), g_free);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_cb), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static char *
dup_when (gint64 time_us)
{
  g_autofree char *ago = okap_format_ago (time_us, okap_clock_get_now (okap_clock_get_real ()));
  g_autofree char *exact = okap_format_time (time_us);

  return g_strdup_printf ("%s\n%s", ago, exact);
}

/* --- a request --- */

static void
add_request (OkapLogDialog *self, const OkapUsage *usage)
{
  AdwPreferencesGroup *group = add_group (self, _("Request"));

  take_row (group, _("App"), g_strdup (usage->app));
  take_row (group, _("Status"), okap_words_for_usage (usage));
  take_row (group, _("When"), dup_when (usage->started_us));
  take_row (group, _("Provider"), okap_words_for_provider (usage->provider));
  /* Translators: the path of a request, such as v1/chat/completions */
  take_row (group, _("Endpoint"), g_strdup (usage->endpoint));
  take_row (group, _("Model"), g_strdup (usage->model_asked));
  if (strcmp (usage->model_served, usage->model_asked) != 0)
    take_row (group, _("Model that answered"), g_strdup (usage->model_served));
  take_row (group, _("Tier of service"), g_strdup (usage->tier));
  if (usage->request_id[0] != '\0')
    add_copy_row (group, _("Request number"), usage->request_id,
                  _("Copy Request Number"));
}

static void
add_timing (OkapLogDialog *self, const OkapUsage *usage)
{
  AdwPreferencesGroup *group;
  GtkWidget *bar, *row;

  if (usage->duration_us <= 0)
    return;
  group = add_group (self, _("Time"));
  bar = okap_timing_bar_new (usage);
  row = adw_preferences_row_new ();
  gtk_widget_set_margin_start (bar, 12);
  gtk_widget_set_margin_end (bar, 12);
  gtk_widget_set_margin_top (bar, 15);
  gtk_widget_set_margin_bottom (bar, 15);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), bar);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("How the time was spent"), -1);
  adw_preferences_group_add (group, row);
  if (usage->first_byte_us > 0)
    take_row (group, _("Until the answer began"), okap_format_duration (usage->first_byte_us));
  take_row (group, _("In all"), okap_format_duration (usage->duration_us));
  if (usage->overhead_us > 0)
    /* Translators: %.1f is a number of milliseconds */
    take_row (group, _("Of that, in Okap"),
              g_strdup_printf (_("%.1f ms"), (double) usage->overhead_us / 1e3));
}

static void
add_cost (OkapLogDialog *self, const OkapUsage *usage)
{
  AdwPreferencesGroup *group = add_group (self, _("Cost"));
  g_autofree char *cost = okap_words_for_cost (usage);
  g_autofree char *price = okap_log_words_for_price (usage);

  (void) add_row (group, cost, price);
  if (usage->over_nusd > 0)
    (void) add_row (group, _("The provider claims more than was counted"),
                    _("It was more than was set aside for this request, and no limit had room "
                      "for it."));
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (usage->units.count[i] > 0)
      take_row (group, okap_log_words_for_unit ((OkapUnit) i),
                i < OKAP_N_TOKEN_UNITS ? okap_format_tokens (usage->units.count[i])
                                       : okap_format_count (usage->units.count[i]));
}

static void
add_body (OkapLogDialog *self, const OkapUsage *usage)
{
  AdwPreferencesGroup *group = add_group (self, _("What Was Sent"));
  g_autofree char *came = okap_body_digest_format (&usage->digest_in);
  g_autofree char *left = okap_body_digest_format (&usage->digest_out);

  take_row (group, _("The request’s text"), okap_log_words_for_body (usage));
  if (came != NULL)
    /* Translators: a digest is a short number that stands for a long text (BLAKE2b, 128 bits) */
    add_copy_row (group, left != NULL ? _("Digest as it came") : _("Digest, in and out"), came,
                  _("Copy Digest of What Came"));
  if (left != NULL)
    add_copy_row (group, _("Digest as it left"), left, _("Copy Digest of What Left"));
  take_row (group, _("Sent by the app"), okap_log_words_for_bytes (usage->bytes_in));
  take_row (group, _("Answered"), okap_log_words_for_bytes (usage->bytes_out));
}

static void
show_usage (OkapLogDialog *self, const OkapUsage *usage)
{
  gtk_window_set_title (GTK_WINDOW (self), _("Request"));
  add_request (self, usage);
  add_cost (self, usage);
  if (usage->cost_status == OKAP_COST_CORRECTION)
    return;
  add_timing (self, usage);
  add_body (self, usage);
}

/* --- a decision --- */

static void
show_entry (OkapLogDialog *self, const OkapAuditEntry *entry)
{
  AdwPreferencesGroup *group = add_group (self, "");

  gtk_window_set_title (GTK_WINDOW (self), _("Decision"));
  (void) add_row (group, okap_log_words_for_event (entry->event), entry->detail);
  take_row (group, _("When"), dup_when (entry->time_us));
  take_row (group, _("Line of the record"), okap_format_count (entry->id));
}

/* --- the window --- */

static void
app_clicked_cb (OkapLogDialog *self)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_APP], 0, self->grant_id);
  gtk_window_close (GTK_WINDOW (self));
}

static void
okap_log_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_LOG_DIALOG);
  G_OBJECT_CLASS (okap_log_dialog_parent_class)->dispose (object);
}

static void
okap_log_dialog_finalize (GObject *object)
{
  g_free (OKAP_LOG_DIALOG (object)->grant_id);
  G_OBJECT_CLASS (okap_log_dialog_parent_class)->finalize (object);
}

static void
okap_log_dialog_class_init (OkapLogDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_log_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_log_dialog_finalize;

  /**
   * OkapLogDialog::show-app:
   * @grant_id: of the app that it was about
   */
  signals[SIGNAL_SHOW_APP] = g_signal_new ("show-app", OKAP_TYPE_LOG_DIALOG, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-log-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapLogDialog, page);
  gtk_widget_class_bind_template_child (widget_class, OkapLogDialog, app_button);
  gtk_widget_class_bind_template_callback (widget_class, app_clicked_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_log_dialog_init (OkapLogDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_log_dialog_new: @item is loaded; @parent is where it was chosen */
GtkWidget *
okap_log_dialog_new (OkapLogItem *item, GtkWindow *parent)
{
  OkapLogDialog *self = g_object_new (OKAP_TYPE_LOG_DIALOG, "transient-for", parent, NULL);
  const OkapUsage *usage = okap_log_item_get_usage (item);
  const OkapAuditEntry *entry = okap_log_item_get_entry (item);

  if (usage != NULL)
    show_usage (self, usage);
  else if (entry != NULL)
    show_entry (self, entry);
  self->grant_id = g_strdup (usage != NULL ? usage->grant_id
                             : entry != NULL ? entry->grant_id : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->app_button),
                          self->grant_id != NULL && *self->grant_id != '\0');
  return GTK_WIDGET (self);
}
