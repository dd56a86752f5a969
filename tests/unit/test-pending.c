/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-caps.h"
#include "okap-pending.h"
#include "okap-secret.h"

#include <string.h>

static void
never_cb (const char *grant_id, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
test_once (void)
{
  OkapPending *pending = okap_pending_new (never_cb, NULL);
  g_autofree char *id = g_strdup (okap_pending_open (pending));
  g_autofree char *grant_id = NULL;
  char *text = NULL;
  guint status = 0;

  g_assert_cmpuint (strlen (id), ==, 24);
  g_assert_cmpint (okap_pending_fetch (pending, id, &status, &text, &grant_id), ==,
                   OKAP_PENDING_WAITING);
  g_assert_cmpint (okap_pending_fetch (pending, "other", &status, &text, &grant_id), ==,
                   OKAP_PENDING_UNKNOWN);
  okap_pending_answer (pending, id, 200, g_strdup ("answer"), "g_1");
  g_assert_cmpint (okap_pending_fetch (pending, id, &status, &text, &grant_id), ==,
                   OKAP_PENDING_ANSWERED);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (text, ==, "answer");
  g_assert_cmpstr (grant_id, ==, "g_1");
  okap_wipe_string (text);
  g_assert_cmpint (okap_pending_fetch (pending, id, &status, &text, &grant_id), ==,
                   OKAP_PENDING_UNKNOWN);
  okap_pending_free (pending);
}

static void
test_bound (void)
{
  OkapPending *pending = okap_pending_new (never_cb, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *last = NULL;
  g_autofree char *grant_id = NULL;
  char *text = NULL;
  guint status = 0;

  for (guint i = 0; i < OKAP_CAP_POLLED_ANSWERS; i++)
    {
      g_free (last);
      last = g_strdup (okap_pending_open (pending));
      g_assert_true (g_hash_table_add (seen, g_strdup (last)));
    }
  g_assert_null (okap_pending_open (pending));
  okap_pending_answer (pending, last, 200, g_strdup ("{}"), NULL);
  g_assert_null (okap_pending_open (pending));
  g_assert_cmpint (okap_pending_fetch (pending, last, &status, &text, &grant_id), ==,
                   OKAP_PENDING_ANSWERED);
  g_free (text);
  g_assert_nonnull (okap_pending_open (pending));
  okap_pending_free (pending);
}

/* An answer nobody fetched is wiped with the table, and its timer goes with it. */
static void
test_left (void)
{
  OkapPending *pending = okap_pending_new (never_cb, NULL);

  okap_pending_answer (pending, okap_pending_open (pending), 200, g_strdup ("token"), "g_1");
  okap_pending_free (pending);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pending/once", test_once);
  g_test_add_func ("/pending/bound", test_bound);
  g_test_add_func ("/pending/left", test_left);
  return g_test_run ();
}
