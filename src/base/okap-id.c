/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for grants, keys and requests: short enough to type, random enough never to meet twice.
 * They are names, not secrets. */
#include "config.h"

#include "okap-id.h"

#include <sodium.h>

#define ID_CHARS 12  /* 5 bits each */

/**
 * okap_id_new:
 * @prefix: what it names, such as "g" for a grant
 *
 * Returns: (transfer full): "prefix_" and 12 random characters without look-alikes
 */
char *
okap_id_new (const char *prefix)
{
  static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyz";
  GString *id = g_string_new (prefix);

  if (sodium_init () < 0)
    g_error ("libsodium could not be initialised: no source of randomness");
  g_string_append_c (id, '_');
  for (guint i = 0; i < ID_CHARS; i++)
    g_string_append_c (id, alphabet[randombytes_uniform (sizeof alphabet - 1)]);
  return g_string_free (id, FALSE);
}
