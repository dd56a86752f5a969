/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-callback.h"
#include "okap-request.h"

G_BEGIN_DECLS

/* A link as it was opened, checked. */
typedef struct
{
  OkapRequest *request;     /* (owned) with a code_challenge */
  OkapCallback *callback;   /* (owned) */
} OkapLink;

OkapLink *okap_link_parse (const char *uri, gint64 now_us, GError **error)
                           G_GNUC_WARN_UNUSED_RESULT;
void      okap_link_free  (OkapLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapLink, okap_link_free)

G_END_DECLS
