/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guarded memory of libsodium: own pages between guard pages, locked if the limit allows, not in
 * a core dump, overwritten when it is freed. */
#include "config.h"

#include "okap-guarded.h"

#include <sodium.h>
#include <string.h>

/** okap_guarded_new: (transfer full): @length zero bytes */
OkapGuarded *
okap_guarded_new (gsize length)
{
  OkapGuarded *guarded;

  if (sodium_init () < 0)
    g_error ("libsodium could not be initialised: no source of randomness");
  guarded = g_new (OkapGuarded, 1);
  guarded->length = length;
  guarded->data = sodium_malloc (MAX (length, 1));
  if (guarded->data == NULL)
    g_error ("no guarded memory left for a secret of %zu bytes", length);
  memset (guarded->data, 0, MAX (length, 1));
  return guarded;
}

void
okap_guarded_free (OkapGuarded *guarded)
{
  if (guarded == NULL)
    return;
  sodium_free (guarded->data);
  g_free (guarded);
}
