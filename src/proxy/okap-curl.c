/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libcurl for this process, with memory that is wiped before it is given back: request heads that
 * held a provider's key pass through several of its buffers. Any thread. */
#include "config.h"

#include "okap-curl.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void
wiping_free (void *memory)
{
  if (memory == NULL)
    return;
  explicit_bzero (memory, malloc_usable_size (memory));
  free (memory);
}

static void *
wiping_realloc (void *memory, size_t size)
{
  size_t room = memory != NULL ? malloc_usable_size (memory) : 0;
  void *moved;

  if (memory != NULL && size <= room && size >= room / 2)
    return memory;
  moved = malloc (size);
  if (moved == NULL || memory == NULL)
    return moved;
  memcpy (moved, memory, MIN (room, size));
  wiping_free (memory);
  return moved;
}

/** okap_curl_init: before anything else of libcurl is called; once is enough, more do no harm */
void
okap_curl_init (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  if (curl_global_init_mem (CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
                            calloc) != CURLE_OK)
    g_error ("libcurl could not be initialised");
  g_once_init_leave (&done, 1);
}
