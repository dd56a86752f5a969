/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-scope.h"

G_BEGIN_DECLS

#define OKAP_TYPE_REQUEST (okap_request_get_type ())

/* The three shapes of PROTOCOL section 1; the answer has the shape of the question. */
typedef enum
{
  OKAP_SHAPE_A,  /* OKAP 1.0: authorization_details */
  OKAP_SHAPE_B,  /* first draft: request */
  OKAP_SHAPE_C,  /* Python SDK: flat */
} OkapShape;

/* What an app asks for, checked, cleaned and filled with defaults. Constant once made. */
typedef struct
{
  gatomicrefcount ref_count;
  OkapShape shape;
  GPtrArray *scopes;           /* (owned) (element-type OkapScope) 1 to 8 */
  gint64 expires_us;           /* when the grant is to end; 30 days if the request names none */
  gboolean expires_defaulted;
  char *reason;                /* (owned) clean; may be empty */
  char *app_name;              /* (owned) clean; may be empty */
  char *app_url;               /* (owned) clean; may be empty */
  char *callback;              /* (owned) clean; may be empty */
  char *state;                 /* (owned) (nullable) for the callback, as it came; bounded */
  char *code_challenge;        /* (owned) (nullable) of RFC 7636, S256, checked */
  gboolean portable;           /* asks for a token that any program may use */
  char *bind_program;          /* (owned) (nullable) asks that only this file may use the token */
} OkapRequest;

GType        okap_request_get_type (void) G_GNUC_CONST;
OkapRequest *okap_request_new      (OkapShape shape) G_GNUC_WARN_UNUSED_RESULT;
OkapRequest *okap_request_ref      (OkapRequest *request);
void         okap_request_unref    (OkapRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapRequest, okap_request_unref)

G_END_DECLS
