/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inside libokap: the two doors to Okap, and what they share. */
#pragma once

#include <json-glib/json-glib.h>

#include "okap-app-request.h"

G_BEGIN_DECLS

/* What came of a request. */
typedef struct
{
  guint status;       /* of HTTP; 200 for an answer of the bus */
  char *text;         /* (owned) JSON; holds a token if there is one; wiped */
} OkapAppReply;

void           okap_app_reply_free          (OkapAppReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapAppReply, okap_app_reply_free)

/* What is asked for. */
typedef struct
{
  char *json;         /* (owned) (nullable) given as a whole, or made of the rest */
  JsonObject *client; /* (owned) */
  JsonArray *entries; /* (owned) */
  char *expires;      /* (owned) (nullable) of all entries */
  char *reason;       /* (owned) (nullable) likewise */
} OkapAppBody;

void           okap_app_body_init           (OkapAppBody *body);
void           okap_app_body_clear          (OkapAppBody *body);
void           okap_app_body_set_client     (OkapAppBody *body, const char *name,
                                             const char *value);
void           okap_app_body_add_provider   (OkapAppBody *body, const char *provider);
void           okap_app_body_add            (OkapAppBody *body, const char *list,
                                             const char *value);
void           okap_app_body_set_limit      (OkapAppBody *body, const char *limit, double value);
void           okap_app_body_format         (OkapAppBody *body);

/* RFC 7636 */
typedef struct
{
  char *verifier;     /* (owned) */
  char *challenge;    /* (owned) S256 */
} OkapAppProof;

void           okap_app_proof_init          (OkapAppProof *proof);
void           okap_app_proof_clear         (OkapAppProof *proof);
char          *okap_app_proof_dup_match     (const OkapAppProof *proof);

/* What is asked, for the doors. Lent by the request. */
typedef struct
{
  const char *json;
  const char *challenge;
  const char *verifier;
  const char *parent_window;     /* (nullable) */
  const char *activation_token;  /* (nullable) */
  guint timeout_s;
  gboolean interactive;
} OkapAppQuestion;

void           okap_app_bus_ask_async       (const OkapAppQuestion *question,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
OkapAppReply  *okap_app_bus_ask_finish      (GAsyncResult *result, GError **error);

void           okap_app_socket_ask_async    (const OkapAppQuestion *question,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);

void           okap_app_http_post_async     (GSocketConnectable *where, const char *host,
                                             const char *path, const char *headers,
                                             const char *body, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
OkapAppReply  *okap_app_http_post_finish    (GAsyncResult *result, GError **error);

OkapAppAccess *okap_app_access_new          (JsonObject *answer);
const char    *okap_app_get_text            (JsonObject *object, const char *name);
void           okap_app_wipe                (char *text);
char          *okap_app_dup_socket          (void);

G_END_DECLS
