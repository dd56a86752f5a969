/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-alerts.h"
#include "okap-block.h"
#include "okap-caller.h"
#include "okap-grant.h"
#include "okap-key-info.h"
#include "okap-misuse.h"
#include "okap-request.h"
#include "okap-store.h"

G_BEGIN_DECLS

OkapAuditEntry *okap_audit_granted       (gint64 now_us, const OkapGrant *grant);
OkapAuditEntry *okap_audit_refused       (gint64 now_us, const OkapRequest *request,
                                          const OkapCaller *caller, const GError *error);
OkapAuditEntry *okap_audit_state_changed (gint64 now_us, const OkapGrant *grant, const char *why);
OkapAuditEntry *okap_audit_changed       (gint64 now_us, const OkapGrant *grant, const char *what);
OkapAuditEntry *okap_audit_given_again   (gint64 now_us, const OkapGrant *grant);
OkapAuditEntry *okap_audit_pause         (gint64 now_us, OkapBlock *block, gboolean began);
OkapAuditEntry *okap_audit_apps          (gint64 now_us, gboolean paused, const char *why);
OkapAuditEntry *okap_audit_limit_reached (gint64 now_us, const OkapAlert *alert);
OkapAuditEntry *okap_audit_corrected     (gint64 now_us, const OkapGrant *grant,
                                          const char *provider, gint64 nusd, const char *reason);
OkapAuditEntry *okap_audit_tampered      (gint64 now_us, const char *grant_id, const GError *error);
OkapAuditEntry *okap_audit_vault         (gint64 now_us, gboolean unlocked);
OkapAuditEntry *okap_audit_vault_act     (gint64 now_us, const char *event)
                                          G_GNUC_WARN_UNUSED_RESULT;
OkapAuditEntry *okap_audit_key           (gint64 now_us, OkapKeyInfo *key, gboolean added);
OkapAuditEntry *okap_audit_misused       (gint64 now_us, OkapMisuse *misuse);
OkapAuditEntry *okap_audit_prices        (gint64 now_us, const char *words);
OkapAuditEntry *okap_audit_key_replaced  (gint64 now_us, OkapKeyInfo *key);

G_END_DECLS
