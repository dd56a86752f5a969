/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-http.h"

G_BEGIN_DECLS

char *okap_listen_bind (OkapHttpServer *server, const char *listen, guint16 port,
                        gboolean *out_moved, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
