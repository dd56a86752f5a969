/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a grant may be used for (PROTOCOL section 1). Code and vision narrow chat. */
typedef enum
{
  OKAP_CAPABILITY_CHAT = 1 << 0,
  OKAP_CAPABILITY_COMPLETIONS = 1 << 1,
  OKAP_CAPABILITY_EMBEDDINGS = 1 << 2,
  OKAP_CAPABILITY_IMAGES = 1 << 3,
  OKAP_CAPABILITY_AUDIO = 1 << 4,
  OKAP_CAPABILITY_VISION = 1 << 5,
  OKAP_CAPABILITY_CODE = 1 << 6,
  OKAP_CAPABILITY_MODERATION = 1 << 7,
} OkapCapability;

#define OKAP_CAPABILITY_NONE ((OkapCapability) 0)
#define OKAP_N_CAPABILITIES 8

OkapCapability okap_capability_from_name (const char *name);
const char    *okap_capability_get_name  (OkapCapability capability);
char         **okap_capability_dup_names (OkapCapability capabilities);
OkapCapability okap_capability_usable    (OkapCapability granted);

G_END_DECLS
