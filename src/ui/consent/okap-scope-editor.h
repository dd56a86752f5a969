/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-prompter.h"

G_BEGIN_DECLS

/* One entry of a request as rows in which everything can be narrowed and nothing widened.
 * Emits "changed", and "add-key" when the person wants to add one for get_provider(). */
#define OKAP_TYPE_SCOPE_EDITOR (okap_scope_editor_get_type ())
G_DECLARE_FINAL_TYPE (OkapScopeEditor, okap_scope_editor, OKAP, SCOPE_EDITOR, AdwPreferencesGroup)

GtkWidget  *okap_scope_editor_new          (OkapQuestion *question, OkapScope *asked,
                                            gboolean titled) G_GNUC_WARN_UNUSED_RESULT;
/* For who decides without having been asked: @scope is what it starts with, and may be widened.
 * What that takes is not decided here. */
GtkWidget  *okap_scope_editor_new_free     (OkapQuestion *question, OkapScope *scope,
                                            gboolean titled) G_GNUC_WARN_UNUSED_RESULT;
const char *okap_scope_editor_get_provider (OkapScopeEditor *self);
const char *okap_scope_editor_get_problem  (OkapScopeEditor *self);
OkapScope  *okap_scope_editor_dup_scope    (OkapScopeEditor *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
