/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define OKAP_BUS_NAME        "com.example.Okap"
#define OKAP_BUS_PATH        "/com/example/Okap"
#define OKAP_BUS_REQUESTS    OKAP_BUS_PATH "/request"
#define OKAP_BUS_INTERFACE   "com.example.Okap1"
#define OKAP_BUS_REQUEST_INTERFACE OKAP_BUS_INTERFACE ".Request"
#define OKAP_BUS_VERSION     1

/* What may be said beside a request on the bus. */
typedef struct
{
  char *handle_token;      /* (owned) (nullable) fit for an object's path */
  char *code_challenge;    /* (owned) checked */
  char *activation_token;  /* (owned) (nullable) bounded, otherwise unchecked */
  guint timeout_s;         /* within its bounds */
  gboolean interactive;
  gboolean s256;           /* no other method was asked for */
} OkapBusOptions;

OkapBusOptions *okap_bus_options_parse (GVariant *dict, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void            okap_bus_options_free  (OkapBusOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapBusOptions, okap_bus_options_free)

char *okap_bus_dup_request_path (const char *sender, const char *token) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
