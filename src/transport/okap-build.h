/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of the JSON objects that the doors answer with. Any thread. */
#pragma once

#include <json-glib/json-glib.h>

#include "okap-grant.h"
#include "okap-key-class.h"
#include "okap-key-info.h"
#include "okap-key-standing.h"
#include "okap-misuse.h"

G_BEGIN_DECLS

void okap_build_string (JsonBuilder *builder, const char *name, const char *value);
void okap_build_int    (JsonBuilder *builder, const char *name, gint64 value);
void okap_build_usd    (JsonBuilder *builder, const char *name, gint64 value_nusd);
void okap_build_time   (JsonBuilder *builder, const char *name, gint64 time_us);
void okap_build_key    (JsonBuilder *builder, OkapKeyInfo *info, const OkapKeyHealth *health,
                        const OkapKeyStanding *standing);
void okap_build_standing (JsonBuilder *builder, const OkapKeyStanding *standing);
void okap_build_bound   (JsonBuilder *builder, const OkapGrant *grant);
void okap_build_misuses (JsonBuilder *builder, GListModel *rows, const OkapGrant *grant);
void okap_build_grant  (JsonBuilder *builder, const OkapGrant *grant, gint64 now_us);

const char *okap_build_get_state (const OkapGrant *grant, gint64 now_us);

G_END_DECLS
