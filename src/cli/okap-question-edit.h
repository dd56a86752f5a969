/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-prompter.h"

G_BEGIN_DECLS

/* What a person typed to narrow a request. Each returns NULL, or what was wrong, as a line; the
 * last two ask. Pure. */
const char *okap_question_edit_key      (const char *word, OkapQuestion *question,
                                         OkapScope *scope);
const char *okap_question_edit_limit    (const char *word, OkapLimit limit,
                                         const OkapScope *bounds, OkapScope *scope);
const char *okap_question_edit_expiry   (const char *word, gint64 now_us, gint64 most_us,
                                         gint64 *expires_us);
const char *okap_question_edit_portable (const char *word, gboolean *portable);
char       *okap_question_edit_offer_keys (OkapQuestion *question, const OkapScope *scope)
                                           G_GNUC_WARN_UNUSED_RESULT;
char       *okap_question_edit_offer_limit (OkapLimit limit, const OkapScope *scope)
                                         G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
