/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-question.h"

G_BEGIN_DECLS

/* Until when access lasts, and how it is remembered. */
#define OKAP_TYPE_UNTIL_GROUP (okap_until_group_get_type ())
G_DECLARE_FINAL_TYPE (OkapUntilGroup, okap_until_group, OKAP, UNTIL_GROUP, AdwPreferencesGroup)

GtkWidget    *okap_until_group_new         (OkapQuestion *question) G_GNUC_WARN_UNUSED_RESULT;
OkapGrantTerm okap_until_group_get_term    (OkapUntilGroup *self);
gint64        okap_until_group_get_expires (OkapUntilGroup *self);

G_END_DECLS
