/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-member.h"
#include "okap-request.h"

G_BEGIN_DECLS

gboolean okap_request_read_profile (OkapRequest *request, const OkapMembers *root,
                                    GError **error);

G_END_DECLS
