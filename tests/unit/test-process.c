/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static void
test_hide (void)
{
  struct rlimit limit;

  if (!OKAP_HIDES)
    {
      g_test_skip ("sanitizers need to look into their own process");
      return;
    }
  g_assert_cmpint (prctl (PR_GET_DUMPABLE), ==, 1);
  okap_process_leave_no_core ();
  g_assert_cmpint (getrlimit (RLIMIT_CORE, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_cur, ==, 0);
  g_assert_cmpint (prctl (PR_GET_DUMPABLE), ==, 1);
  okap_process_hide ();
  g_assert_cmpint (prctl (PR_GET_DUMPABLE), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/hide", test_hide);
  return g_test_run ();
}
