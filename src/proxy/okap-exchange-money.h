/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an exchange may cost and what it does cost. Part of an exchange; the proxy's thread. */
#pragma once

#include "okap-gate.h"
#include "okap-worst-case.h"

G_BEGIN_DECLS

typedef struct
{
  OkapPrice price;              /* of the dearest model that the request names; see below */
  OkapPriceTier ceiling;        /* what @price points to, if the user set it */
  gboolean has_price;
  gboolean is_ceiling;
  char region[16];              /* of the provider's server, if that has a price; perhaps empty */
  char variant[52];             /* of a picture that is asked for; perhaps empty */
  OkapUnits request;            /* what the request tells of its use; see the meter */
  OkapWorstCase worst;          /* its output as it was sent */
  gint64 worst_nusd;
  gboolean writes_unseen;       /* thoughts, sound: more than the text of its answer */
  gint64 batch_prompt_nusd;     /* of a batch: at the model whose prompts are the dearest, */
  gint64 batch_output_nusd;     /* and at the one whose output is */
  gboolean can_cut;             /* it streams, and what it costs is seen as it runs */
  gboolean can_lower;           /* its output can be bounded before it is sent */
  gboolean watched;             /* its lease has an end */
  gint64 lowered_tokens;        /* of each answer, as Okap set it; 0: it did not */
  gint64 running_nusd;          /* what it has come to so far, without what is under way */
  gint64 running_tokens;
  gint64 token_nusd;            /* that one more token of output costs at most */
} OkapExchangeMoney;

G_END_DECLS
