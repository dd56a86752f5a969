/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-http-parse.h"

G_BEGIN_DECLS

#define OKAP_HTTP_NAMES_MOST 3

/* Which pages may come in; the function may be set later. */
typedef struct
{
  OkapHttpOriginFunc func;  /* (nullable) */
  gpointer user_data;
} OkapHttpOrigins;

/* What a client may call us in the Host header, at one listening socket. Constant once made. */
typedef struct
{
  gboolean on_socket;
  const OkapHttpOrigins *origins;  /* (unowned) (nullable) NULL where no page may come in */
  guint n_names;
  char names[OKAP_HTTP_NAMES_MOST][24];
} OkapHttpNames;

void     okap_http_names_init_tcp    (OkapHttpNames *names, guint16 port);
void     okap_http_names_init_socket (OkapHttpNames *names);
gboolean okap_http_guard_check       (OkapHttpRequest *request, const OkapHttpNames *names,
                                      OkapHttpFault *fault);

G_END_DECLS
