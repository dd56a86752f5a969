/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* A service on a bus that may be there or not. Main thread. */
typedef struct _OkapService OkapService;

typedef void (*OkapServiceFunc)       (OkapService *service, gpointer user_data);
/* @answer: NULL if there is none, or an error; @fds: (nullable). */
typedef void (*OkapServiceAnswerFunc) (GVariant *answer, GUnixFDList *fds, gpointer user_data);
/* @parameters: of the type that was asked for. */
typedef void (*OkapServiceSignalFunc) (GVariant *parameters, gpointer user_data);

OkapService *okap_service_watch     (GBusType bus, const char *name, gboolean outlives_bus,
                                     OkapServiceFunc appeared, OkapServiceFunc vanished,
                                     gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void         okap_service_unwatch   (OkapService *service);
gboolean     okap_service_is_there  (OkapService *service);
void         okap_service_call      (OkapService *service, const char *path,
                                     const char *interface, const char *method,
                                     GVariant *parameters, const char *answer_type,
                                     OkapServiceAnswerFunc func);
void         okap_service_get_all   (OkapService *service, const char *path,
                                     const char *interface, OkapServiceAnswerFunc func);
void         okap_service_subscribe (OkapService *service, const char *path,
                                     const char *interface, const char *signal, const char *arg0,
                                     const char *type, OkapServiceSignalFunc func);

G_END_DECLS
