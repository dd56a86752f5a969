/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether there was no input in the session for some minutes, by what the compositor counts. Main
 * thread. */
typedef struct _OkapIdle OkapIdle;

typedef void (*OkapIdleFunc) (gboolean idle, gpointer user_data);

OkapIdle *okap_idle_new         (gboolean outlives_bus, OkapIdleFunc func, gpointer user_data)
                                 G_GNUC_WARN_UNUSED_RESULT;
void      okap_idle_free        (OkapIdle *idle);
void      okap_idle_set_minutes (OkapIdle *idle, guint minutes);
gboolean  okap_idle_is_there    (OkapIdle *idle);

G_END_DECLS
