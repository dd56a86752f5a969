/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of ids against a plain array. */
#include "config.h"

#include "okap-caps.h"
#include "okap-id-set.h"

#define MOST 1500

/* The same as bits in an array, and what the set says of it. */
static void
compare (OkapIdSet *set, const gboolean *in, gint64 first, gint64 n)
{
  guint position = 0;

  g_assert_cmpint (okap_id_set_get_first (set), ==, first);
  g_assert_cmpint (okap_id_set_get_last (set), ==, first + n - 1);
  for (gint64 i = n - 1; i >= 0; i--)
    {
      g_assert_cmpint (okap_id_set_contains (set, first + i), ==, in[i]);
      g_assert_cmpuint (okap_id_set_count_above (set, first + i), ==, position);
      if (in[i])
        g_assert_cmpint (okap_id_set_get_nth (set, position++), ==, first + i);
    }
  g_assert_cmpuint (okap_id_set_count (set), ==, position);
  g_assert_cmpint (okap_id_set_get_nth (set, position), ==, -1);
  g_assert_cmpuint (okap_id_set_count_above (set, first - 1), ==, position);
  g_assert_cmpuint (okap_id_set_count_above (set, first + n), ==, 0);
  g_assert_false (okap_id_set_contains (set, first - 1));
  g_assert_false (okap_id_set_contains (set, first + n));
}

static OkapIdSet *
new_random (gboolean *in, gint64 first, gint64 n)
{
  OkapIdSet *set = okap_id_set_new (first, first + n - 1);
  int one_of = g_test_rand_int_range (1, 40);

  for (gint64 i = 0; i < n; i++)
    {
      in[i] = g_test_rand_int_range (0, one_of) == 0;
      if (in[i])
        okap_id_set_add (set, first + i);
    }
  return set;
}

static void
test_random (void)
{
  for (guint round = 0; round < 60; round++)
    {
      gboolean a_in[2 * MOST], b_in[MOST];
      gint64 first = g_test_rand_int_range (0, 1000);
      gint64 n = round < 3 ? (gint64) round : g_test_rand_int_range (0, MOST);
      gint64 n_more = g_test_rand_int_range (0, MOST);
      g_autoptr (OkapIdSet) a = new_random (a_in, first, n);
      g_autoptr (OkapIdSet) b = new_random (b_in, first, n);
      g_autoptr (OkapIdSet) copy = okap_id_set_copy (a);
      g_autoptr (OkapIdSet) later = NULL;
      g_autoptr (OkapIdSet) earlier = NULL;

      compare (a, a_in, first, n);
      compare (copy, a_in, first, n);
      if (round % 2 == 0)
        okap_id_set_intersect (a, b);
      else
        okap_id_set_subtract (a, b);
      for (gint64 i = 0; i < n; i++)
        a_in[i] = a_in[i] && b_in[i] == (round % 2 == 0);
      compare (a, a_in, first, n);

      if (n > 0)
        {
          gint64 at = g_test_rand_int_range (0, (gint32) n);

          okap_id_set_remove (a, first + at);
          a_in[at] = FALSE;
          compare (a, a_in, first, n);
        }
      earlier = okap_id_set_copy (a);
      later = new_random (a_in + n, first + n, n_more);
      okap_id_set_append (a, later);
      compare (a, a_in, first, n + n_more);
      g_assert_true (okap_id_set_continues (a, earlier));
      g_assert_cmpint (okap_id_set_continues (earlier, a), ==, n_more == 0);
      if (n > 0 && okap_id_set_count (earlier) > 0)
        {
          okap_id_set_remove (a, okap_id_set_get_nth (earlier, 0));
          g_assert_false (okap_id_set_continues (a, earlier));
        }
    }
}

static void
test_all (void)
{
  for (gint64 n = 0; n < 200; n++)
    {
      g_autoptr (OkapIdSet) set = okap_id_set_new (7, 7 + n - 1);

      okap_id_set_add_all (set);
      g_assert_cmpuint (okap_id_set_count (set), ==, n);
      g_assert_cmpint (okap_id_set_get_nth (set, 0), ==, n > 0 ? 7 + n - 1 : -1);
      if (n > 0)
        g_assert_cmpint (okap_id_set_get_nth (set, (guint) n - 1), ==, 7);
    }
}

/* Ids of a file that somebody edited. */
static void
test_far (void)
{
  g_autoptr (OkapIdSet) set = okap_id_set_new (1, G_MAXINT64 - 1);

  okap_id_set_add (set, 5);
  okap_id_set_add (set, G_MAXINT64 - 1);
  g_assert_cmpuint (okap_id_set_count (set), ==, 1);
  g_assert_cmpint (okap_id_set_get_nth (set, 0), ==, G_MAXINT64 - 1);
  g_assert_cmpint (okap_id_set_get_first (set), ==, G_MAXINT64 - OKAP_CAP_ID_SPAN);
}

static void
test_speed (void)
{
  g_autoptr (OkapIdSet) set = okap_id_set_new (1, 1000000);
  gint64 begin_us = g_get_monotonic_time ();
  gint64 sum = 0;

  okap_id_set_add_all (set);
  for (guint i = 0; i < 1000000; i++)
    sum += okap_id_set_get_nth (set, i);
  g_assert_cmpint (sum, ==, G_GINT64_CONSTANT (500000500000));
  g_test_message ("a million places: %.1f ms",
                  (double) (g_get_monotonic_time () - begin_us) / 1e3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/id-set/random", test_random);
  g_test_add_func ("/id-set/all", test_all);
  g_test_add_func ("/id-set/far", test_far);
  g_test_add_func ("/id-set/speed", test_speed);
  return g_test_run ();
}
