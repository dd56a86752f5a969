/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What serves each route; okap-routes.c has the table. A check runs on the HTTP thread, a serve on
 * the main thread. */
#pragma once

#include "okap-door.h"

G_BEGIN_DECLS

/* okap-routes-authorize.c */
gboolean okap_routes_check_request    (OkapCall *call, GError **error);
gboolean okap_routes_check_run        (OkapCall *call, GError **error);
void     okap_routes_serve_authorize  (OkapCall *call);
void     okap_routes_serve_run        (OkapCall *call);
void     okap_routes_serve_poll       (OkapCall *call);

/* okap-routes-redeem.c */
gboolean okap_routes_check_redeem     (OkapCall *call, GError **error);
void     okap_routes_serve_redeem     (OkapCall *call);

/* okap-routes-grant.c */
gboolean okap_routes_check_token      (OkapCall *call, GError **error);
void     okap_routes_serve_grant      (OkapCall *call);
void     okap_routes_serve_revoke     (OkapCall *call);

/* okap-routes-discovery.c */
void     okap_routes_serve_discovery  (OkapCall *call);

/* okap-control-vault.c */
void     okap_control_serve_status    (OkapCall *call);
void     okap_control_serve_unlock    (OkapCall *call);
void     okap_control_serve_lock      (OkapCall *call);
void     okap_control_serve_pause_all (OkapCall *call);
void     okap_control_serve_resume_all (OkapCall *call);

/* okap-control-slots.c */
void     okap_control_serve_slots     (OkapCall *call);
void     okap_control_serve_slot_change (OkapCall *call);
void     okap_control_serve_export    (OkapCall *call);
void     okap_control_serve_import    (OkapCall *call);

/* okap-control-open.c */
gboolean okap_control_check_open      (OkapCall *call, GError **error);
void     okap_control_serve_open      (OkapCall *call);

/* okap-control-keys.c */
gboolean okap_control_check_key       (OkapCall *call, GError **error);
void     okap_control_serve_keys      (OkapCall *call);
void     okap_control_serve_key_add   (OkapCall *call);
void     okap_control_serve_key_remove (OkapCall *call);
void     okap_control_serve_key_test  (OkapCall *call);
void     okap_control_serve_key_rotate (OkapCall *call);
gboolean okap_control_check_settle    (OkapCall *call, GError **error);
void     okap_control_serve_key_settle (OkapCall *call);

/* okap-control-grants.c */
void     okap_control_serve_grants    (OkapCall *call);
void     okap_control_serve_grant     (OkapCall *call);
void     okap_control_serve_pause     (OkapCall *call);
void     okap_control_serve_resume    (OkapCall *call);
void     okap_control_serve_revoke    (OkapCall *call);

OkapGrant *okap_control_find_grant    (OkapCall *call);
void     okap_control_grant_changed_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* okap-control-money.c */
gboolean okap_control_check_money     (OkapCall *call, GError **error);
gboolean okap_control_check_ceiling   (OkapCall *call, GError **error);
void     okap_control_serve_money     (OkapCall *call);
void     okap_control_serve_ceiling   (OkapCall *call);

/* okap-control-threshold.c */
gboolean okap_control_check_threshold (OkapCall *call, GError **error);
void     okap_control_serve_threshold (OkapCall *call);
void     okap_control_serve_threshold_change (OkapCall *call);

/* okap-control-usage.c */
gboolean okap_control_check_usage     (OkapCall *call, GError **error);
void     okap_control_serve_usage     (OkapCall *call);

/* okap-control-correct.c */
gboolean okap_control_check_correction (OkapCall *call, GError **error);
void     okap_control_serve_correction (OkapCall *call);

/* okap-control-prices.c */
gboolean okap_control_check_confirmation (OkapCall *call, GError **error);
void     okap_control_serve_prices    (OkapCall *call);
void     okap_control_serve_confirmation (OkapCall *call);

/* okap-control-rows.c */
gboolean okap_control_check_usage_rows (OkapCall *call, GError **error);
gboolean okap_control_check_retention (OkapCall *call, GError **error);
void     okap_control_serve_usage_rows (OkapCall *call);
void     okap_control_serve_retention (OkapCall *call);
void     okap_control_serve_retention_change (OkapCall *call);

G_END_DECLS
