/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-member.h"
#include "okap-request.h"

G_BEGIN_DECLS

/* One request while it is read. */
typedef struct
{
  OkapRequest *request;  /* borrowed; being filled */
  GString *reasons;      /* borrowed; of the entries so far */
  gint64 now_us;
  gint64 most_us;        /* the latest end that may be asked for */
  guint n_models;        /* of the entries so far */
} OkapRequestReader;

gboolean okap_request_read_entry (OkapRequestReader *reader, const OkapMembers *entry,
                                  GError **error);

G_END_DECLS
