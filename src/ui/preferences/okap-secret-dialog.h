/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-vault.h"

G_BEGIN_DECLS

/* Asks for the passphrase before something is changed, and for a new one where there is to be one.
 * Emits "submit"; whoever asked takes the secrets, tries, and says how it went. Closes when the
 * vault locks. */
#define OKAP_TYPE_SECRET_DIALOG (okap_secret_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapSecretDialog, okap_secret_dialog, OKAP, SECRET_DIALOG, AdwWindow)

typedef enum
{
  OKAP_SECRET_DIALOG_PROOF = 0,
  OKAP_SECRET_DIALOG_NEW = 1 << 0,      /* and a new passphrase, twice */
  OKAP_SECRET_DIALOG_LABEL = 1 << 1,    /* and a name for it */
  OKAP_SECRET_DIALOG_REMOVES = 1 << 2,  /* it takes something away */
} OkapSecretDialogFlags;

OkapSecretDialog *okap_secret_dialog_new (GtkWidget *near, OkapVault *vault,
                                          OkapSecretDialogFlags flags, const char *title,
                                          const char *why, const char *button)
                                          G_GNUC_WARN_UNUSED_RESULT;
void        okap_secret_dialog_set_asked  (OkapSecretDialog *self, const char *words);
OkapSecret *okap_secret_dialog_dup_proof  (OkapSecretDialog *self) G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_dialog_dup_new    (OkapSecretDialog *self) G_GNUC_WARN_UNUSED_RESULT;
const char *okap_secret_dialog_get_label  (OkapSecretDialog *self);
void        okap_secret_dialog_finish     (OkapSecretDialog *self, const GError *error);

/* A new recovery code, until the user has it. */
void        okap_code_dialog_show         (GtkWidget *near, OkapSecret *code);

G_END_DECLS
