/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* The apps that the user has let in, those that still are above those that were, and the details of
 * one of them. Emits "try-it" and "add-key" from its empty state, and "show-activity" (grant id).
 * Property "title": what the header bar shall say. */
#define OKAP_TYPE_APPS_PAGE (okap_apps_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppsPage, okap_apps_page, OKAP, APPS_PAGE, AdwBin)

void     okap_apps_page_set_core   (OkapAppsPage *self, OkapCore *core);

/* Opens the details of a grant; FALSE if there is none with this id. */
gboolean okap_apps_page_show_grant (OkapAppsPage *self, const char *grant_id);

/* The details of one are shown, so that there is a way back. */
gboolean okap_apps_page_is_deep    (OkapAppsPage *self);
void     okap_apps_page_go_back    (OkapAppsPage *self);

/* A grant by hand. */
void     okap_apps_page_add        (OkapAppsPage *self);

G_END_DECLS
