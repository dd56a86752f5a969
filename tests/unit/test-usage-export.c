/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of usage in files: exact, harmless in a spreadsheet, whole or not at all. */
#include "config.h"

#include "test-store-fixture.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "okap-usage-export.h"

static OkapUsage *
new_full (void)
{
  OkapUsage *usage = new_usage ("g_1", "My \"App\", new", "gpt", G_GINT64_CONSTANT (86400000000));

  usage->id = 7;
  usage->units.count[OKAP_UNIT_INPUT] = 10;
  usage->units.count[OKAP_UNIT_CACHED] = 5;
  usage->units.count[OKAP_UNIT_OUTPUT] = 3;
  usage->cost_nusd = 1;
  usage->bytes_in = 12;
  return usage;
}

static void
test_row (void)
{
  g_autoptr (OkapUsage) usage = new_full ();
  g_autoptr (GString) csv = g_string_new (NULL);

  okap_usage_export_append (csv, usage, OKAP_EXPORT_CSV);
  g_assert_cmpstr (csv->str, ==,
                   "7,1970-01-02T00:00:00Z,\"My \"\"App\"\", new\",\"openai\","
                   "\"/v1/chat/completions\",\"gpt\",\"gpt\",,200,,15,5,3,0.000000001,known,0.00,"
                   "0,0,0,12,0,false,,,,\"r_1\",\"g_1\",0\r\n");
}

/* What a spreadsheet would run, and what leaves a line or a text. */
static void
test_hostile (void)
{
  static const char *const names[] = {
    "=HYPERLINK(\"http://evil\")", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|calc",
    "%0A", "a\r\nb", "\"", "",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (OkapUsage) usage = new_usage ("g_1", names[i], "m", 0);
      g_autoptr (GString) csv = g_string_new (NULL);
      g_autoptr (GString) json = g_string_new (NULL);
      g_autoptr (JsonParser) parser = json_parser_new ();
      const char *cell;

      okap_usage_export_append (csv, usage, OKAP_EXPORT_CSV);
      cell = strstr (csv->str, "Z,") + 2;
      g_assert_cmpint (*cell, ==, '"');
      if (strlen (names[i]) > 1 && i < 9)
        g_assert_cmpint (cell[1], ==, '\'');
      okap_usage_export_append (json, usage, OKAP_EXPORT_JSON);
      g_assert_true (json_parser_load_from_data (parser, json->str, -1, NULL));
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (
                         json_parser_get_root (parser)), "app"), ==, names[i]);
    }
}

static void
test_unknown_cost (void)
{
  g_autoptr (OkapUsage) usage = new_full ();
  g_autoptr (GString) json = g_string_new (NULL);

  usage->cost_status = OKAP_COST_UNKNOWN;
  okap_usage_export_append (json, usage, OKAP_EXPORT_JSON);
  g_assert_nonnull (strstr (json->str, "\"cost_usd\": null, \"cost_status\": \"unknown\""));
  g_assert_nonnull (strstr (json->str, "\"over_usd\": \"0.00\""));
}

static gboolean
export_to (Fixture *fixture, const OkapIdSet *ids, GFile *file, OkapExportFormat format,
           GCancellable *cancellable, guint *n_rows, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Waiting *waiting = waiting_begin ();

  okap_usage_export_async (fixture->store, ids, file, format, cancellable, waiting_cb, waiting);
  result = waiting_end (waiting);
  return okap_usage_export_finish (fixture->store, result, n_rows, error);
}

#define N_ROWS 1203

static OkapIdSet *
fill (Fixture *fixture)
{
  OkapIdSet *ids = okap_id_set_new (1, N_ROWS);

  fixture_open (fixture);
  for (guint i = 0; i < N_ROWS; i++)
    {
      g_autoptr (OkapUsage) usage = new_usage ("g_1", "App", "m", i);

      usage->cost_nusd = i;
      okap_store_add_usage (fixture->store, usage);
    }
  g_ptr_array_unref (store_list_usage (fixture->store, 0, 1));
  okap_id_set_add_all (ids);
  return ids;
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "out", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (OkapIdSet) ids = fill (fixture);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *csv = NULL;
  g_auto (GStrv) lines = NULL;
  JsonArray *rows;
  guint n_rows;

  okap_id_set_remove (ids, 5);
  g_assert_true (export_to (fixture, ids, file, OKAP_EXPORT_CSV, NULL, &n_rows, &error));
  g_assert_cmpuint (n_rows, ==, N_ROWS - 1);
  g_assert_true (g_file_get_contents (path, &csv, NULL, &error));
  lines = g_strsplit (csv, "\r\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, N_ROWS + 1);
  g_assert_true (g_str_has_prefix (lines[0], "id,started,app,"));
  g_assert_true (g_str_has_prefix (lines[1], "1203,"));
  g_assert_true (g_str_has_prefix (lines[N_ROWS - 1], "1,"));

  g_assert_true (export_to (fixture, ids, file, OKAP_EXPORT_JSON, NULL, &n_rows, &error));
  g_assert_true (json_parser_load_from_file (parser, path, &error));
  rows = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (rows), ==, N_ROWS - 1);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (rows, 0),
                                                  "cost_usd"), ==, "0.000001202");
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "out", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (OkapIdSet) ids = okap_id_set_new (1, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  guint n_rows;

  fixture_open (fixture);
  g_assert_true (export_to (fixture, ids, file, OKAP_EXPORT_JSON, NULL, &n_rows, &error));
  g_assert_cmpuint (n_rows, ==, 0);
  g_assert_true (g_file_get_contents (path, &json, NULL, &error));
  g_assert_cmpstr (json, ==, "[\n]\n");
}

/* The old file stays if the new one cannot be written whole; a new one does not stay half. */
static void
test_broken_off (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "out", NULL);
  g_autofree char *deep = g_build_filename (fixture->folder, "no", "out", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) nowhere = g_file_new_for_path (deep);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint n_rows;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (OkapIdSet) ids = i == 0 ? fill (fixture) : okap_id_set_new (1, 1);

      g_assert_false (export_to (fixture, ids, nowhere, OKAP_EXPORT_CSV, NULL, &n_rows, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_clear_error (&error);
      if (i == 0)
        okap_store_close (fixture->store);  /* it fails within */
      okap_id_set_add_all (ids);
      if (i == 1)
        g_file_set_contents (path, "old", -1, NULL);
      g_assert_false (export_to (fixture, ids, file, OKAP_EXPORT_CSV, NULL, &n_rows, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
      g_assert_cmpint (g_file_query_exists (file, NULL), ==, i == 1);
      if (i == 1)
        g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    }
  g_assert_cmpstr (text, ==, "old");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usage-export/row", test_row);
  g_test_add_func ("/usage-export/hostile", test_hostile);
  g_test_add_func ("/usage-export/unknown-cost", test_unknown_cost);
  g_test_add ("/usage-export/file", Fixture, NULL, fixture_set_up, test_file, fixture_tear_down);
  g_test_add ("/usage-export/nothing", Fixture, NULL, fixture_set_up, test_nothing,
              fixture_tear_down);
  g_test_add ("/usage-export/broken-off", Fixture, NULL, fixture_set_up, test_broken_off,
              fixture_tear_down);
  return g_test_run ();
}
