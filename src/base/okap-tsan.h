/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells ThreadSanitizer about a hand-over that it cannot see: GLib is not built with it, so what
 * GLib's own locks order looks like a race. The giver releases an address that the taker acquires.
 * Nothing at all in other builds. */
#pragma once

#include <glib.h>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define okap_tsan_release(address) __tsan_release (address)
#define okap_tsan_acquire(address) __tsan_acquire (address)
#else
#define okap_tsan_release(address) ((void) (address))
#define okap_tsan_acquire(address) ((void) (address))
#endif

/* As g_atomic_ref_count_dec(): whether the last reference went, and all that others did with the
 * value is over. */
static inline gboolean
okap_ref_count_dec (gatomicrefcount *count)
{
  okap_tsan_release (count);
  if (!g_atomic_ref_count_dec (count))
    return FALSE;
  okap_tsan_acquire (count);
  return TRUE;
}
