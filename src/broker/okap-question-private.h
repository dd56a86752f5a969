/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the broker tells a question before it is asked. */
#pragma once

#include "okap-question.h"
#include "okap-vault.h"

G_BEGIN_DECLS

void     okap_question_set_rules     (OkapQuestion *self, OkapVault *vault,
                                      const OkapThreshold *threshold);
void     okap_question_set_nagging   (OkapQuestion *self, gboolean nagging);
void     okap_question_set_missed    (OkapQuestion *self, guint missed);
void     okap_question_present_again (OkapQuestion *self, const OkapAsk *ask);

G_END_DECLS
