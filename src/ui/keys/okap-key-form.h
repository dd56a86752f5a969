/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* The fields of a new key. Emits "changed" when it may be complete or busy, "submit" when Return
 * was pressed in a field, and "added" (OkapKeyInfo) when the key is in the vault. */
#define OKAP_TYPE_KEY_FORM (okap_key_form_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyForm, okap_key_form, OKAP, KEY_FORM, GtkBox)

void     okap_key_form_set_broker   (OkapKeyForm *self, OkapBroker *broker);
void     okap_key_form_set_button   (OkapKeyForm *self, GtkWidget *button);
void     okap_key_form_choose       (OkapKeyForm *self, const char *provider);
void     okap_key_form_replace      (OkapKeyForm *self, OkapKeyInfo *old_key);
gboolean okap_key_form_is_complete  (OkapKeyForm *self);
gboolean okap_key_form_is_empty     (OkapKeyForm *self);
void     okap_key_form_submit       (OkapKeyForm *self, gboolean clicked);
void     okap_key_form_clear        (OkapKeyForm *self);

G_END_DECLS
