/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often a person is asked, step by step, under a clock that is set by hand. */
#include "okap-caps.h"
#include "okap-flood.h"

#define START_US (G_GINT64_CONSTANT (1700000000) * OKAP_SECOND_US)

typedef enum
{
  END,
  SHOW,        /* a question is shown */
  ANSWER,      /* arg: OkapFloodAnswer */
  WAIT,        /* arg: seconds */
  PASS,        /* it may ask */
  THROTTLED,   /* arg: for so many seconds */
  BLOCKED,
  NAGGING,     /* arg: whether "always" is offered */
} Op;

typedef struct
{
  const char *name;
  struct
  {
    Op op;
    guint arg;
  } steps[24];
} Case;

static const Case cases[] = {
  { "three-in-ten-minutes", { { SHOW }, { WAIT, 100 }, { SHOW }, { PASS }, { WAIT, 100 }, { SHOW },
      { THROTTLED, 400 }, { WAIT, 399 }, { THROTTLED, 1 }, { WAIT, 1 }, { PASS }, { SHOW },
      { THROTTLED, 100 } } },
  { "allowed-ones-count-too", { { SHOW }, { ANSWER, OKAP_FLOOD_ALLOWED }, { SHOW },
      { ANSWER, OKAP_FLOOD_ALLOWED }, { SHOW }, { ANSWER, OKAP_FLOOD_ALLOWED },
      { THROTTLED, 600 } } },
  { "two-dismissed", { { SHOW }, { ANSWER, OKAP_FLOOD_DISMISSED }, { PASS }, { SHOW },
      { ANSWER, OKAP_FLOOD_DISMISSED }, { THROTTLED, 300 }, { WAIT, 300 }, { PASS } } },
  { "three-refused", { { ANSWER, OKAP_FLOOD_REFUSED }, { ANSWER, OKAP_FLOOD_REFUSED }, { PASS },
      { ANSWER, OKAP_FLOOD_REFUSED }, { THROTTLED, 3600 }, { WAIT, 3599 }, { THROTTLED, 1 },
      { WAIT, 1 }, { PASS } } },
  { "allowed-forgives", { { ANSWER, OKAP_FLOOD_REFUSED }, { ANSWER, OKAP_FLOOD_REFUSED },
      { ANSWER, OKAP_FLOOD_DISMISSED }, { ANSWER, OKAP_FLOOD_ALLOWED },
      { ANSWER, OKAP_FLOOD_REFUSED }, { ANSWER, OKAP_FLOOD_REFUSED },
      { ANSWER, OKAP_FLOOD_DISMISSED }, { PASS } } },
  { "a-day-forgives", { { ANSWER, OKAP_FLOOD_REFUSED }, { ANSWER, OKAP_FLOOD_REFUSED },
      { WAIT, 86400 }, { ANSWER, OKAP_FLOOD_REFUSED }, { PASS } } },
  { "both-kinds-in-turn", { { ANSWER, OKAP_FLOOD_REFUSED }, { ANSWER, OKAP_FLOOD_DISMISSED },
      { ANSWER, OKAP_FLOOD_REFUSED }, { ANSWER, OKAP_FLOOD_DISMISSED }, { THROTTLED, 300 } } },
  { "an-hour", { { ANSWER, OKAP_FLOOD_HOUR }, { THROTTLED, 3600 }, { WAIT, 3600 }, { PASS } } },
  { "always", { { ANSWER, OKAP_FLOOD_ALWAYS }, { BLOCKED }, { WAIT, 86400 * 400 }, { BLOCKED } } },
  { "the-third-pause", { { NAGGING, FALSE }, { ANSWER, OKAP_FLOOD_HOUR }, { WAIT, 3600 },
      { NAGGING, FALSE }, { ANSWER, OKAP_FLOOD_HOUR }, { WAIT, 3600 }, { NAGGING, TRUE },
      { ANSWER, OKAP_FLOOD_ALLOWED }, { NAGGING, FALSE } } },
};

static OkapCaller *
make_caller (OkapIdentityKind kind, const char *program, const char *digest, OkapDoor door)
{
  OkapIdentity *identity = okap_identity_new (kind);
  g_autoptr (OkapIdentity) sealed = NULL;

  identity->program = g_strdup (program);
  identity->digest = g_strdup (digest);
  sealed = okap_identity_seal (identity);
  return okap_caller_new (door, 1000, 42, sealed);
}

static OkapCaller *
make_installed (const char *program)
{
  return make_caller (OKAP_IDENTITY_INSTALLED, program, NULL, OKAP_DOOR_TCP);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  OkapClock *clock = okap_clock_new_fake (START_US);
  OkapFlood *flood = okap_flood_new (clock);
  g_autoptr (OkapCaller) caller = make_installed ("/usr/bin/a");
  g_autoptr (OkapCaller) other = make_installed ("/usr/bin/b");

  for (guint i = 0; c->steps[i].op != END; i++)
    {
      guint arg = c->steps[i].arg;
      guint retry_s = 99;

      g_test_message ("step %u", i);
      switch (c->steps[i].op)
        {
        case SHOW:
          okap_flood_note_shown (flood, caller);
          break;
        case ANSWER:
          okap_flood_note_answer (flood, caller, (OkapFloodAnswer) arg);
          break;
        case WAIT:
          okap_clock_advance (clock, arg * OKAP_SECOND_US);
          break;
        case PASS:
          g_assert_cmpint (okap_flood_check (flood, caller, &retry_s), ==, OKAP_FLOOD_PASS);
          g_assert_cmpuint (retry_s, ==, 0);
          break;
        case THROTTLED:
          g_assert_cmpint (okap_flood_check (flood, caller, &retry_s), ==, OKAP_FLOOD_THROTTLED);
          g_assert_cmpuint (retry_s, ==, arg);
          break;
        case BLOCKED:
          g_assert_cmpint (okap_flood_check (flood, caller, &retry_s), ==, OKAP_FLOOD_BLOCKED);
          break;
        case NAGGING:
          g_assert_cmpint (okap_flood_is_nagging (flood, caller), ==, (int) arg);
          break;
        case END:
        default:
          g_assert_not_reached ();
        }
      g_assert_cmpint (okap_flood_check (flood, other, &retry_s), ==, OKAP_FLOOD_PASS);
    }
  okap_flood_free (flood);
  okap_clock_free_fake (clock);
}

/* What a program changes cheaply does not make it another one. */
static void
test_keys (void)
{
  g_autoptr (OkapCaller) a = make_caller (OKAP_IDENTITY_USER_PROGRAM, "/home/u/a", "1",
                                          OKAP_DOOR_TCP);
  g_autoptr (OkapCaller) rebuilt = make_caller (OKAP_IDENTITY_USER_PROGRAM, "/home/u/a", "2",
                                                OKAP_DOOR_BUS);
  g_autoptr (OkapCaller) b = make_caller (OKAP_IDENTITY_USER_PROGRAM, "/home/u/b", "1",
                                          OKAP_DOOR_TCP);
  g_autoptr (OkapCaller) unknown = okap_caller_new (OKAP_DOOR_TCP, 1000, 1, NULL);
  g_autoptr (OkapCaller) other_unknown = okap_caller_new (OKAP_DOOR_SOCKET, 1000, 2, NULL);
  g_autoptr (OkapCaller) link = okap_caller_new (OKAP_DOOR_LINK, 1000, 3, NULL);
  g_autofree char *key = okap_flood_dup_key (a);
  g_autofree char *key_rebuilt = okap_flood_dup_key (rebuilt);
  g_autofree char *key_b = okap_flood_dup_key (b);
  g_autofree char *key_unknown = okap_flood_dup_key (unknown);
  g_autofree char *key_other_unknown = okap_flood_dup_key (other_unknown);
  g_autofree char *key_link = okap_flood_dup_key (link);

  g_assert_cmpstr (key, ==, key_rebuilt);
  g_assert_cmpstr (key, !=, key_b);
  g_assert_cmpstr (key_unknown, ==, key_other_unknown);
  g_assert_cmpstr (key_unknown, !=, key_link);
}

/* okap run is only bounded; programs that are made up are bounded together, and so is the table. */
static void
test_bounds (void)
{
  OkapClock *clock = okap_clock_new_fake (START_US);
  OkapFlood *flood = okap_flood_new (clock);
  g_autoptr (OkapCaller) run = okap_caller_new (OKAP_DOOR_RUN, 1000, 1, NULL);
  guint retry_s;

  for (guint i = 0; i < OKAP_CAP_DIALOGS_RUN; i++)
    {
      g_assert_cmpint (okap_flood_check (flood, run, &retry_s), ==, OKAP_FLOOD_PASS);
      okap_flood_note_shown (flood, run);
      okap_flood_note_answer (flood, run, OKAP_FLOOD_REFUSED);
    }
  g_assert_cmpint (okap_flood_check (flood, run, &retry_s), ==, OKAP_FLOOD_THROTTLED);

  for (guint i = 0; i < 10 * OKAP_CAP_FLOOD_PROGRAMS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/home/u/%u", i);
      g_autoptr (OkapCaller) caller = make_installed (path);

      g_assert_cmpint (okap_flood_check (flood, caller, &retry_s), ==,
                       i < OKAP_CAP_DIALOGS_ALL ? OKAP_FLOOD_PASS : OKAP_FLOOD_THROTTLED);
      okap_flood_note_shown (flood, caller);
      if (i == 7)
        okap_flood_note_answer (flood, caller, OKAP_FLOOD_ALWAYS);
      g_assert_cmpuint (okap_flood_get_size (flood), <=, OKAP_CAP_FLOOD_PROGRAMS);
    }
  g_assert_cmpuint (g_list_model_get_n_items (okap_flood_get_blocks (flood)), ==, 1);
  okap_flood_free (flood);
  okap_clock_free_fake (clock);
}

static void
count_cb (OkapBlock *block, gboolean began, gpointer user_data)
{
  ((guint *) user_data)[began]++;
}

/* Shown, ended by time and by the user, and restored. */
static void
test_blocks (void)
{
  OkapClock *clock = okap_clock_new_fake (START_US);
  OkapFlood *flood = okap_flood_new (clock);
  OkapFlood *next = okap_flood_new (clock);
  GListModel *blocks = okap_flood_get_blocks (flood);
  g_autoptr (OkapCaller) a = make_installed ("/usr/bin/a");
  g_autoptr (OkapCaller) b = make_installed ("/usr/bin/b");
  g_autoptr (OkapBlock) pause = NULL;
  g_autoptr (OkapBlock) block = NULL;
  guint told[2] = { 0, 0 };
  guint retry_s;

  okap_flood_set_func (flood, count_cb, told);
  okap_flood_note_answer (flood, a, OKAP_FLOOD_HOUR);
  okap_flood_note_answer (flood, b, OKAP_FLOOD_ALWAYS);
  g_assert_cmpuint (told[TRUE], ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (blocks), ==, 2);
  block = g_list_model_get_item (blocks, 0);
  pause = g_list_model_get_item (blocks, 1);
  g_assert_cmpint (okap_block_get_until (block), ==, OKAP_BLOCK_FOR_EVER);
  g_assert_cmpint (okap_block_get_until (pause), ==, START_US + 3600 * OKAP_SECOND_US);
  g_assert_cmpint (okap_flood_end_past (flood), ==, 3600 * OKAP_SECOND_US);

  g_assert_true (okap_flood_restore (next, pause));
  g_assert_true (okap_flood_restore (next, block));
  g_assert_cmpint (okap_flood_check (next, a, &retry_s), ==, OKAP_FLOOD_THROTTLED);
  g_assert_cmpint (okap_flood_check (next, b, &retry_s), ==, OKAP_FLOOD_BLOCKED);
  okap_clock_set (clock, START_US - OKAP_DAY_US);  /* one from the future is over */
  g_assert_cmpint (okap_flood_check (next, a, &retry_s), ==, OKAP_FLOOD_PASS);
  g_assert_false (okap_flood_restore (next, pause));
  okap_clock_set (clock, START_US);

  okap_clock_advance (clock, 3600 * OKAP_SECOND_US);
  g_assert_false (okap_flood_restore (next, pause));
  g_assert_cmpint (okap_flood_end_past (flood), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (blocks), ==, 1);
  okap_flood_end_block (flood, okap_block_get_key (block));
  g_assert_cmpint (okap_flood_check (flood, b, &retry_s), ==, OKAP_FLOOD_PASS);
  g_assert_cmpuint (g_list_model_get_n_items (blocks), ==, 0);
  g_assert_cmpuint (told[FALSE], ==, 2);
  okap_flood_free (flood);
  okap_flood_free (next);
  okap_clock_free_fake (clock);
}

/* A program that asks for further tokens of its grant in a loop. */
static void
test_again (void)
{
  OkapClock *clock = okap_clock_new_fake (START_US);
  OkapFlood *flood = okap_flood_new (clock);
  g_autoptr (OkapCaller) a = make_installed ("/usr/bin/a");
  guint retry_s;

  for (guint i = 0; i < OKAP_CAP_AGAIN; i++)
    g_assert_true (okap_flood_take_again (flood, a, &retry_s));
  g_assert_false (okap_flood_take_again (flood, a, &retry_s));
  g_assert_cmpuint (retry_s, ==, 60);
  okap_clock_advance (clock, OKAP_MINUTE_US);
  g_assert_true (okap_flood_take_again (flood, a, &retry_s));
  okap_flood_free (flood);
  okap_clock_free_fake (clock);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/flood/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/flood/keys", test_keys);
  g_test_add_func ("/flood/bounds", test_bounds);
  g_test_add_func ("/flood/blocks", test_blocks);
  g_test_add_func ("/flood/again", test_again);
  return g_test_run ();
}
