/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The replacing of a provider key by another one:
 *
 *   TESTING ──▶ WATCHING ──▶ RETIRED        the old key is wiped
 *      │            │
 *      └────────────┴──────▶ ROLLED_BACK    the new key is wiped
 *
 * While it is tested the old key is used, while it is watched the new one; both are in the vault.
 * The last one of each key is kept with its end, so that asking for it again does nothing. */
typedef enum
{
  OKAP_ROTATION_TESTING = 1,
  OKAP_ROTATION_WATCHING,
  OKAP_ROTATION_RETIRED,
  OKAP_ROTATION_ROLLED_BACK,
} OkapRotationState;

/* Why it is where it is. The numbers stand in vault files. */
typedef enum
{
  OKAP_ROTATION_ASKED = 1,     /* a person wanted it so */
  OKAP_ROTATION_TEST_FAILED,   /* the provider refused the new key before it was used */
  OKAP_ROTATION_KEY_REFUSED,   /* the provider refused the new key in use */
  OKAP_ROTATION_INTERRUPTED,   /* Okap ended while the new key was tested */
  OKAP_ROTATION_WATCHED,       /* the new key worked for as long as it was watched */
} OkapRotationReason;

#define OKAP_ROTATION_ID_BYTES 32

typedef struct
{
  char id[OKAP_ROTATION_ID_BYTES + 1];
  OkapRotationState state;
  OkapRotationReason reason;
  guint old_version;
  guint new_version;           /* above every version that the key ever had */
  gint64 started_us;
  gint64 changed_us;           /* when it came into its state */
} OkapRotation;

gboolean    okap_rotation_is_open          (const OkapRotation *rotation);
gboolean    okap_rotation_id_is_valid      (const char *id, gsize length);
const char *okap_rotation_state_get_name   (OkapRotationState state);
const char *okap_rotation_reason_get_name  (OkapRotationReason reason);

G_END_DECLS
