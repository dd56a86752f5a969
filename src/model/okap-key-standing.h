/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-provider.h"

G_BEGIN_DECLS

#define OKAP_STANDING_MOST 4

/* One thing that a provider told of what a key may still use. It said so; nobody else knows. */
typedef struct
{
  OkapStandingKind kind;
  OkapStandingWindow window;
  gint64 amount;       /* of money: billionths of the currency, perhaps below zero; else how many */
  char currency[4];    /* of money: three capitals; else empty */
} OkapStandingFact;

/* What the last test of a key told: for people to read, and nothing is decided by it. A value. */
typedef struct
{
  gint64 asked_us;     /* wall time; 0: never */
  guint n_facts;
  OkapStandingFact facts[OKAP_STANDING_MOST];
} OkapKeyStanding;

G_END_DECLS
