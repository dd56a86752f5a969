/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answers count from the moment in which they are given, not from the one in which they were
 * shown. */
#include "config.h"

#include "okap-end-row.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-format.h"

static const struct
{
  const char *words;
  gint64 span_us;
} answers[] = {
  { N_("An hour from now"), 60 * OKAP_MINUTE_US },
  { N_("A day from now"), OKAP_DAY_US },
  { N_("A week from now"), 7 * OKAP_DAY_US },
  { N_("30 days from now"), 30 * OKAP_DAY_US },
  { N_("90 days from now"), 90 * OKAP_DAY_US },
  { N_("A year from now"), 365 * OKAP_DAY_US },
};

#define USUAL 3

struct _OkapEndRow
{
  AdwComboRow parent_instance;

  guint n_before;   /* answers before the table: 1 if there is an end */
};

G_DEFINE_FINAL_TYPE (OkapEndRow, okap_end_row, ADW_TYPE_COMBO_ROW)

static void
show (OkapEndRow *self, const char *current)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  self->n_before = current != NULL;
  if (current != NULL)
    gtk_string_list_append (names, current);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    gtk_string_list_append (names, _(answers[i].words));
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), current != NULL ? 0 : USUAL);
}

static void
okap_end_row_class_init (OkapEndRowClass *class)
{
}

static void
okap_end_row_init (OkapEndRow *self)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _("Until"));
  show (self, NULL);
}

void
okap_end_row_set_current (OkapEndRow *self, gint64 end_us)
{
  g_autofree char *words = okap_format_date (end_us);

  show (self, words);
}

gint64
okap_end_row_get_end (OkapEndRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  if (selected < self->n_before || selected - self->n_before >= G_N_ELEMENTS (answers))
    return 0;
  return okap_clock_get_now (okap_clock_get_real ()) + answers[selected - self->n_before].span_us;
}
