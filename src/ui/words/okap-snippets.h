/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-scope.h"

G_BEGIN_DECLS

/* What a developer pastes to use a scope. */
typedef struct
{
  char *title;  /* (owned) such as "OpenAI SDK, Python" */
  char *text;   /* (owned) without a token: it is read from the environment */
} OkapSnippet;

/* (element-type OkapSnippet) those that fit the provider of @scope. @origin: of Okap. @token:
 * (nullable): of a grant that was just made; it is then part of the text. */
GPtrArray *okap_snippets_list (const OkapScope *scope, const char *origin, const char *token)
                               G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
