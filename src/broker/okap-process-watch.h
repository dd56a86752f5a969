/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "okap-identity.h"

G_BEGIN_DECLS

/* Which grants hang on a process that runs. Main thread. */
typedef struct _OkapProcessWatch OkapProcessWatch;

/* Told once for each process that ended. */
typedef void (*OkapProcessEndedFunc) (const char *grant_id, gpointer user_data);

OkapProcessWatch *okap_process_watch_new        (OkapProcessEndedFunc func, gpointer user_data)
                                                 G_GNUC_WARN_UNUSED_RESULT;
void              okap_process_watch_free       (OkapProcessWatch *watch);
void              okap_process_watch_add        (OkapProcessWatch *watch, const char *grant_id,
                                                 int pidfd);
gboolean          okap_process_watch_is_running (OkapProcessWatch *watch, const char *grant_id);
int               okap_process_watch_pin        (const OkapProcessId *process);

G_END_DECLS
