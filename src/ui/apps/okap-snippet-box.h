/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-grant.h"

G_BEGIN_DECLS

/* Ready-made code for developers, to be copied. */
#define OKAP_TYPE_SNIPPET_BOX (okap_snippet_box_get_type ())
G_DECLARE_FINAL_TYPE (OkapSnippetBox, okap_snippet_box, OKAP, SNIPPET_BOX, AdwPreferencesGroup)

/* @token: (nullable): of a grant that was just made */
void okap_snippet_box_show (OkapSnippetBox *self, const OkapGrant *grant, const char *origin,
                            const char *token);

G_END_DECLS
