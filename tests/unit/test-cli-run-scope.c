/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-run-scope.h"

#define SCOPE "app-okap-run-0011.scope"

static void
test_is_in (void)
{
  static const struct
  {
    const char *cgroups;
    gboolean in;
  } cases[] = {
    { "0::/user.slice/user-1000.slice/user@1000.service/app.slice/" SCOPE "\n", TRUE },
    { "1:name=systemd:/user.slice/" SCOPE "\n0::/user.slice/" SCOPE, TRUE },
    { "12:pids:/x\n1:name=systemd:/user.slice/" SCOPE "\n", TRUE },
    /* Below it, beside it, or only in a controller's hierarchy. */
    { "0::/user.slice/" SCOPE "/child\n", FALSE },
    { "0::/user.slice/x" SCOPE "\n", FALSE },
    { "0::/user.slice/session-2.scope\n", FALSE },
    { "5:memory:/user.slice/" SCOPE "\n0::/\n", FALSE },
    { "0::/\n", FALSE },
    { SCOPE, FALSE },
    { "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].cgroups);
      g_assert_cmpint (okap_run_scope_is_in (cases[i].cgroups, SCOPE), ==, cases[i].in);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/run-scope/is-in", test_is_in);
  return g_test_run ();
}
