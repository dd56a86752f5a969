/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-ask.h"

G_BEGIN_DECLS

/* Why the passphrase is wanted beside the click. */
typedef enum
{
  OKAP_STEP_UP_NONE = 0,
  OKAP_STEP_UP_NO_CAP = 1 << 0,       /* no limit of money */
  OKAP_STEP_UP_ALL_MODELS = 1 << 1,   /* all models, for a program that is not known */
  OKAP_STEP_UP_THRESHOLD = 1 << 2,    /* more money than the user's own threshold */
  OKAP_STEP_UP_WEBSITE = 1 << 3,      /* any website */
  OKAP_STEP_UP_UNATTENDED = 1 << 4,   /* the press came from no device that we saw */
} OkapStepUp;

/* Up to which limits of money a click is enough, in nano-dollars. */
typedef struct
{
  gint64 daily_nusd;
  gint64 monthly_nusd;
  gint64 total_nusd;
} OkapThreshold;

OkapThreshold okap_threshold_get_default (void);
gboolean      okap_threshold_is_lower    (const OkapThreshold *threshold,
                                          const OkapThreshold *than);

OkapStepUp    okap_step_up_find          (const OkapAsk *ask, const GPtrArray *scopes,
                                          const OkapThreshold *threshold);
char         *okap_step_up_dup_words     (OkapStepUp reasons) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
