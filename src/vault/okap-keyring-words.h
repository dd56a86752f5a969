/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can be the matter with a login keyring. */
typedef enum
{
  OKAP_KEYRING_NO_SERVICE,
  OKAP_KEYRING_HANGS,          /* no answer within the silent bound */
  OKAP_KEYRING_SLOW,           /* none within the one for asking the user */
  OKAP_KEYRING_LOCKED,
  OKAP_KEYRING_DISMISSED,
  OKAP_KEYRING_NO_COLLECTION,
  OKAP_KEYRING_GONE,           /* it does not know our secret (any more) */
  OKAP_KEYRING_STRANGE,        /* what it has is not what we store */
  OKAP_KEYRING_LOST,           /* it took the secret and does not give it back */
  OKAP_KEYRING_DIED,
  OKAP_KEYRING_BROKEN,
} OkapKeyringTrouble;

OkapKeyringTrouble okap_keyring_trouble_from_error (const GError *error);
GError            *okap_keyring_trouble_to_error   (OkapKeyringTrouble trouble,
                                                    const char *details);

G_END_DECLS
