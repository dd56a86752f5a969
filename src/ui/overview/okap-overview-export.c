/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown, as a file where the user says. The bytes are made before the dialog opens, so that
 * the file holds what was on the screen; it is written beside its place and then put there, so that
 * a full disk leaves what was there before. Readable by the user alone. Main thread. */
#include "config.h"

#include "okap-overview-export.h"

#include <glib/gi18n.h>

#include "okap-timeline-text.h"

typedef struct
{
  GBytes *bytes;             /* (owned) */
  AdwToastOverlay *toasts;   /* (owned) */
  GtkFileChooserNative *dialog;  /* (owned) (nullable) while it is open */
} Export;

static void
export_free (Export *export)
{
  g_bytes_unref (export->bytes);
  g_object_unref (export->toasts);
  g_clear_object (&export->dialog);
  g_free (export);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Export, export_free)

static void
tell (Export *export, const char *words)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *markup = g_markup_escape_text (words, -1);

  adw_toast_set_title (toast, markup);
  adw_toast_overlay_add_toast (export->toasts, toast);
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Export) export = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *words = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    /* Translators: %s is the name of a file */
    words = g_strdup_printf (_("Saved as %s"), name);
  else
    /* Translators: the name of a file, and why it could not be written */
    words = g_strdup_printf (_("%1$s was not saved: %2$s"), name, error->message);
  tell (export, words);
}

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (Export) export = user_data;
  g_autoptr (GFile) file = NULL;
  GBytes *bytes = export->bytes;

  if (response != GTK_RESPONSE_ACCEPT)
    return;
  file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file == NULL)
    return;
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE,
                                       G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION,
                                       NULL, replaced_cb, g_steal_pointer (&export));
}

/* (nullable) */
static GBytes *
make_bytes (OkapExportFormat format, const OkapOverviewFigures *figures, OkapUsageChart *chart)
{
  g_autoptr (GdkTexture) texture = NULL;

  switch (format)
    {
    case OKAP_EXPORT_CSV:
      return okap_timeline_to_csv (figures->line, figures->by, figures->zone);
    case OKAP_EXPORT_JSON:
      return okap_timeline_to_json (figures->line, figures->by, figures->zone);
    case OKAP_EXPORT_PNG:
    default:
      texture = okap_usage_chart_render (chart);
      return texture != NULL ? gdk_texture_save_to_png_bytes (texture) : NULL;
    }
}

static char *
make_name (OkapExportFormat format, const OkapOverviewFigures *figures)
{
  static const char *const forms[] = {
    [OKAP_RANGE_DAY] = "%Y-%m-%d",
    [OKAP_RANGE_WEEK] = "%Y-%m-%d",
    [OKAP_RANGE_MONTH] = "%Y-%m",
    [OKAP_RANGE_YEAR] = "%Y",
  };
  static const char *const endings[] = {
    [OKAP_EXPORT_CSV] = "csv",
    [OKAP_EXPORT_JSON] = "json",
    [OKAP_EXPORT_PNG] = "png",
  };
  g_autoptr (GDateTime) utc
      = g_date_time_new_from_unix_utc (figures->line->borders_us[0] / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, figures->zone);
  g_autofree char *date = g_date_time_format (local, forms[figures->range]);

  return g_strdup_printf ("okap-spend-%s.%s", date, endings[format]);
}

/** okap_overview_export: asks where to, writes, and says what became of it in @toasts */
void
okap_overview_export (OkapExportFormat format, const OkapOverviewFigures *figures,
                      OkapUsageChart *chart, AdwToastOverlay *toasts)
{
  GBytes *bytes = make_bytes (format, figures, chart);
  g_autofree char *name = make_name (format, figures);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (toasts));
  Export *export;

  if (bytes == NULL)
    return;
  export = g_new0 (Export, 1);
  export->bytes = bytes;
  export->toasts = g_object_ref (toasts);
  export->dialog = gtk_file_chooser_native_new (_("Export"), GTK_WINDOW (root),
                                                GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"),
                                                _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (export->dialog), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (export->dialog), name);
  g_signal_connect (export->dialog, "response", G_CALLBACK (response_cb), export);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (export->dialog));
}
