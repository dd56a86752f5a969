/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-upstream.h"

G_BEGIN_DECLS

/* The provider inside this process. Tells a handler what a real one would, from @context. */
typedef struct _OkapDemo OkapDemo;

OkapDemo *okap_demo_start  (GMainContext *context, const char *path, const char *body,
                            gsize length, const OkapTransferHandler *handler, gpointer user_data)
                            G_GNUC_WARN_UNUSED_RESULT;
void      okap_demo_resume (OkapDemo *demo);
void      okap_demo_cancel (OkapDemo *demo);

G_END_DECLS
