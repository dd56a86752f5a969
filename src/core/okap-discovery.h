/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The file by which programs find Okap (PROTOCOL section 2). */
typedef struct _OkapDiscovery OkapDiscovery;

OkapDiscovery *okap_discovery_publish  (const char *origin, const char *socket, GError **error)
                                        G_GNUC_WARN_UNUSED_RESULT;
void           okap_discovery_withdraw (OkapDiscovery *discovery);

G_END_DECLS
