/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeping this process's memory from others: core files and crash handlers write it to the disk,
 * and a program of the same user may read it with a debugger.
 *
 * A process that is not dumpable leaves no core, not even to a handler behind a pipe, and cannot
 * be attached to without privileges. But nobody can see its program in /proc either. So what asks
 * for access itself (okap run, okap request) stays dumpable, or the vault could not say who asks;
 * and so does the app, because desktop portals look there to see whether it is sandboxed. Both
 * states end with exec.
 *
 * Sanitizers stop the threads of their own process with a debugger's means, so builds with them
 * are left as they are. */
#include "config.h"

#include "okap-process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

/** okap_process_leave_no_core: no core files; a handler behind a pipe still gets one. Passed on to
 *   children and through exec. */
void
okap_process_leave_no_core (void)
{
  struct rlimit limit;

  if (!OKAP_HIDES || getrlimit (RLIMIT_CORE, &limit) != 0)
    return;
  limit.rlim_cur = 0;
  (void) setrlimit (RLIMIT_CORE, &limit);  /* lowering cannot fail */
}

/** okap_process_hide: before the first secret, in programs that only hold them */
void
okap_process_hide (void)
{
  okap_process_leave_no_core ();
  if (OKAP_HIDES)
    (void) prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);  /* cannot fail with 0 */
}
