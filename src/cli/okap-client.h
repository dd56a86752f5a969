/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "okap-secret.h"

G_BEGIN_DECLS

/* What the Okap that runs answered. */
typedef struct
{
  guint status;
  char *text;       /* (owned) may hold a token; wiped */
  gsize length;
  JsonNode *root;   /* (owned) (nullable) of @text, if it is JSON */
} OkapReply;

void       okap_reply_free         (OkapReply *reply);
gboolean   okap_reply_check        (OkapReply *reply, GError **error);
JsonObject *okap_reply_get_object  (OkapReply *reply);
JsonArray *okap_reply_get_rows     (OkapReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapReply, okap_reply_free)

/* Talks to the Unix socket; blocks. The first returns any answer, the others only good ones. */
OkapReply *okap_client_call        (const char *path, const char *type, const char *body,
                                    gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
OkapReply *okap_client_get         (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
OkapReply *okap_client_post        (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
OkapReply *okap_client_post_secret (const char *path, OkapSecret *secret, GError **error)
                                    G_GNUC_WARN_UNUSED_RESULT;
char      *okap_client_dup_path    (const char *path, const char *name, ...)
                                    G_GNUC_NULL_TERMINATED G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
