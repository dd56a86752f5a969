/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way into a proxy from other threads. */
#pragma once

#include "okap-exchange.h"

G_BEGIN_DECLS

typedef struct _OkapProxyPost
{
  gatomicrefcount ref_count;
  OkapProxy *proxy;   /* (proxy thread) (nullable) NULL once it is freed */
} OkapProxyPost;

OkapProxyPost *okap_proxy_post_new   (OkapProxy *proxy);
OkapProxyPost *okap_proxy_post_ref   (OkapProxyPost *post);
void           okap_proxy_post_unref (OkapProxyPost *post);

G_END_DECLS
