/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-grant.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* What an app may do and who it is, as rows of a list. */
void        okap_app_facts_clear    (GtkListBox *list);
void        okap_app_facts_show_may (GtkListBox *list, const OkapGrant *grant, OkapVault *vault,
                                     gboolean live);
void        okap_app_facts_show_who (GtkListBox *list, const OkapGrant *grant, GCallback remove,
                                     gpointer user_data);
const char *okap_app_facts_get_key  (GtkWidget *button);

G_END_DECLS
