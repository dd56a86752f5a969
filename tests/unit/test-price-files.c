/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's own prices and tables: what counts, what is refused, what stays; in folders of the
 * test's own, which each case finds empty. */
#include "okap-price-files.h"

#include <glib/gstdio.h>
#include <string.h>

#include "okap-error.h"
#include "okap-paths.h"

/* 23 November 2026, 12:00 UTC */
#define NOW_US (G_GINT64_CONSTANT (1795435200) * G_USEC_PER_SEC)

static gint64
price_of (const char *provider, const char *model, OkapUnit unit)
{
  OkapPrice price;

  if (!okap_price_lookup (provider, model, NOW_US, &price)
      || (price.tiers[0].known & (1u << unit)) == 0)
    return -1;
  return price.tiers[0].pusd[unit];
}

static void
write_file (char *path, const char *text)
{
  g_autofree char *owned = path;
  g_autofree char *folder = g_path_get_dirname (owned);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (owned, text, -1, NULL));
}

static void
remove_file (char *path)
{
  g_autofree char *owned = path;

  g_assert_cmpint (g_unlink (owned), ==, 0);
}

static void
remove_all (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      remove_all (path);
    }
  g_remove (folder);
}

static gboolean
yes_cb (const char *digest, gpointer user_data)
{
  return TRUE;
}

static void
load (gboolean keep, const char *table_problem, const char *overrides_problem)
{
  g_auto (OkapPriceReport) report = { 0 };

  okap_price_files_load (keep ? yes_cb : NULL, NULL, &report);
  g_assert_true (report.confirmed);
  if (table_problem == NULL)
    g_assert_null (report.table_problem);
  else
    g_assert_nonnull (strstr (report.table_problem, table_problem));
  if (overrides_problem == NULL)
    g_assert_null (report.overrides_problem);
  else
    g_assert_nonnull (strstr (report.overrides_problem, overrides_problem));
}

/* Digit by digit, rounded up. */
static void
test_decimals (void)
{
  static const struct
  {
    OkapUnit unit;
    const char *usd;
    gint64 pusd;        /* -1: refused */
    const char *again;  /* as it is shown */
  } cases[] = {
    { OKAP_UNIT_INPUT, "2.5", 2500000, "2.5" },
    { OKAP_UNIT_INPUT, "0.075", 75000, "0.075" },
    { OKAP_UNIT_INPUT, "0.000001", 1, "0.000001" },
    { OKAP_UNIT_INPUT, "0.0000001", 1, "0.000001" },
    { OKAP_UNIT_INPUT, "0.0000010", 1, "0.000001" },
    { OKAP_UNIT_INPUT, "0.00000100000000001", 2, "0.000002" },
    { OKAP_UNIT_INPUT, "0", 0, "0" },
    { OKAP_UNIT_INPUT, "0.0", 0, "0" },
    { OKAP_UNIT_INPUT, "10000", 10000000000, "10000" },
    { OKAP_UNIT_INPUT, "10000.000001", -1, NULL },
    { OKAP_UNIT_OUTPUT, "100", 100000000, "100" },
    { OKAP_UNIT_IMAGES, "0.003", 3000000000, "0.003" },
    { OKAP_UNIT_IMAGES, "100", 100000000000000, "100" },
    { OKAP_UNIT_IMAGES, "100.1", -1, NULL },
    { OKAP_UNIT_MILLISECONDS, "0.00115", 1150000, "0.00115" },
    { OKAP_UNIT_MILLISECONDS, "0.0000000001", 1, "0.000000001" },
    { OKAP_UNIT_REQUESTS, "0.01", 10000000000, "0.01" },
    { OKAP_UNIT_CHARACTERS, "15", 15000000, "15" },
    { OKAP_UNIT_INPUT, "", -1, NULL },
    { OKAP_UNIT_INPUT, ".5", -1, NULL },
    { OKAP_UNIT_INPUT, "5.", -1, NULL },
    { OKAP_UNIT_INPUT, "-1", -1, NULL },
    { OKAP_UNIT_INPUT, "+1", -1, NULL },
    { OKAP_UNIT_INPUT, "1e3", -1, NULL },
    { OKAP_UNIT_INPUT, "1,5", -1, NULL },
    { OKAP_UNIT_INPUT, "$1", -1, NULL },
    { OKAP_UNIT_INPUT, "nan", -1, NULL },
    { OKAP_UNIT_INPUT, "1.5.5", -1, NULL },
    { OKAP_UNIT_INPUT, "99999999999999999999999", -1, NULL },
    { OKAP_UNIT_INPUT, "0.00000000000000000000000000000000000000001", -1, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) overrides
        = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_price_override_free);
      OkapPriceOverride *one = okap_price_override_new ("p", "m");
      g_autoptr (OkapPriceTable) table = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = NULL;
      char name[] = "m";

      g_test_message ("%s", cases[i].usd);
      g_ptr_array_add (overrides, one);
      g_assert_cmpint (okap_price_override_set (one, cases[i].unit, cases[i].usd, &error), ==,
                       cases[i].pusd >= 0);
      if (cases[i].pusd < 0)
        {
          g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
          continue;
        }
      table = okap_price_overrides_make_table (overrides, &error);
      g_assert_no_error (error);
      g_assert_cmpint (okap_price_table_find (table, "p", name)->tiers[0].pusd[cases[i].unit], ==,
                       cases[i].pusd);
      shown = okap_price_format_usd (cases[i].unit, cases[i].pusd);
      g_assert_cmpstr (shown, ==, cases[i].again);
    }
}

/* What the user set wins, over what the table says and does not say. */
static void
test_overrides (void)
{
  const OkapUnits run = { .count = { [OKAP_UNIT_REQUESTS] = 1, [OKAP_UNIT_MILLISECONDS] = 2500 } };
  const OkapUnits job = { .count = { [OKAP_UNIT_REQUESTS] = 1, [OKAP_UNIT_MILLISECONDS] = 2500,
                                     [OKAP_UNIT_IMAGES] = 2, [OKAP_UNIT_INPUT] = 7 } };
  OkapPrice price;
  gint64 cost;

  load (FALSE, NULL, NULL);
  g_assert_cmpint (price_of ("openai", "gpt-4o-2024-08-06", OKAP_UNIT_INPUT), ==, 2500000);
  g_assert_cmpint (price_of ("replicate", "acme/painter", OKAP_UNIT_MILLISECONDS), ==, -1);
  write_file (okap_paths_dup_price_overrides (),
              "{ \"prices\": [\n"
              "  { \"provider\": \"openai\", \"model\": \"gpt-4o\","
              " \"input_usd_per_million\": 1.25,"
              " \"output_usd_per_million\": 5, \"max_output_tokens\": 100 },\n"
              "  { \"provider\": \"replicate\", \"model\": \"Acme/Painter\","
              " \"usd_per_second\": 0.0011, \"usd_per_run\": 0.01 },\n"
              "  { \"provider\": \"replicate\", \"model\": \"acme/writer\","
              " \"input_usd_per_million\": 2 },\n"
              "  { \"provider\": \"my-server\", \"model\": \"*\", \"free\": true }\n] }");
  load (FALSE, NULL, NULL);
  /* also for the dated name that the vendor serves, and all kinds of input with it */
  g_assert_cmpint (price_of ("openai", "gpt-4o-2024-08-06", OKAP_UNIT_INPUT), ==, 1250000);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_CACHED), ==, 1250000);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_REASONING), ==, 5000000);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_SEARCHES), ==, -1);
  g_assert_cmpint (price_of ("openai", "gpt-4o-mini", OKAP_UNIT_INPUT), ==, 150000);
  g_assert_true (okap_price_lookup ("openai", "GPT-4o", NOW_US, &price));
  g_assert_cmpint (price.max_output_tokens, ==, 100);
  g_assert_true (okap_price_lookup ("my-server", "anything", NOW_US, &price));
  g_assert_true (okap_price_is_free (&price));
  /* 2500 milliseconds at 0.0011 a second, and the run at 0.01 */
  g_assert_true (okap_price_lookup ("replicate", "acme/painter", NOW_US, &price));
  g_assert_true (okap_price_get_cost (&price, &run, 1000, &cost));
  g_assert_cmpint (cost, ==, 2750000 + 10000000);
  /* what was not named costs nothing besides */
  g_assert_true (okap_price_get_cost (&price, &job, 1000, &cost));
  g_assert_cmpint (cost, ==, 2750000 + 10000000);
  g_assert_true (okap_price_lookup ("replicate", "acme/writer", NOW_US, &price));
  g_assert_true (okap_price_get_cost (&price, &job, 1000, &cost));
  g_assert_cmpint (cost, ==, 7 * 2000);
  /* but tokens are not free because others have a price, nor is a search */
  g_assert_cmpint (price_of ("replicate", "acme/writer", OKAP_UNIT_OUTPUT), ==, -1);
  g_assert_cmpint (price_of ("replicate", "acme/painter", OKAP_UNIT_SEARCHES), ==, -1);

  remove_file (okap_paths_dup_price_overrides ());
  load (FALSE, NULL, NULL);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_INPUT), ==, 2500000);
  g_assert_cmpint (price_of ("replicate", "acme/painter", OKAP_UNIT_MILLISECONDS), ==, -1);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text, *message;
  } cases[] = {
    { "", "Line 1: expected { \"prices\": [ ... ] }" },
    { "{}", "Line 1: expected { \"prices\": [ ... ] }" },
    { "{\"prices\":{}}", "Line 1: expected \"prices\" to be a list" },
    { "{\"prices\":[1]}", "Line 1: expected a list of objects" },
    { "{\"prices\":[]}}", "Line 1: expected the end of the file behind \"prices\"" },
    { "{\"prices\":[],\n\"more\":1}", "Line 2: expected the end of the file behind \"prices\"" },
    { "{\"prices\":[{}]}", "Line 1: expected a \"provider\" and a \"model\"" },
    { "{\"prices\":[\n\n{\"provider\":\"p\",\"model\":\"m\"}]}",
      "Line 3: expected at least one price" },
    { "{\"prices\":[{\"provider\":\"P x\",\"model\":\"m\",\"free\":true}]}",
      "Line 1: expected the ids of a provider and of a model, in lower case and without spaces" },
    { "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\",\"usd_per_image\":-1}]}",
      "Line 1: expected \"usd_per_image\" to be dollars, such as 0.075" },
    { "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\",\"usd_per_image\":1e9}]}",
      "Line 1: expected \"usd_per_image\" to be dollars, such as 0.075" },
    { "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\",\"input_usd_per_million\":2500000}]}",
      "Line 1: \"input_usd_per_million\" is more than anything costs: is it meant for one, or for "
      "a million?" },
    { "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\",\"max_output_tokens\":0}]}",
      "Line 1: expected \"max_output_tokens\" to be a number of tokens" },
    { "{\"prices\":[\n{\"provider\":\"p\",\"model\":\"m\",\"free\":true},\n"
      "{\"provider\":\"p\",\"model\":\"M\",\"free\":true}]}", "Line 3: m of p has two prices" },
  };
  static const char *const odd[] = {
    "\"usd\":1", "\"usd_per_image\":\"1\"", "\"usd_per_image\":1,\"usd_per_image\":1",
    "\"free\":false", "\"provider\":\"q\"", "\"input\":1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (okap_price_overrides_read (cases[i].text, strlen (cases[i].text), &error));
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"prices\":[{\"provider\":\"p\",\"model\":\"m\","
                                               "%s}]}", odd[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (okap_price_overrides_read (text, strlen (text), &error));
      g_assert_nonnull (strstr (error->message, "is unknown here, stands twice or has a value"));
    }
}

/* A file that went bad is left alone, and the last good one counts, also after a new start. */
static void
test_bad_overrides (void)
{
  static const char good[] = "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\","
                             "\"usd_per_run\":1}]}";

  write_file (okap_paths_dup_price_overrides (), "{\"prices\":[\n{\"provider\":1}]}");
  load (TRUE, NULL, "Line 2: \"provider\" is unknown here");
  g_assert_cmpint (price_of ("p", "m", OKAP_UNIT_REQUESTS), ==, -1);
  write_file (okap_paths_dup_price_overrides (), good);
  load (TRUE, NULL, NULL);
  g_assert_cmpint (price_of ("p", "m", OKAP_UNIT_REQUESTS), ==, 1000000000000);
  write_file (okap_paths_dup_price_overrides (), "{\"prices\":[\n");
  load (TRUE, NULL, "The last good one is used");
  g_assert_cmpint (price_of ("p", "m", OKAP_UNIT_REQUESTS), ==, 1000000000000);
  remove_file (okap_paths_dup_price_overrides ());
  load (TRUE, NULL, NULL);
  g_assert_cmpint (price_of ("p", "m", OKAP_UNIT_REQUESTS), ==, -1);
  write_file (okap_paths_dup_price_overrides (), "{");
  load (TRUE, NULL, "It is not used");
  g_assert_cmpint (price_of ("p", "m", OKAP_UNIT_REQUESTS), ==, -1);
}

static gboolean
is_text_cb (const char *digest, gpointer user_data)
{
  const char *text = user_data;
  g_autofree char *sum = text != NULL ? g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1)
                                      : NULL;
  g_autofree char *expected = sum != NULL ? g_strconcat (sum, "-none", NULL) : NULL;

  return g_strcmp0 (digest, expected) == 0;
}

static void
load_confirmed (const char *text, gboolean confirmed, gboolean changed, gint64 price)
{
  g_auto (OkapPriceReport) report = { 0 };

  okap_price_files_load (is_text_cb, (gpointer) text, &report);
  g_assert_cmpint (report.confirmed, ==, confirmed);
  g_assert_cmpint (report.overrides_changed, ==, changed);
  g_assert_cmpint (price_of ("p", "m", OKAP_UNIT_REQUESTS), ==, price);
}

/* What nobody confirmed does not count, nor does it take the place of the copy of what was. */
static void
test_confirmed (void)
{
  static const char dear[] = "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\","
                             "\"usd_per_run\":1}]}";
  static const char cheap[] = "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\","
                              "\"free\":true}]}";

  load_confirmed (NULL, TRUE, FALSE, -1);
  write_file (okap_paths_dup_price_overrides (), dear);
  load_confirmed (NULL, FALSE, FALSE, -1);
  load_confirmed (dear, TRUE, TRUE, 1000000000000);
  write_file (okap_paths_dup_price_overrides (), cheap);
  load_confirmed (dear, FALSE, FALSE, -1);
  write_file (okap_paths_dup_price_overrides (), "{");
  load_confirmed (dear, TRUE, FALSE, 1000000000000);
  load_confirmed (cheap, FALSE, FALSE, -1);
  write_file (okap_paths_dup_price_overrides (), "{\"prices\":[]}");
  load_confirmed (NULL, TRUE, TRUE, -1);
}

#define TABLE(date, price) "{\"date\":\"" date "\",\"models\":[\n[\"openai\",\"gpt-4o\",\"x\"," \
                           "{\"input\":" price "}]]}"

static gboolean
install (const char *text, GError **error)
{
  return okap_price_files_install (text, strlen (text), error);
}

static void
test_table (void)
{
  g_autoptr (GError) error = NULL;

  load (TRUE, NULL, NULL);
  g_assert_true (install (TABLE ("2030-01-01", "7"), &error));
  g_assert_no_error (error);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_INPUT), ==, 2500000);
  load (TRUE, NULL, NULL);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_INPUT), ==, 7);
  g_assert_cmpint (price_of ("openai", "gpt-5", OKAP_UNIT_INPUT), ==, -1);
  g_assert_cmpstr (okap_price_get_date (), ==, "2030-01-01");

  /* What is refused changes nothing. */
  g_assert_false (install (TABLE ("2030-01-02", "-7"), &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_assert_true (g_str_has_prefix (error->message, "Line 2: expected \"input\""));
  g_clear_error (&error);
  g_assert_false (install (TABLE ("2029-12-31", "8"), &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  load (TRUE, NULL, NULL);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_INPUT), ==, 7);

  /* What goes bad on the disk is replaced by the copy. */
  write_file (okap_paths_dup_price_table (), TABLE ("2031-01-01", "x"));
  load (TRUE, "The last good one is used", NULL);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_INPUT), ==, 7);

  /* An Okap that comes with newer prices does not use old ones. */
  write_file (okap_paths_dup_price_table (), TABLE ("2020-01-01", "8"));
  load (TRUE, "older than the table in this version", NULL);
  g_assert_cmpint (price_of ("openai", "gpt-4o", OKAP_UNIT_INPUT), ==, 2500000);

  g_assert_true (okap_price_files_uninstall (&error));
  load (TRUE, NULL, NULL);
  g_assert_cmpint (price_of ("openai", "gpt-5", OKAP_UNIT_INPUT), ==, 1250000);
  g_assert_false (okap_price_files_uninstall (&error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
}

static gpointer
look_up_always (gpointer data)
{
  gint *stop = data;
  gint64 seen = 0;

  while (!g_atomic_int_get (stop))
    {
      gint64 price = price_of ("p", "m", OKAP_UNIT_REQUESTS);

      g_assert_true (price == -1 || price == 1000000000000 || price == 2000000000000);
      seen += price > 0;
    }
  return GINT_TO_POINTER (seen > 0);
}

/* Other threads look up while prices change, and see each either before or after. */
static void
test_threads (void)
{
  static const char *const texts[] = {
    "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\",\"usd_per_run\":1}]}",
    "{\"prices\":[{\"provider\":\"p\",\"model\":\"m\",\"usd_per_run\":2}]}",
    "{\"prices\":[]}",
  };
  GThread *threads[2];
  gint stop = 0;

  load (FALSE, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("look-up", look_up_always, &stop);
  for (guint i = 0; i < 60; i++)
    {
      write_file (okap_paths_dup_price_overrides (), texts[i % G_N_ELEMENTS (texts)]);
      load (FALSE, NULL, NULL);
    }
  g_atomic_int_set (&stop, 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (price_of ("p", "m", OKAP_UNIT_REQUESTS), ==, -1);
}

static void
run_case (gconstpointer data)
{
  void (*test) (void) = *(void (*const *) (void)) data;

  remove_all (g_get_user_data_dir ());
  remove_all (g_get_user_config_dir ());
  test ();
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    void (*test) (void);
    const char *name;
  } cases[] = {
    { test_decimals, "/price-files/decimals" },
    { test_overrides, "/price-files/overrides" },
    { test_refused, "/price-files/refused" },
    { test_bad_overrides, "/price-files/bad-overrides" },
    { test_confirmed, "/price-files/confirmed" },
    { test_table, "/price-files/table" },
    { test_threads, "/price-files/threads" },
  };
  g_autofree char *folder = g_dir_make_tmp ("okap-prices-XXXXXX", NULL);
  g_autofree char *data = g_build_filename (folder, "data", NULL);
  g_autofree char *config = g_build_filename (folder, "config", NULL);
  int status;

  g_assert_true (g_setenv ("XDG_DATA_HOME", data, TRUE));
  g_assert_true (g_setenv ("XDG_CONFIG_HOME", config, TRUE));
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].name, &cases[i].test, run_case);
  status = g_test_run ();
  remove_all (folder);
  return status;
}
