/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"

G_BEGIN_DECLS

OkapAccess *okap_access_new (OkapGrant *grant, OkapScope *scope, OkapCredential *credential)
                             G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
