/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Answers that callers fetch later (Prefer: respond-async). Main thread. */
typedef struct _OkapPending OkapPending;

typedef enum
{
  OKAP_PENDING_UNKNOWN,   /* never was, was fetched, or is forgotten */
  OKAP_PENDING_WAITING,
  OKAP_PENDING_ANSWERED,
} OkapPendingState;

/* Told of an answer with a token that nobody fetched in time. */
typedef void (*OkapPendingLostFunc) (const char *grant_id, gpointer user_data);

OkapPending     *okap_pending_new    (OkapPendingLostFunc lost, gpointer user_data)
                                      G_GNUC_WARN_UNUSED_RESULT;
void             okap_pending_free   (OkapPending *pending);
const char      *okap_pending_open   (OkapPending *pending);
void             okap_pending_answer (OkapPending *pending, const char *id, guint status,
                                      char *text, const char *grant_id);
OkapPendingState okap_pending_fetch  (OkapPending *pending, const char *id, guint *out_status,
                                      char **out_text, char **out_grant_id);

G_END_DECLS
