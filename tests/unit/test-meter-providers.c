/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every answer in tests/data/providers, cut at every offset, against what expected.ini beside it
 * says by hand: units, parts, signals, and the cost at the price that stands there, too. */
#include "okap-meter.h"
#include "okap-price.h"

#include <string.h>

#define TIERS_MOST 3
#define OFFSETS_MOST 4096  /* longer files are cut at as many places, evenly */

typedef struct
{
  char *name;               /* (owned) provider/file */
  char *data;               /* (owned) */
  gsize length;
  OkapMeterKind kind;
  OkapFraming framing;
  OkapUnits request;
  GKeyFile *expected;       /* (unowned) */
  const char *group;        /* (unowned) */
} Case;

static const char *const kinds[OKAP_N_METERS] = {
  "free", "none", "openai-chat", "openai-responses", "anthropic-messages", "google-generate",
  "ollama", "google-interactions", "openai-images", "openai-speech", "openai-transcription",
  "openai-batch", "openai-video", "anthropic-batch", "google-operation", "replicate",
  "moderation", "cohere", "rerank", "mistral-ocr", "search",
  "ai-sdk",
};

/* "input 12, output 3" */
static void
parse_units (const char *text, gint64 *counts, guint32 *known)
{
  g_auto (GStrv) fields = g_strsplit (text, ",", -1);

  for (char **field = fields; *field != NULL; field++)
    {
      g_auto (GStrv) words = g_strsplit (g_strstrip (*field), " ", -1);
      OkapUnit unit;

      if (words[0] == NULL)
        continue;
      g_assert_cmpuint (g_strv_length (words), ==, 2);
      g_assert_true (okap_unit_from_name (words[0], &unit));
      counts[unit] = g_ascii_strtoll (words[1], NULL, 10);
      if (known != NULL)
        *known |= 1u << unit;
    }
}

static char *
format_units (const OkapUnits *units)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (units->count[i] != 0)
      g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT, text->len > 0 ? ", " : "",
                              okap_unit_get_name ((OkapUnit) i), units->count[i]);
  return g_string_free (text, FALSE);
}

static char *
get (const Case *test, const char *key)
{
  return g_key_file_get_string (test->expected, test->group, key, NULL);
}

/* "price", or "price MODEL"; with " above N" the next tiers. */
static gboolean
read_price (const Case *test, const char *model, OkapPriceTier *tiers, OkapPrice *out_price)
{
  g_autofree char *own = g_strdup_printf ("price %s", model);
  const char *key = g_key_file_has_key (test->expected, test->group, own, NULL) ? own : "price";
  g_autofree char *first = get (test, key);
  g_auto (GStrv) keys = g_key_file_get_keys (test->expected, test->group, NULL, NULL);
  g_autofree char *next = g_strdup_printf ("%s above ", key);

  if (first == NULL)
    return FALSE;
  *out_price = (OkapPrice) { .tiers = tiers, .n_tiers = 1, .dearest_permille = 1000 };
  tiers[0] = (OkapPriceTier) { 0 };
  parse_units (first, tiers[0].pusd, &tiers[0].known);
  for (char **k = keys; *k != NULL; k++)
    if (g_str_has_prefix (*k, next))
      {
        OkapPriceTier *tier = &tiers[out_price->n_tiers++];
        g_autofree char *text = get (test, *k);

        g_assert_cmpuint (out_price->n_tiers, <=, TIERS_MOST);
        *tier = (OkapPriceTier) { 0 };
        tier->from_input_tokens = g_ascii_strtoll (*k + strlen (next), NULL, 10);
        parse_units (text, tier->pusd, &tier->known);
      }
  return TRUE;
}

static void
check_cost (const Case *test, const OkapMeter *meter)
{
  guint permille = (guint) g_key_file_get_integer (test->expected, test->group, "permille", NULL);
  gint64 expected = g_key_file_get_int64 (test->expected, test->group, "cost", NULL);
  gint64 sum = 0;

  if (!g_key_file_has_key (test->expected, test->group, "cost", NULL))
    return;
  for (guint i = 0; i < okap_meter_get_n_parts (meter); i++)
    {
      OkapPriceTier tiers[TIERS_MOST];
      OkapPrice price;
      OkapUnits units;
      const char *model;
      gint64 nusd;

      okap_meter_get_part (meter, i, &model, &units);
      g_assert_true (read_price (test, model, tiers, &price));
      g_assert_true (okap_price_get_cost (&price, &units, permille != 0 ? permille : 1000, &nusd));
      sum += nusd;
    }
  g_assert_cmpint (sum, ==, expected);
}

static char *
format_parts (const OkapMeter *meter)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < okap_meter_get_n_parts (meter); i++)
    {
      g_autofree char *words = NULL;
      OkapUnits units;
      const char *model;

      okap_meter_get_part (meter, i, &model, &units);
      words = format_units (&units);
      g_string_append_printf (text, "%s%s: %s", i > 0 ? "; " : "", model, words);
    }
  return g_string_free (text, FALSE);
}

static char *
format_signals (const OkapMeter *meter)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < OKAP_METER_N_SIGNALS; i++)
    {
      const char *signal = okap_meter_get_signal (meter, (OkapMeterSignal) i);

      if (signal != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", signal);
    }
  return g_string_free (text, FALSE);
}

static void
check_text (const Case *test, const char *key, const char *seen, gboolean is_needed)
{
  g_autofree char *expected = get (test, key);

  if (expected != NULL || is_needed)
    g_assert_cmpstr (seen, ==, expected != NULL ? expected : "");
}

static void
check_whole (const Case *test, const OkapMeter *meter)
{
  g_autofree char *parts = format_parts (meter);
  g_autofree char *names = format_signals (meter);
  g_autofree char *words = NULL;
  g_autofree char *running = NULL;
  g_autofree char *exact = get (test, "exact");
  g_autofree char *reported = NULL;
  OkapUnits units, most;
  gint64 nusd;

  okap_meter_get_units (meter, &units);
  words = format_units (&units);
  check_text (test, "units", words, TRUE);
  check_text (test, "model", meter->model, TRUE);
  check_text (test, "parts", parts, meter->n_parts > 0);
  check_text (test, "signals", names, TRUE);
  g_assert_cmpint (okap_meter_is_exact (meter), ==, g_strcmp0 (exact, "no") != 0);
  if (okap_meter_get_cost (meter, &nusd))
    reported = g_strdup_printf ("%" G_GINT64_FORMAT, nusd);
  check_text (test, "billed", reported != NULL ? reported : "", TRUE);
  okap_meter_get_running (meter, &most);
  running = format_units (&most);
  check_text (test, "running", running, FALSE);
  g_assert_cmpint (okap_units_get_prompt (&most), >=, okap_units_get_prompt (&units));
  g_assert_cmpint (okap_units_get_written (&most), >=, okap_units_get_written (&units));
  g_assert_true (meter->framing == OKAP_FRAMING_OPAQUE || okap_meter_is_between (meter));
  check_cost (test, meter);
}

static void
begin (const Case *test, OkapMeter *meter)
{
  g_autofree char *headers = get (test, "headers");

  okap_meter_init (meter, test->kind, test->framing);
  okap_meter_set_request_units (meter, &test->request);
  if (headers != NULL)
    okap_meter_take_headers (meter, headers);
}

/* What must be the same however the answer is cut, without a look at expected.ini. */
static void
check_same (const OkapMeter *meter, const OkapMeter *whole)
{
  OkapUnits units[2];

  okap_meter_get_units (meter, &units[0]);
  okap_meter_get_units (whole, &units[1]);
  g_assert_cmpmem (&units[0], sizeof units[0], &units[1], sizeof units[1]);
  okap_meter_get_running (meter, &units[0]);
  okap_meter_get_running (whole, &units[1]);
  g_assert_cmpmem (&units[0], sizeof units[0], &units[1], sizeof units[1]);
  g_assert_cmpstr (meter->model, ==, whole->model);
  g_assert_cmpint (meter->text_bytes, ==, whole->text_bytes);
  g_assert_cmpint (meter->text_events, ==, whole->text_events);
  g_assert_cmpint (meter->doubtful, ==, whole->doubtful);
  g_assert_cmpint (meter->cost_nusd, ==, whole->cost_nusd);
  g_assert_cmpuint (meter->n_parts, ==, whole->n_parts);
  g_assert_cmpmem (meter->signals, sizeof meter->signals, whole->signals, sizeof whole->signals);
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  gsize step = test->length / OFFSETS_MOST + 1;
  OkapMeter whole, meter;

  begin (test, &whole);
  okap_meter_feed (&whole, test->data, test->length);
  check_whole (test, &whole);

  for (gsize cut = 1; cut < test->length; cut += step)
    {
      begin (test, &meter);
      okap_meter_feed (&meter, test->data, cut);
      okap_meter_feed (&meter, test->data + cut, test->length - cut);
      check_same (&meter, &whole);
    }

  begin (test, &meter);
  for (gsize i = 0; i < test->length; i++)
    {
      OkapUnits running;

      okap_meter_feed (&meter, test->data + i, 1);
      okap_meter_get_running (&meter, &running);
      for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
        g_assert_cmpint (running.count[unit], >=, 0);
    }
  check_same (&meter, &whole);
  check_whole (test, &meter);
}

static OkapMeterKind
find_kind (const char *name)
{
  for (guint i = 0; i < OKAP_N_METERS; i++)
    if (g_strcmp0 (kinds[i], name) == 0)
      return (OkapMeterKind) i;
  g_error ("%s is no meter", name);
}

static const char *
find_type (const char *file)
{
  if (g_str_has_suffix (file, ".sse"))
    return "text/event-stream; charset=utf-8";
  return g_str_has_suffix (file, ".ndjson") ? "application/x-ndjson" : "application/json";
}

static void
free_case (gpointer data)
{
  Case *test = data;

  g_free (test->name);
  g_free (test->data);
  g_free (test);
}

static void
add_case (const char *folder, const char *provider, GKeyFile *expected, const char *group)
{
  Case *test = g_new0 (Case, 1);
  g_autofree char *path = g_build_filename (folder, group, NULL);
  g_autofree char *test_path = g_strdup_printf ("/meter/providers/%s/%s", provider, group);
  g_autofree char *kind = g_key_file_get_string (expected, group, "kind", NULL);
  g_autofree char *type = g_key_file_get_string (expected, group, "type", NULL);
  g_autofree char *request = g_key_file_get_string (expected, group, "request", NULL);
  g_autoptr (GError) error = NULL;

  test->name = g_strconcat (provider, "/", group, NULL);
  test->kind = find_kind (kind);
  test->framing = okap_framing_from_content_type (type != NULL ? type : find_type (group));
  test->expected = expected;
  test->group = group;
  if (request != NULL)
    parse_units (request, test->request.count, NULL);
  g_file_get_contents (path, &test->data, &test->length, &error);
  g_assert_no_error (error);
  g_test_add_data_func_full (test_path, test, test_case, free_case);
}

/* Adds a test for each file of a provider; all of them, and no others, must be expected. */
static guint
add_provider (const char *root, const char *provider, GPtrArray *files)
{
  g_autofree char *folder = g_build_filename (root, provider, NULL);
  g_autofree char *path = g_build_filename (folder, "expected.ini", NULL);
  g_autoptr (GKeyFile) expected = g_key_file_new ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) groups = NULL;
  const char *file;
  guint n_files = 0;

  g_key_file_load_from_file (expected, path, G_KEY_FILE_NONE, &error);
  g_assert_no_error (error);
  while ((file = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_equal (file, "expected.ini"))
        continue;
      g_assert_true (g_key_file_has_group (expected, file));
      n_files++;
    }
  groups = g_key_file_get_groups (expected, NULL);
  g_assert_cmpuint (g_strv_length (groups), ==, n_files);
  for (char **group = groups; *group != NULL; group++)
    add_case (folder, provider, expected, *group);
  g_ptr_array_add (files, g_steal_pointer (&expected));
  g_ptr_array_add (files, g_steal_pointer (&groups));
  return n_files;
}

static void
free_kept (GPtrArray *kept)
{
  for (guint i = 0; i < kept->len; i += 2)
    {
      g_key_file_unref (g_ptr_array_index (kept, i));
      g_strfreev (g_ptr_array_index (kept, i + 1));
    }
  g_ptr_array_unref (kept);
}

int
main (int argc, char *argv[])
{
  g_autofree char *root = NULL;
  g_autoptr (GDir) dir = NULL;
  GPtrArray *kept = g_ptr_array_new ();
  const char *provider;
  guint n_files = 0;
  int status;

  g_test_init (&argc, &argv, NULL);
  root = g_test_build_filename (G_TEST_DIST, "..", "data", "providers", NULL);
  dir = g_dir_open (root, 0, NULL);
  g_assert_nonnull (dir);
  while ((provider = g_dir_read_name (dir)) != NULL)
    if (!g_str_has_suffix (provider, ".md"))
      n_files += add_provider (root, provider, kept);
  g_assert_cmpuint (n_files, >=, 60);
  status = g_test_run ();
  free_kept (kept);
  return status;
}
