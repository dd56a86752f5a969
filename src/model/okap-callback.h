/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  OKAP_CALLBACK_LOOPBACK,  /* http on this computer, with a port (RFC 8252, section 7.3) */
  OKAP_CALLBACK_WEBSITE,   /* https */
  OKAP_CALLBACK_PRIVATE,   /* a scheme of the app's own, with a dot (RFC 8252, section 7.1) */
} OkapCallbackKind;

/* Where the answer to a link goes. Constant. */
typedef struct
{
  OkapCallbackKind kind;
  char *uri;          /* (owned) as it came */
  char *host;         /* (owned) (nullable) of loopback: "127.0.0.1", "::1" or "localhost" */
  guint16 port;       /* of loopback */
  char *origin;       /* (owned) (nullable) of a website, as a browser writes it */
} OkapCallback;

OkapCallback *okap_callback_parse      (const char *text, GError **error)
                                        G_GNUC_WARN_UNUSED_RESULT;
void          okap_callback_free       (OkapCallback *callback);
char         *okap_callback_dup_answer (const OkapCallback *callback, const char *name,
                                        const char *value, const char *state)
                                        G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapCallback, okap_callback_free)

G_END_DECLS
