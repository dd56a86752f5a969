/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define OKAP_TYPE_APP_ACCESS (okap_app_access_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppAccess, okap_app_access, OKAP, APP_ACCESS, GObject)

const char *okap_app_access_get_token    (OkapAppAccess *self);
const char *okap_app_access_get_base_url (OkapAppAccess *self, const char *provider);
const char *okap_app_access_get_expires  (OkapAppAccess *self);

G_END_DECLS
