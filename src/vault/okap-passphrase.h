/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-secret.h"

G_BEGIN_DECLS

OkapSecret *okap_passphrase_normalize (OkapSecret *typed, GError **error)
                                       G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
