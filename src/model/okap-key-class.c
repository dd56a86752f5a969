/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The classes of a key's health: their names on the wire and their words for programs' output; the
 * app has translated ones of its own. */
#include "config.h"

#include "okap-key-class.h"

static const struct
{
  const char *name;
  const char *words;
} rows[] = {
  [OKAP_KEY_UNTRIED] = { "untried", "not used yet" },
  [OKAP_KEY_GOOD] = { "good", "works" },
  [OKAP_KEY_BAD] = { "bad_key", "the provider refuses it" },
  [OKAP_KEY_OUT_OF_CREDIT] = { "out_of_credit", "out of credit" },
  [OKAP_KEY_RATE_LIMITED] = { "rate_limited", "asked too often" },
  [OKAP_KEY_FORBIDDEN] = { "forbidden", "not allowed from here or for this" },
  [OKAP_KEY_MODEL_MISSING] = { "model_missing", "a model was not found" },
  [OKAP_KEY_PROVIDER_ERROR] = { "provider_error", "the provider has trouble" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) == OKAP_N_KEY_CLASSES);

/** okap_key_class_get_name: for the wire and for scripts */
const char *
okap_key_class_get_name (OkapKeyClass class)
{
  g_return_val_if_fail ((guint) class < OKAP_N_KEY_CLASSES, "");
  return rows[class].name;
}

/** okap_key_class_get_words: for people at a terminal */
const char *
okap_key_class_get_words (OkapKeyClass class)
{
  g_return_val_if_fail ((guint) class < OKAP_N_KEY_CLASSES, "");
  return rows[class].words;
}

/** okap_key_class_is_trouble: whether a person has to do something about the key */
gboolean
okap_key_class_is_trouble (OkapKeyClass class)
{
  return class == OKAP_KEY_BAD || class == OKAP_KEY_OUT_OF_CREDIT || class == OKAP_KEY_FORBIDDEN;
}
