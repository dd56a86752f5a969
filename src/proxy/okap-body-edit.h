/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-body-facts.h"
#include "okap-provider.h"

G_BEGIN_DECLS

#define OKAP_BODY_EDITS_MOST 6

/* Bytes that take the place of others; everything around them stays as it came. */
typedef struct
{
  gsize at;
  gsize drop;
  char text[72];
} OkapBodyEdit;

typedef struct
{
  OkapBodyEdit items[OKAP_BODY_EDITS_MOST];  /* ascending */
  guint n;
} OkapBodyEdits;

gboolean okap_body_edit_lower_output (OkapBodyEdits *edits, const OkapBodyFacts *facts,
                                      OkapMeterKind meter, const char *field, gint64 tokens);
gboolean okap_body_edit_ask_usage    (OkapBodyEdits *edits, const OkapBodyFacts *facts);
gsize    okap_body_edits_get_length  (const OkapBodyEdits *edits, gsize length);
void     okap_body_edits_apply       (const OkapBodyEdits *edits, const char *from, gsize length,
                                      char *to);

G_END_DECLS
