/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-app-access.h"

G_BEGIN_DECLS

#define OKAP_APP_ERROR (okap_app_error_quark ())

/**
 * OkapAppError:
 * @OKAP_APP_ERROR_REFUSED: the user said no; do not ask again by yourself
 * @OKAP_APP_ERROR_ENDED: nobody decided: time was over, or Okap ended
 * @OKAP_APP_ERROR_POLICY: Okap refused without asking; the message says why and when to try again
 * @OKAP_APP_ERROR_UNAVAILABLE: no Okap is there
 * @OKAP_APP_ERROR_PROTOCOL: what came back was no answer of Okap's
 *
 * Why a request led to no access.
 */
typedef enum
{
  OKAP_APP_ERROR_REFUSED,
  OKAP_APP_ERROR_ENDED,
  OKAP_APP_ERROR_POLICY,
  OKAP_APP_ERROR_UNAVAILABLE,
  OKAP_APP_ERROR_PROTOCOL,
} OkapAppError;

GQuark          okap_app_error_quark            (void);

#define OKAP_TYPE_APP_REQUEST (okap_app_request_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppRequest, okap_app_request, OKAP, APP_REQUEST, GObject)

OkapAppRequest *okap_app_request_new            (const char *app_name, const char *provider);
OkapAppRequest *okap_app_request_new_from_json  (const char *json);

void            okap_app_request_add_provider   (OkapAppRequest *self, const char *provider);
void            okap_app_request_add_model      (OkapAppRequest *self, const char *model);
void            okap_app_request_add_capability (OkapAppRequest *self, const char *capability);
void            okap_app_request_set_limit      (OkapAppRequest *self, const char *limit,
                                                 double value);

const char     *okap_app_request_get_match_code (OkapAppRequest *self);
const char     *okap_app_request_get_answer     (OkapAppRequest *self);

void            okap_app_request_send_async     (OkapAppRequest *self, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
OkapAppAccess  *okap_app_request_send_finish    (OkapAppRequest *self, GAsyncResult *result,
                                                 GError **error);
OkapAppAccess  *okap_app_request_send           (OkapAppRequest *self, GCancellable *cancellable,
                                                 GError **error);

G_END_DECLS
