/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-scope.h"

G_BEGIN_DECLS

char       *okap_price_question_format (const OkapScope *scope) G_GNUC_WARN_UNUSED_RESULT;
const char *okap_price_question_read   (OkapScope *scope, const char *answer);

G_END_DECLS
