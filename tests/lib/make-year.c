/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make-year ROWS: gives the vault of make-vault, whose passphrase comes on standard input, some
 * keys, a dozen apps that were allowed in the course of a year, and a year of their usage: ROWS
 * rows that end now. All goes through vault, broker and store, so that tags, sums and audit trail
 * are what they are in use. The same ROWS give the same rows, but for the time of the day.
 *
 * Apps come and go, work in the day and less at weekends, and grow; some ended, one is paused. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "okap-broker.h"
#include "okap-money.h"
#include "okap-paths.h"
#include "okap-request-json.h"
#include "scripted-prompter.h"

#define DAYS 365
#define WAIT(condition) while (!(condition)) g_main_context_iteration (NULL, TRUE)

typedef struct
{
  const char *provider;
  const char *label;
  const char *key;
} Key;

static const Key keys[] = {
  { "openai", "Personal", "sk-proj-Okapi0000000000000000000000000000000000a91f" },
  { "openai", "Work", "sk-proj-Okapi0000000000000000000000000000000000c3d0" },
  { "anthropic", "Personal", "sk-ant-api03-Okapi0000000000000000000000000000000000-77QAAA" },
  { "google", "Family", "AIzaOkapi00000000000000000000000000b52e" },
  { "groq", "Free tier", "gsk_Okapi0000000000000000000000000000000000000000e8d1" },
  { "openrouter", "Experiments", "sk-or-v1-0okapi00000000000000000000000004f6" },
};

/* An app: from and until which day of the year it was there, how much it does, what it costs. */
typedef struct
{
  const char *name;
  const char *program;
  const char *reason;
  const char *provider;
  const char *models[4];      /* the later ones are used less */
  const char *capabilities;   /* JSON */
  const char *limits;         /* JSON */
  int first_day;
  int weight;
  int year_usd;
  OkapGrantState state;
} App;

static const App apps[] = {
  { "Editor", "/usr/bin/code-editor", "Completions as you type", "openai",
    { "gpt-4o-mini", "gpt-4o" }, "[\"chat\"]", "{\"monthly_spend\":40,\"daily_spend\":5}",
    0, 30, 260, OKAP_GRANT_ACTIVE },
  { "Research Assistant", "/usr/bin/research", "Reads papers with you", "anthropic",
    { "claude-sonnet-4-5", "claude-haiku-4-5" }, "[\"chat\"]",
    "{\"monthly_spend\":35,\"daily_spend\":6}", 20, 16, 240, OKAP_GRANT_ACTIVE },
  { "Notes", "/usr/bin/gnome-notes", "Summaries in the editor", "openai",
    { "gpt-4o-mini" }, "[\"chat\",\"embeddings\"]", "{\"monthly_spend\":10,\"daily_spend\":1}",
    40, 14, 60, OKAP_GRANT_ACTIVE },
  { "Mail", "/usr/bin/geary-next", "Drafts of answers", "google",
    { "gemini-2.5-flash", "gemini-2.5-pro" }, "[\"chat\"]", "{\"monthly_spend\":8}",
    90, 12, 45, OKAP_GRANT_ACTIVE },
  { "Voice Control", "/usr/bin/voice-control", "Speech to text", "groq",
    { "whisper-large-v3", "llama-3.3-70b-versatile" }, "[\"chat\",\"audio\"]",
    "{\"monthly_spend\":5}", 120, 8, 18, OKAP_GRANT_ACTIVE },
  { "backup-report.py", "/usr/bin/backup-report", "A summary every morning", "openai",
    { "gpt-4o-mini" }, "[\"chat\"]", "{\"monthly_spend\":2}", 0, 2, 6, OKAP_GRANT_ACTIVE },
  { "Photo Captions", "/usr/bin/photo-captions", "Describes pictures", "google",
    { "gemini-2.5-flash" }, "[\"chat\"]", "{\"monthly_spend\":6}", 150, 5, 22, OKAP_GRANT_PAUSED },
  { "Agent Playground", "/usr/bin/agent-playground", "Trying out agents", "openrouter",
    { "anthropic/claude-sonnet-4.5", "deepseek/deepseek-chat" }, "[\"chat\"]",
    "{\"monthly_spend\":20,\"daily_spend\":4}", 210, 7, 70, OKAP_GRANT_ACTIVE },
  { "Übersetzer für technische Dokumentation", "/usr/bin/uebersetzer", "Übersetzt Handbücher",
    "anthropic", { "claude-haiku-4-5" }, "[\"chat\"]", "{\"monthly_spend\":9}",
    60, 6, 40, OKAP_GRANT_ACTIVE },
  { "Old Chat", "/usr/bin/old-chat", "Chat", "openai", { "gpt-4o" }, "[\"chat\"]",
    "{\"monthly_spend\":15}", 0, 6, 50, OKAP_GRANT_REVOKED },
};

typedef struct
{
  OkapVault *vault;
  OkapStore *store;
  OkapGate *gate;
  OkapClock *clock;
  OkapBroker *broker;
  ScriptedPrompter *prompter;
  OkapSecret *passphrase;
  GRand *rand;
  gint64 now_us;
  char *grant_ids[G_N_ELEMENTS (apps)];
} Year;

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
die (GError *error, const char *what)
{
  if (error != NULL)
    g_error ("%s: %s", what, error->message);
}

static void
read_passphrase (Year *year)
{
  char text[256];

  if (fgets (text, sizeof text, stdin) == NULL)
    g_error ("expected a passphrase on standard input, nothing came");
  year->passphrase = okap_secret_new_from_string (g_strchomp (text));
}

static void
open_all (Year *year)
{
  g_autofree char *file = okap_paths_dup_vault ();
  g_autofree char *database = okap_paths_dup_database ();
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) unlocked = NULL;
  GError *error = NULL;

  year->now_us = g_get_real_time ();
  year->clock = okap_clock_new_fake (year->now_us - DAYS * OKAP_DAY_US);
  year->rand = g_rand_new_with_seed (20250101);
  year->vault = okap_vault_new (file, year->clock);
  year->store = okap_store_new (database);
  okap_store_open_async (year->store, done_cb, &opened);
  WAIT (opened != NULL);
  (void) okap_store_open_finish (year->store, opened, &error);
  die (error, database);
  year->gate = okap_gate_new (year->clock);
  year->broker = okap_broker_new (year->vault, year->store, year->gate, year->clock);
  year->prompter = scripted_prompter_new ();
  okap_broker_set_prompter (year->broker, OKAP_PROMPTER (year->prompter));
  okap_broker_unlock_async (year->broker, year->passphrase, done_cb, &unlocked);
  WAIT (unlocked != NULL);
  (void) okap_broker_unlock_finish (year->broker, unlocked, &error);
  die (error, file);
}

static void
add_keys (Year *year)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GAsyncResult) added = NULL;
      g_autoptr (OkapSecret) key = okap_secret_new_from_string (keys[i].key);
      g_autoptr (OkapKeyInfo) info = NULL;
      GError *error = NULL;

      okap_vault_add_key_async (year->vault, keys[i].provider, keys[i].label, NULL, key, done_cb,
                                &added);
      WAIT (added != NULL);
      info = okap_vault_add_key_finish (year->vault, added, &error);
      die (error, keys[i].provider);
    }
}

static OkapAsk *
make_ask (const App *app, pid_t pid)
{
  g_autoptr (GString) body = g_string_new (NULL);
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);
  g_autoptr (OkapIdentity) sealed = NULL;
  g_autoptr (OkapCaller) caller = NULL;
  g_autoptr (OkapRequest) request = NULL;
  GError *error = NULL;

  identity->program = g_strdup (app->program);
  identity->process.pid = pid;
  identity->process.started = 7;
  sealed = okap_identity_seal (identity);
  caller = okap_caller_new (OKAP_DOOR_SOCKET, getuid (), pid, sealed);
  g_string_append_printf (body,
                          "{\"okap\":\"1.0\",\"authorization_details\":[{"
                          "\"type\":\"ai_model_access\",\"provider\":\"%s\",\"models\":[",
                          app->provider);
  for (guint i = 0; i < G_N_ELEMENTS (app->models) && app->models[i] != NULL; i++)
    g_string_append_printf (body, "%s\"%s\"", i > 0 ? "," : "", app->models[i]);
  g_string_append_printf (body,
                          "],\"capabilities\":%s,\"limits\":%s,\"reason\":\"%s\"}],"
                          "\"client\":{\"name\":\"%s\"}}",
                          app->capabilities, app->limits, app->reason, app->name);
  request = okap_request_parse (body->str, body->len, g_get_real_time (), &error);
  die (error, app->name);
  return okap_ask_new (request, caller);
}

static void
allow (Year *year, guint i)
{
  g_autoptr (OkapAsk) ask = make_ask (&apps[i], (pid_t) (4000 + i));
  g_autoptr (GAsyncResult) answered = NULL;
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (OkapGrant) grant = NULL;
  OkapDecision *decision = okap_decision_new_allowed (NULL, 0);
  GError *error = NULL;

  okap_clock_set (year->clock, year->now_us - (DAYS - apps[i].first_day - 1) * OKAP_DAY_US);
  decision->term = OKAP_TERM_RENEWING;
  okap_broker_authorize_async (year->broker, ask, NULL, done_cb, &answered);
  WAIT (answered != NULL || scripted_prompter_is_shown (year->prompter));
  if (answered == NULL)
    scripted_prompter_answer (year->prompter, decision);
  WAIT (answered != NULL);
  grant = okap_broker_authorize_finish (year->broker, answered, &token, &error);
  die (error, apps[i].name);
  year->grant_ids[i] = g_strdup (grant->id);
}

static int
by_first_day (const void *a, const void *b)
{
  return apps[*(const guint *) a].first_day - apps[*(const guint *) b].first_day;
}

static void
allow_all (Year *year)
{
  guint order[G_N_ELEMENTS (apps)];

  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    order[i] = i;
  qsort (order, G_N_ELEMENTS (apps), sizeof order[0], by_first_day);
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    allow (year, order[i]);
}

/* How much is done on a day: it grows, and there are weekends. */
static double
weigh_day (Year *year, int day)
{
  g_autoptr (GDateTime) date
    = g_date_time_new_from_unix_utc ((year->now_us - (DAYS - 1 - day) * OKAP_DAY_US) / 1000000);
  double growth = 0.5 + (double) day / DAYS;

  return g_date_time_get_day_of_week (date) > 5 ? growth * 0.35 : growth;
}

static gboolean
is_there (const App *app, int day)
{
  return day >= app->first_day && (app->state != OKAP_GRANT_REVOKED || day < DAYS / 2);
}

static guint
pick_app (Year *year, int day)
{
  int sum = 0;
  int left;

  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    sum += is_there (&apps[i], day) ? apps[i].weight : 0;
  left = g_rand_int_range (year->rand, 0, sum);
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    if (is_there (&apps[i], day) && (left -= apps[i].weight) < 0)
      return i;
  g_assert_not_reached ();
}

static void
set_units (Year *year, OkapUsage *usage)
{
  gint64 tokens = usage->cost_nusd / 900 + 20;

  usage->units.count[OKAP_UNIT_OUTPUT] = tokens / 5;
  usage->units.count[OKAP_UNIT_INPUT] = tokens - tokens / 5;
  if (g_rand_int_range (year->rand, 0, 3) == 0)
    {
      usage->units.count[OKAP_UNIT_CACHED] = usage->units.count[OKAP_UNIT_INPUT] * 2 / 3;
      usage->units.count[OKAP_UNIT_INPUT] -= usage->units.count[OKAP_UNIT_CACHED];
    }
}

static void
set_outcome (Year *year, OkapUsage *usage)
{
  gint32 luck = g_rand_int_range (year->rand, 0, 200);

  usage->http_status = 200;
  usage->cost_status = luck < 20 ? OKAP_COST_ESTIMATED : OKAP_COST_KNOWN;
  if (luck > 3)
    return;
  memset (&usage->units, 0, sizeof usage->units);
  usage->cost_nusd = 0;
  usage->cost_status = OKAP_COST_FREE;
  usage->http_status = luck == 0 ? 500 : luck == 1 ? 402 : 429;
  if (luck == 1)
    usage->error = g_strdup ("budget_exceeded");
}

static void
add_row (Year *year, guint number, guint n_rows, gint64 time_us, int day)
{
  g_autoptr (OkapUsage) usage = okap_usage_new ();
  guint a = pick_app (year, day);
  const App *app = &apps[a];
  guint n_models = g_strv_length ((char **) app->models);
  double share = 64.0 / app->weight * G_N_ELEMENTS (apps) / 6.4;  /* of the rows that it makes */
  double luck = pow (g_rand_double (year->rand), 3) * 4;           /* many small ones, few large */

  usage->request_id = g_strdup_printf ("r_%012x", number);
  usage->grant_id = g_strdup (year->grant_ids[a]);
  usage->app = g_strdup (app->name);
  usage->provider = g_strdup (app->provider);
  usage->endpoint = g_strdup (g_str_equal (app->provider, "anthropic") ? "v1/messages"
                                                                       : "v1/chat/completions");
  usage->model_asked = g_strdup (app->models[g_rand_int_range (year->rand, 0, 3) == 0
                                               ? n_models - 1 : 0]);
  usage->model_served = g_strdup (usage->model_asked);
  usage->cost_nusd = (gint64) (app->year_usd * (double) OKAP_NUSD_PER_USD * luck * share / n_rows);
  set_units (year, usage);
  set_outcome (year, usage);
  usage->started_us = time_us;
  usage->first_byte_us = g_rand_int_range (year->rand, 150000, 1500000);
  usage->duration_us = usage->first_byte_us + g_rand_int_range (year->rand, 200000, 9000000);
  usage->overhead_us = g_rand_int_range (year->rand, 50, 400);
  usage->bytes_in = usage->units.count[OKAP_UNIT_INPUT] * 4 + 200;
  usage->bytes_out = usage->units.count[OKAP_UNIT_OUTPUT] * 5 + 300;
  usage->streamed = g_rand_boolean (year->rand);
  if (usage->streamed)
    usage->edits = g_strdup ("stream_options.include_usage=true");
  usage->key_version = 1;
  okap_store_add_usage (year->store, usage);
}

static int
compare_times (const void *a, const void *b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static void
add_day (Year *year, int day, guint first, guint n_day, guint n_rows)
{
  g_autofree gint64 *times = g_new (gint64, n_day);
  gint64 begin_us = year->now_us - (DAYS - day) * OKAP_DAY_US;

  /* The last 24 hours end now, those before at the same time of the day. */
  for (guint i = 0; i < n_day; i++)
    times[i] = begin_us + (gint64) (g_rand_double (year->rand) * (double) OKAP_DAY_US);
  qsort (times, n_day, sizeof times[0], compare_times);
  for (guint i = 0; i < n_day; i++)
    add_row (year, first + i, n_rows, times[i], day);
}

static void
add_usage (Year *year, guint n_rows)
{
  double weights = 0;
  double done = 0;
  guint number = 0;

  for (int day = 0; day < DAYS; day++)
    weights += weigh_day (year, day);
  for (int day = 0; day < DAYS; day++)
    {
      guint until;

      done += weigh_day (year, day);
      until = day == DAYS - 1 ? n_rows : (guint) (n_rows * (done / weights));
      add_day (year, day, number, until - number, n_rows);
      number = until;
    }
}

static void
set_states (Year *year)
{
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    {
      g_autoptr (GAsyncResult) changed = NULL;
      GError *error = NULL;

      if (apps[i].state == OKAP_GRANT_ACTIVE)
        continue;
      okap_broker_set_grant_state_async (year->broker, year->grant_ids[i], apps[i].state, "window",
                                         done_cb, &changed);
      WAIT (changed != NULL);
      (void) okap_broker_set_grant_state_finish (year->broker, changed, &error);
      die (error, apps[i].name);
    }
}

/* Waits until all is written. */
static void
close_all (Year *year)
{
  okap_vault_lock (year->vault);
  okap_store_close (year->store);
  g_clear_object (&year->broker);
  g_clear_object (&year->prompter);
  g_clear_pointer (&year->gate, okap_gate_free);
  g_clear_object (&year->store);
  g_clear_object (&year->vault);
  okap_secret_unref (year->passphrase);
  okap_clock_free_fake (year->clock);
  g_rand_free (year->rand);
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    g_free (year->grant_ids[i]);
}

int
main (int argc, char **argv)
{
  Year year = { .now_us = 0 };
  guint64 n_rows;

  if (argc != 2 || !g_ascii_string_to_unsigned (argv[1], 10, DAYS, 10000000, &n_rows, NULL))
    {
      fprintf (stderr, "usage: make-year ROWS   (%d to 10000000; the passphrase on standard "
               "input)\n", DAYS);
      return 2;
    }
  read_passphrase (&year);
  open_all (&year);
  add_keys (&year);
  allow_all (&year);
  okap_clock_set (year.clock, year.now_us);
  set_states (&year);
  add_usage (&year, (guint) n_rows);
  close_all (&year);
  return 0;
}
