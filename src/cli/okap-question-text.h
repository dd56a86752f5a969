/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-prompter.h"

G_BEGIN_DECLS

char *okap_question_text_format       (OkapQuestion *question, GPtrArray *scopes,
                                       gint64 expires_us, gboolean portable)
                                       G_GNUC_WARN_UNUSED_RESULT;
char *okap_question_text_format_limit (OkapLimit limit, gint64 value) G_GNUC_WARN_UNUSED_RESULT;
char *okap_question_text_name_provider (const char *provider) G_GNUC_WARN_UNUSED_RESULT;

const char *okap_question_text_find_missing_key (OkapQuestion *question, GPtrArray *scopes);

G_END_DECLS
