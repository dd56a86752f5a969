/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a provider's answer says of the key that was used. */
typedef enum
{
  OKAP_KEY_UNTRIED,          /* nothing yet; of an answer: that it says nothing of the key */
  OKAP_KEY_GOOD,
  OKAP_KEY_BAD,              /* mistyped, deleted, expired, blocked */
  OKAP_KEY_OUT_OF_CREDIT,
  OKAP_KEY_RATE_LIMITED,
  OKAP_KEY_FORBIDDEN,        /* known, but not from here or not for this: region, permission */
  OKAP_KEY_MODEL_MISSING,
  OKAP_KEY_PROVIDER_ERROR,   /* the provider is in trouble, not the key */
} OkapKeyClass;

#define OKAP_N_KEY_CLASSES (OKAP_KEY_PROVIDER_ERROR + 1)

/* How one version of a key does. It belongs to the version: a new one begins untried. */
typedef struct
{
  guint version;
  OkapKeyClass class;
  guint http_status;     /* that said so */
  gint64 since_us;       /* when the class was first seen */
  gint64 until_us;       /* of a rate limit: when it is over; else 0 */
} OkapKeyHealth;

const char *okap_key_class_get_name   (OkapKeyClass class);
const char *okap_key_class_get_words  (OkapKeyClass class);
gboolean    okap_key_class_is_trouble (OkapKeyClass class);

G_END_DECLS
