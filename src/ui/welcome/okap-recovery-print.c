/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recovery code on one sheet of paper. Which printer, the desktop's own dialog asks; what it
 * spools on the way is out of our hands, as is the paper. Main thread. */
#include "config.h"

#include "okap-recovery-print.h"

#include <glib/gi18n.h>

#define MARGIN 72.0   /* points */

typedef struct
{
  OkapSecret *code;              /* (owned) */
  OkapPrintProblemFunc problem;
  gpointer data;                 /* (owned) a GObject */
} Printing;

static void
printing_free (gpointer data, GClosure *closure)
{
  Printing *printing = data;

  okap_secret_unref (printing->code);
  g_object_unref (printing->data);
  g_free (printing);
}

static void
draw_page_cb (GtkPrintOperation *operation, GtkPrintContext *context, int page,
              Printing *printing)
{
  cairo_t *cr = gtk_print_context_get_cairo_context (context);
  g_autoptr (PangoLayout) layout = gtk_print_context_create_pango_layout (context);
  PangoFontDescription *font = pango_font_description_from_string ("monospace 14");
  char *text = g_strdup_printf (_("Recovery code of Okap\n\n%s\n"),
                                okap_secret_get_text (printing->code));

  pango_layout_set_font_description (layout, font);
  pango_layout_set_width (layout, (int) ((gtk_print_context_get_width (context) - 2 * MARGIN)
                                         * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text (layout, text, -1);
  okap_wipe_string (text);
  cairo_move_to (cr, MARGIN, MARGIN);
  pango_cairo_show_layout (cr, layout);
  pango_font_description_free (font);
}

static void
done_cb (GtkPrintOperation *operation, GtkPrintOperationResult result, Printing *printing)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (result != GTK_PRINT_OPERATION_RESULT_ERROR)
    return;
  gtk_print_operation_get_error (operation, &error);
  /* Translators: %s says why */
  words = g_strdup_printf (_("It could not be printed: %s"), error->message);
  printing->problem (words, printing->data);
}

/**
 * okap_recovery_print:
 * @problem: told if nothing could be printed
 * @data: a GObject, kept until it is over
 *
 * Asks for the printer and returns at once.
 */
void
okap_recovery_print (GtkWindow *parent, OkapSecret *code, OkapPrintProblemFunc problem,
                     gpointer data)
{
  g_autoptr (GtkPrintOperation) operation = gtk_print_operation_new ();
  Printing *printing = g_new (Printing, 1);

  printing->code = okap_secret_ref (code);
  printing->problem = problem;
  printing->data = g_object_ref (data);
  gtk_print_operation_set_n_pages (operation, 1);
  gtk_print_operation_set_unit (operation, GTK_UNIT_POINTS);
  gtk_print_operation_set_allow_async (operation, TRUE);
  gtk_print_operation_set_job_name (operation, "Okap");
  g_signal_connect (operation, "draw-page", G_CALLBACK (draw_page_cb), printing);
  g_signal_connect_data (operation, "done", G_CALLBACK (done_cb), printing, printing_free, 0);
  (void) gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, parent,
                                  NULL);  /* errors come with "done" */
}
