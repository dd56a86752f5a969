/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-socket-diag.h"

G_BEGIN_DECLS

OkapSocketAnswer okap_socket_proc_ask (const char *file, gboolean as_v6, const OkapSocket *socket,
                                       uid_t *out_uid, guint64 *out_inode);

G_END_DECLS
