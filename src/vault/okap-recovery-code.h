/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-secret.h"

G_BEGIN_DECLS

typedef enum
{
  OKAP_RECOVERY_NOT_A_CODE,  /* some other text */
  OKAP_RECOVERY_TYPO,        /* meant as a code; a character is wrong, missing or too many */
  OKAP_RECOVERY_CODE,
} OkapRecoveryResult;

OkapSecret        *okap_recovery_code_new   (OkapSecret **out_bits) G_GNUC_WARN_UNUSED_RESULT;
OkapRecoveryResult okap_recovery_code_parse (OkapSecret *text, OkapSecret **out_bits);

G_END_DECLS
