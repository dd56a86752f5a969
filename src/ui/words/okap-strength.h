/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long a passphrase would hold against guessing of the sealed file. */
typedef enum
{
  OKAP_STRENGTH_TOO_SHORT,  /* refused */
  OKAP_STRENGTH_WEAK,
  OKAP_STRENGTH_FAIR,
  OKAP_STRENGTH_GOOD,
  OKAP_STRENGTH_STRONG,
} OkapStrength;

#define OKAP_STRENGTH_LEAST_CHARS 8

OkapStrength okap_strength_judge    (const char *passphrase);
const char  *okap_strength_in_words (OkapStrength strength);

G_END_DECLS
