/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units in a row of usage: the frequent ones have columns of their own, which cost little when they
 * are 0; the others stand in one text, such as "audio_input=12 images=1", which most rows do not
 * have. The text is read as strictly as it is written: what is not a unit with a count that stands
 * there for the first time is damage, and is left out. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"

static const OkapUnit columns[OKAP_N_UNIT_COLUMNS] = {
  OKAP_UNIT_INPUT, OKAP_UNIT_CACHED, OKAP_UNIT_CACHE_WRITTEN, OKAP_UNIT_OUTPUT,
  OKAP_UNIT_REASONING,
};

static gboolean
has_column (OkapUnit unit)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (columns[i] == unit)
      return TRUE;
  return FALSE;
}

/** okap_units_format_rest: (transfer full) (nullable): those without a column; NULL for none */
char *
okap_units_format_rest (const OkapUnits *units)
{
  GString *text = NULL;

  for (guint i = 0; i < OKAP_N_UNITS; i++)
    {
      if (units->count[i] == 0 || has_column ((OkapUnit) i))
        continue;
      if (text == NULL)
        text = g_string_new (NULL);
      g_string_append_printf (text, "%s%s=%" G_GINT64_FORMAT, text->len > 0 ? " " : "",
                              okap_unit_get_name ((OkapUnit) i), units->count[i]);
    }
  return text != NULL ? g_string_free (text, FALSE) : NULL;
}

static gboolean
read_word (const char *word, OkapUnits *units)
{
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);
  OkapUnit unit;
  guint64 count;

  if (g_strv_length (parts) != 2 || !okap_unit_from_name (parts[0], &unit) || has_column (unit)
      || units->count[unit] != 0
      || !g_ascii_string_to_unsigned (parts[1], 10, 1, OKAP_CAP_USAGE_COUNT, &count, NULL))
    return FALSE;
  units->count[unit] = (gint64) count;
  return TRUE;
}

/**
 * okap_units_parse_rest:
 * @text: (nullable)
 *
 * Returns: whether all of @text was read; what could be read is in @units in any case
 */
gboolean
okap_units_parse_rest (const char *text, OkapUnits *units)
{
  g_auto (GStrv) words = NULL;
  gboolean whole = TRUE;

  if (text == NULL)
    return TRUE;
  words = g_strsplit (text, " ", OKAP_N_UNITS);
  for (guint i = 0; words[i] != NULL; i++)
    whole = read_word (words[i], units) && whole;
  return whole;
}

/** okap_units_read: from the columns %OKAP_UNIT_COLUMNS, beginning at @first_column */
void
okap_units_read (OkapUnits *units, OkapQuery *query, int first_column)
{
  *units = (OkapUnits) { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    units->count[columns[i]] = okap_query_get_int (query, first_column + (int) i);
  (void) okap_units_parse_rest (okap_query_get_text (query, first_column + OKAP_N_UNIT_COLUMNS),
                                units);
}

/**
 * okap_units_bind:
 * @rest: what okap_units_format_rest() made of @units; stays until the query is run
 */
void
okap_units_bind (const OkapUnits *units, const char *rest, OkapQuery *query, int first_number)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    okap_query_bind_int (query, first_number + (int) i, units->count[columns[i]]);
  okap_query_bind_text (query, first_number + OKAP_N_UNIT_COLUMNS, rest);
}
