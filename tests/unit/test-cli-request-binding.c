/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-request-binding.h"

#include "okap-error.h"

#include <string.h>

static void
test_add (void)
{
  static const struct
  {
    const char *body;
    const char *program;
    const char *expected;  /* NULL: an error */
  } cases[] = {
    { "{\"okap\":\"1.0\"}", NULL, "{\"binding\":\"portable\",\"okap\":\"1.0\"}" },
    { " \n{ }", NULL, " \n{\"binding\":\"portable\" }" },
    { "{\"a\":1e2, \"b\" : [ ]}", "/bin/x",
      "{\"binding\":{\"program\":\"/bin/x\"},\"a\":1e2, \"b\" : [ ]}" },
    { "{}", "/bin/a\"b\\c", "{\"binding\":{\"program\":\"/bin/a\\\"b\\\\c\"}}" },
    /* Only a member of the outermost object counts. */
    { "{\"client\":{\"binding\":1}}", NULL,
      "{\"binding\":\"portable\",\"client\":{\"binding\":1}}" },
    /* It says so itself, rightly or not. */
    { "{\"binding\":\"portable\"}", NULL, "{\"binding\":\"portable\"}" },
    { "{\"binding\":7}", NULL, "{\"binding\":7}" },
    { "{\"binding\":null}", "/bin/x", NULL },
    { "{\"binding\":\"portable\"}", "/bin/x", NULL },
    /* What is no request stays what it is. */
    { "", NULL, "" },
    { "[{}]", NULL, "[{}]" },
    { "{\"okap\":", NULL, "{\"okap\":" },
    { "{\"okap\":", "/bin/x", "{\"okap\":" },
    { "nonsense", "/bin/x", "nonsense" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize length = 0;
      g_autofree char *text = okap_request_binding_add (cases[i].body, strlen (cases[i].body),
                                                        cases[i].program, &length, &error);

      g_test_message ("%s", cases[i].body);
      g_assert_cmpstr (text, ==, cases[i].expected);
      if (text == NULL)
        g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      else
        g_assert_cmpuint (length, ==, strlen (text));
    }
}

static void
test_find (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sh = okap_request_binding_find ("sh", &error);
  g_autofree char *odd = okap_request_binding_find ("/bin/../bin/./sh", &error);

  g_assert_no_error (error);
  g_assert_true (g_path_is_absolute (sh));
  g_assert_cmpstr (odd, ==, "/bin/sh");
  g_assert_null (okap_request_binding_find ("/nonexistent/program", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/request-binding/add", test_add);
  g_test_add_func ("/cli/request-binding/find", test_find);
  return g_test_run ();
}
