/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-callback.h"

G_BEGIN_DECLS

void     okap_link_send_async  (const OkapCallback *callback, const char *answer,
                                GAsyncReadyCallback callback_func, gpointer user_data);
gboolean okap_link_send_finish (GAsyncResult *result, GError **error);

G_END_DECLS
