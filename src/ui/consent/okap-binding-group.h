/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-question.h"

G_BEGIN_DECLS

/* Who will be able to use the token: a row that says it, and a switch where it can be narrowed. */
#define OKAP_TYPE_BINDING_GROUP (okap_binding_group_get_type ())
G_DECLARE_FINAL_TYPE (OkapBindingGroup, okap_binding_group, OKAP, BINDING_GROUP,
                      AdwPreferencesGroup)

GtkWidget *okap_binding_group_new          (OkapQuestion *question) G_GNUC_WARN_UNUSED_RESULT;
gboolean   okap_binding_group_is_risk      (OkapBindingGroup *self);
gboolean   okap_binding_group_get_portable (OkapBindingGroup *self);

G_END_DECLS
