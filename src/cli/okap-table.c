/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plain table. Cells may come from outside: they are cleaned, and long ones are shortened in
 * the middle. Width is counted in columns of a terminal, not in bytes or characters. */
#include "config.h"

#include "okap-table.h"

#include "okap-text.h"

#define CELL_CHARS 48
#define GAP 2

struct _OkapTable
{
  guint n_columns;
  gboolean *to_right;  /* (owned) one per column */
  gsize *widths;       /* (owned) one per column */
  GPtrArray *rows;     /* (owned) (element-type GStrv) the first has the headings */
};

static gsize
get_width (const char *text)
{
  gsize width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

static void
add_cells (OkapTable *table, const char * const *cells, guint skip)
{
  char **row = g_new0 (char *, table->n_columns + 1);

  for (guint i = 0; i < table->n_columns; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (cells[i] != NULL ? cells[i] + skip : "", -1);
      g_autofree char *clean = okap_text_clean (valid, G_MAXINT);

      row[i] = okap_text_shorten (clean, CELL_CHARS);
      table->widths[i] = MAX (table->widths[i], get_width (row[i]));
    }
  g_ptr_array_add (table->rows, row);
}

/** okap_table_new: (transfer full): a table without rows */
OkapTable *
okap_table_new (const char * const *headings)
{
  OkapTable *table = g_new0 (OkapTable, 1);

  table->n_columns = g_strv_length ((char **) headings);
  table->to_right = g_new0 (gboolean, table->n_columns);
  table->widths = g_new0 (gsize, table->n_columns);
  table->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (guint i = 0; i < table->n_columns; i++)
    table->to_right[i] = headings[i][0] == '>';
  add_cells (table, headings, 1);
  return table;
}

void
okap_table_free (OkapTable *table)
{
  g_ptr_array_unref (table->rows);
  g_free (table->to_right);
  g_free (table->widths);
  g_free (table);
}

/** okap_table_add_row: one cell per column; NULL is an empty one */
void
okap_table_add_row (OkapTable *table, const char * const *cells)
{
  add_cells (table, cells, 0);
}

/** okap_table_get_rows: how many rows there are below the headings */
guint
okap_table_get_rows (OkapTable *table)
{
  return table->rows->len - 1;
}

static void
append_spaces (GString *text, gsize count)
{
  for (gsize i = 0; i < count; i++)
    g_string_append_c (text, ' ');
}

static void
append_row (GString *text, const OkapTable *table, char **row)
{
  for (guint i = 0; i < table->n_columns; i++)
    {
      gsize gap = table->widths[i] - get_width (row[i]);

      if (i > 0)
        append_spaces (text, GAP);
      if (table->to_right[i])
        append_spaces (text, gap);
      g_string_append (text, row[i]);
      if (!table->to_right[i] && i + 1 < table->n_columns)
        append_spaces (text, gap);
    }
  while (text->len > 0 && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
  g_string_append_c (text, '\n');
}

/** okap_table_format: (transfer full): all lines, without spaces at their ends */
char *
okap_table_format (OkapTable *table)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < table->rows->len; i++)
    append_row (text, table, g_ptr_array_index (table->rows, i));
  return g_string_free (text, FALSE);
}
