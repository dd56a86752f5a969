/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells LeakSanitizer of the block that GLib leaks by design.
 *
 * GLib's table of quarks has room for 2048. The program that needs one more, as the app does after
 * a while, gets a larger table, and the first is never freed, since others may be reading it
 * without a lock. It is the first block of its size: the library makes it before main() and before
 * any thread. This file is part of AddressSanitizer builds alone; a line in lsan.supp cannot name
 * the block, since the distribution's GLib has no name for the function that makes it. */
#include <sanitizer/lsan_interface.h>
#include <stdbool.h>
#include <stddef.h>

#define QUARK_TABLE_BYTES (2048 * sizeof (char *))

/* As in sanitizer/allocator_interface.h, which gcc does not bring. */
void __sanitizer_malloc_hook (const volatile void *block, size_t size);

void
__sanitizer_malloc_hook (const volatile void *block, size_t size)
{
  static bool found;

  if (found || size != QUARK_TABLE_BYTES)
    return;
  found = true;
  __lsan_ignore_object ((const void *) block);
}
