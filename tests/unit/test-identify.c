/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program a process or a file is, asked from a main context: src/identity/okap-identify.h. */
#include "okap-identify.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "okap-error.h"

static void
take_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static OkapIdentity *
identify_process (OkapIdentifier *identifier, pid_t pid)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_identify_process_async (identifier, pid, -1, take_result_cb, &result);
  return okap_identify_process_finish (wait_for (&result));
}

static OkapIdentity *
identify_file (OkapIdentifier *identifier, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_identify_file_async (identifier, path, take_result_cb, &result);
  return okap_identify_file_finish (wait_for (&result), error);
}

/* This program stands in the build folder: one of the user's, unless another user built it. */
static void
test_own_process (void)
{
  g_autoptr (OkapIdentifier) identifier = okap_identifier_get ();
  g_autoptr (OkapIdentity) seen = identify_process (identifier, getpid ());
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (OkapIdentity) file = identify_file (identifier, path, NULL);

  g_assert_cmpint (seen->kind, ==, file->kind);
  g_assert_cmpint (seen->kind, !=, OKAP_IDENTITY_UNKNOWN);
  g_assert_cmpstr (seen->program, ==, path);
  g_assert_cmpstr (seen->digest, ==, file->digest);
  g_assert_cmpint (seen->process.pid, ==, getpid ());
  g_assert_cmpuint (seen->process.started, >, 0);
  g_assert_true (okap_identity_covers (file, seen));
}

static void
test_nobody (void)
{
  g_autoptr (OkapIdentifier) identifier = okap_identifier_get ();
  g_autoptr (OkapIdentity) seen = identify_process (identifier, G_MAXINT);

  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_UNKNOWN);
  g_assert_cmpint (seen->doubt, ==, OKAP_DOUBT_GONE);
}

static void
test_file (void)
{
  static const char *const bad[] = { "/no/such/file", "relative", "", "/usr", "/etc/passwd" };
  g_autoptr (OkapIdentifier) identifier = okap_identifier_get ();
  g_autoptr (OkapIdentity) seen = identify_file (identifier, "/usr/bin/true", NULL);

  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_INSTALLED);
  g_assert_true (g_str_has_suffix (seen->program, "/bin/true"));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (identify_file (identifier, bad[i], &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
    }
}

/* One for all; the last reference ends it, and the next one is new. */
static void
test_shared (void)
{
  OkapIdentifier *first = okap_identifier_get ();
  OkapIdentifier *second = okap_identifier_get ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OkapIdentity) seen = NULL;

  g_assert_true (first == second);
  okap_identifier_unref (first);
  okap_identify_process_async (second, getpid (), -1, take_result_cb, &result);
  okap_identifier_unref (second);  /* the question keeps it until it is answered */
  seen = okap_identify_process_finish (wait_for (&result));
  g_assert_cmpint (seen->kind, !=, OKAP_IDENTITY_UNKNOWN);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/identify/own-process", test_own_process);
  g_test_add_func ("/identify/nobody", test_nobody);
  g_test_add_func ("/identify/file", test_file);
  g_test_add_func ("/identify/shared", test_shared);
  return g_test_run ();
}
