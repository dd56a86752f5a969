/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The activity: requests and decisions, each a list of its own, with what is done with a whole
 * list: export, and checking that nobody changed the record of decisions. Main thread. */
#include "config.h"

#include "okap-activity-page.h"

#include <glib/gi18n.h>

#include "okap-error.h"
#include "okap-format.h"
#include "okap-log-dialog.h"
#include "okap-log-view.h"
#include "okap-menus.h"
#include "okap-usage-export.h"
#include "okap-words.h"

struct _OkapActivityPage
{
  AdwBin parent_instance;

  OkapStore *store;            /* (owned) (nullable) until set */

  GtkStack *stack;             /* template children */
  OkapLogView *requests;
  OkapLogView *decisions;
  GtkWidget *export_button;
  GtkWidget *verify_button;
  GtkRevealer *verdict;
  GtkImage *verdict_icon;
  GtkLabel *verdict_label;
  AdwToastOverlay *toasts;
};

G_DEFINE_FINAL_TYPE (OkapActivityPage, okap_activity_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_SHOW_APP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static OkapLogView *
get_view (OkapActivityPage *self)
{
  return OKAP_LOG_VIEW (gtk_stack_get_visible_child (self->stack));
}

static void
say (OkapActivityPage *self, const char *words)
{
  g_autofree char *plain = g_markup_escape_text (words, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (plain));
}

/* --- details --- */

static void
show_app_cb (OkapActivityPage *self, const char *grant_id)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_APP], 0, grant_id);
}

static void
activated_cb (OkapActivityPage *self, OkapLogItem *item)
{
  GtkWidget *dialog = okap_log_dialog_new (item, GTK_WINDOW (gtk_widget_get_root (
                                             GTK_WIDGET (self))));

  g_signal_connect_object (dialog, "show-app", G_CALLBACK (show_app_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- verifying --- */

static void
show_verdict (OkapActivityPage *self, gboolean good, const char *words)
{
  gtk_image_set_from_icon_name (self->verdict_icon, good ? "object-select-symbolic"
                                                         : "dialog-warning-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->verdict_icon),
                              (const char *[]) { good ? "success" : "warning", NULL });
  gtk_label_set_text (self->verdict_label, words);
  gtk_revealer_set_reveal_child (self->verdict, TRUE);
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapActivityPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  g_autofree char *count = NULL;
  g_autofree char *next = NULL;
  gint64 lines = 0;
  gboolean good = okap_store_verify_audit_finish (OKAP_STORE (source), result, &lines, &error);

  gtk_widget_set_sensitive (self->verify_button, TRUE);
  count = okap_format_count (lines);
  next = okap_format_count (lines + 1);
  if (good)
    words = g_strdup_printf (ngettext ("The only line is unbroken", "All %s lines are unbroken",
                                       (gulong) lines), count);
  else if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED))
    words = okap_words_for_error (error);
  else
    /* Translators: the number of a line, and how many lines before it are as Okap wrote them */
    words = g_strdup_printf (_("Line %s was changed or removed by another program. The lines "
                               "before it are unbroken: %s."), next, count);
  show_verdict (self, good, words);
}

static void
verify_cb (OkapActivityPage *self)
{
  gtk_widget_set_sensitive (self->verify_button, FALSE);
  okap_store_verify_audit_async (self->store, verified_cb, g_object_ref (self));
}

static void
hide_verdict_cb (OkapActivityPage *self)
{
  gtk_revealer_set_reveal_child (self->verdict, FALSE);
}

/* --- exporting --- */

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapActivityPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  guint n_rows;

  if (okap_usage_export_finish (OKAP_STORE (source), result, &n_rows, &error))
    {
      g_autofree char *requests = okap_format_requests (n_rows);

      /* Translators: of a list that was written to a file; %s is such as "12 requests" */
      words = g_strdup_printf (_("%s exported"), requests);
    }
  else
    words = okap_words_for_error (error);
  say (self, words);
}

static void
file_chosen_cb (OkapActivityPage *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (OkapIdSet) ids = NULL;
  gpointer format = g_object_get_data (G_OBJECT (dialog), "okap-format");

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    {
      ids = okap_log_view_copy_ids (self->requests);
      okap_usage_export_async (self->store, ids, file,
                               (OkapExportFormat) GPOINTER_TO_INT (format), NULL, exported_cb,
                               g_object_ref (self));
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
export_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  OkapActivityPage *self = OKAP_ACTIVITY_PAGE (widget);
  gboolean json = g_str_has_suffix (action, "json");
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    _("Export"), GTK_WINDOW (gtk_widget_get_root (widget)), GTK_FILE_CHOOSER_ACTION_SAVE,
    _("_Export"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), json ? "okap-requests.json"
                                                                     : "okap-requests.csv");
  g_object_set_data (G_OBJECT (dialog), "okap-format",
                     GINT_TO_POINTER (json ? OKAP_EXPORT_JSON : OKAP_EXPORT_CSV));
  g_signal_connect_object (dialog, "response", G_CALLBACK (file_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* --- the page --- */

static gboolean
search_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  okap_log_view_search (get_view (OKAP_ACTIVITY_PAGE (widget)));
  return TRUE;
}

static void
add_shortcut (OkapActivityPage *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (controller),
    gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Control>f"),
                      gtk_callback_action_new (search_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
okap_activity_page_dispose (GObject *object)
{
  g_clear_object (&OKAP_ACTIVITY_PAGE (object)->store);
  G_OBJECT_CLASS (okap_activity_page_parent_class)->dispose (object);
}

static void
okap_activity_page_class_init (OkapActivityPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_activity_page_dispose;

  /**
   * OkapActivityPage::show-app:
   * @grant_id: of the app that somebody wants to see
   */
  signals[SIGNAL_SHOW_APP] = g_signal_new ("show-app", OKAP_TYPE_ACTIVITY_PAGE, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (OKAP_TYPE_LOG_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-activity-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, requests);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, decisions);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, export_button);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, verify_button);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, verdict);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, verdict_icon);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, verdict_label);
  gtk_widget_class_bind_template_child (widget_class, OkapActivityPage, toasts);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, verify_cb);
  gtk_widget_class_bind_template_callback (widget_class, hide_verdict_cb);
  gtk_widget_class_install_action (widget_class, "activity.export-csv", NULL, export_cb);
  gtk_widget_class_install_action (widget_class, "activity.export-json", NULL, export_cb);
}

static void
okap_activity_page_init (OkapActivityPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->export_button),
                                  G_MENU_MODEL (okap_menus_get ("activity-export")));
  okap_log_view_add_end (self->requests, self->export_button);
  okap_log_view_add_end (self->decisions, self->verify_button);
  add_shortcut (self);
}

/** okap_activity_page_set_store: once */
void
okap_activity_page_set_store (OkapActivityPage *self, OkapStore *store)
{
  self->store = g_object_ref (store);
  okap_log_view_set_store (self->requests, store, OKAP_LOG_REQUESTS);
  okap_log_view_set_store (self->decisions, store, OKAP_LOG_DECISIONS);
}

/**
 * okap_activity_page_show_app:
 * @app: the title of its grant, as rows of usage have it
 *
 * Shows the requests of this app alone, until the filter is cleared.
 */
void
okap_activity_page_show_app (OkapActivityPage *self, const char *app)
{
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->requests));
  okap_log_view_show_app (self->requests, app);
}
