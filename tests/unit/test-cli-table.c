/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "okap-table.h"

static const char * const headings[] = { "<NAME", ">COUNT", "<LAST", NULL };

static void
test_columns (void)
{
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *empty = okap_table_format (table);
  g_autofree char *text = NULL;

  g_assert_cmpstr (empty, ==, "NAME  COUNT  LAST\n");
  okap_table_add_row (table, (const char *[]) { "a", "7", "x" });
  okap_table_add_row (table, (const char *[]) { "longer", "1234567", NULL });
  text = okap_table_format (table);
  g_assert_cmpuint (okap_table_get_rows (table), ==, 2);
  g_assert_cmpstr (text, ==,
                   "NAME      COUNT  LAST\n"
                   "a             7  x\n"
                   "longer  1234567\n");
}

static void
test_width (void)
{
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;

  okap_table_add_row (table, (const char *[]) { "Bücher", "1", "x" });
  okap_table_add_row (table, (const char *[]) { "日本", "2", "y" });
  okap_table_add_row (table, (const char *[]) { "e\xcc\x81", "3", "z" });
  text = okap_table_format (table);
  g_assert_cmpstr (text, ==,
                   "NAME    COUNT  LAST\n"
                   "Bücher      1  x\n"
                   "日本        2  y\n"
                   "e\xcc\x81           3  z\n");
}

static void
test_hostile (void)
{
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;
  g_autofree char *endless = g_strnfill (4096, 'x');

  okap_table_add_row (table, (const char *[]) { "\x1b[31mred\x1b]0;t\x07", "1\n2", "\xff\xfe" });
  okap_table_add_row (table, (const char *[]) { endless, "", "" });
  text = okap_table_format (table);
  g_assert_null (strchr (text, '\x1b'));
  g_assert_null (strchr (text, '\x07'));
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_nonnull (strstr (text, "1 2"));
  g_assert_cmpuint (strlen (text), <, 512);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/table/columns", test_columns);
  g_test_add_func ("/cli/table/width", test_width);
  g_test_add_func ("/cli/table/hostile", test_hostile);
  return g_test_run ();
}
