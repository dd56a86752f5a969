/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What okap-key-care.c and okap-key-replace.c share. */
#pragma once

#include "okap-key-care.h"

G_BEGIN_DECLS

struct _OkapKeyCare
{
  GObject parent_instance;

  OkapVault *vault;              /* (owned) */
  OkapGate *gate;                /* (unowned) */
  OkapCredentials *credentials;  /* (unowned) */
  OkapClock *clock;              /* (unowned) */
  OkapKeyTestFunc test;          /* (nullable) */
  OkapKeyTestFinishFunc test_finish;
  gpointer test_data;
  GHashTable *records;           /* (owned) "key id/version" → Record */
  GHashTable *watches;           /* (owned) key id → Watch */
  GHashTable *begins;            /* (owned) key id → Begin, of replacements that are tested */
  guint timer;                   /* while there are watches */
  gboolean sync_posted;
};

void okap_key_care_forget (OkapKeyCare *self, OkapKeyInfo *key);
void okap_key_care_note   (OkapKeyCare *self, const char *key_id, const OkapKeyHealth *health,
                           guint n_good, gboolean aloud);
void okap_key_care_tell   (OkapKeyCare *self, const char *key_id, guint version,
                           const OkapKeyStanding *standing);

G_END_DECLS
