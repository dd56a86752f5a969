/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-error.h"
#include "okap-http.h"
#include "okap-meter.h"

G_BEGIN_DECLS

GError *okap_proxy_error_for_cut       (OkapError why) G_GNUC_WARN_UNUSED_RESULT;
void    okap_proxy_error_refuse        (OkapHttpExchange *exchange, GError *error,
                                        guint retry_after_s, const OkapProvider *provider,
                                        const char *path);
void    okap_proxy_error_sign          (GError *error);
char   *okap_proxy_error_format_stream (const GError *error, const OkapMeter *meter,
                                        OkapMeterKind kind, OkapErrorForm form,
                                        const char *model);
char   *okap_proxy_error_format_end    (const GError *error, const OkapMeter *meter,
                                        OkapMeterKind kind, gboolean is_between,
                                        const char *joint, OkapErrorForm form,
                                        const char *model);

G_END_DECLS
