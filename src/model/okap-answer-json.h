/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "okap-grant.h"
#include "okap-provider.h"
#include "okap-request.h"
#include "okap-secret.h"

G_BEGIN_DECLS

char     *okap_answer_format_granted (OkapShape shape, const OkapGrant *grant,
                                      const OkapSecret *token, const char *origin);
char     *okap_answer_format_refused (OkapShape shape, const GError *error);
char     *okap_answer_format_pending (const char *request_id, const char *match_code);
char     *okap_answer_format_error   (const GError *error, OkapErrorForm form);
const char *okap_answer_get_rpc_status (guint http_status);
JsonNode *okap_answer_details        (const OkapGrant *grant, const char *origin);

G_END_DECLS
