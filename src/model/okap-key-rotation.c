/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The replacing of a provider key, as a value: names and what is well-formed. */
#include "config.h"

#include "okap-key-rotation.h"

#include <string.h>

/** okap_rotation_is_open: (nullable): whether both keys are still there */
gboolean
okap_rotation_is_open (const OkapRotation *rotation)
{
  return rotation != NULL && (rotation->state == OKAP_ROTATION_TESTING
                              || rotation->state == OKAP_ROTATION_WATCHING);
}

/** okap_rotation_id_is_valid: 1 to 32 letters, digits, dashes and underscores */
gboolean
okap_rotation_id_is_valid (const char *id, gsize length)
{
  if (length == 0 || length > OKAP_ROTATION_ID_BYTES)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (id[i]) && id[i] != '-' && id[i] != '_')
      return FALSE;
  return TRUE;
}

const char *
okap_rotation_state_get_name (OkapRotationState state)
{
  static const char *const names[] = { "", "testing", "watching", "retired", "rolled_back" };

  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (names), "");
  return names[state];
}

const char *
okap_rotation_reason_get_name (OkapRotationReason reason)
{
  static const char *const names[] = { "", "asked", "test_failed", "key_refused", "interrupted",
                                       "watched" };

  g_return_val_if_fail ((guint) reason < G_N_ELEMENTS (names), "");
  return names[reason];
}
