/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Rows of a page of preferences. @why is one sentence that says what the row does. */
AdwPreferencesPage  *okap_page_new      (const char *name, const char *title, const char *icon)
                                         G_GNUC_WARN_UNUSED_RESULT;
AdwPreferencesGroup *okap_group_new     (AdwPreferencesPage *page, const char *title,
                                         const char *why);
GtkWidget *okap_setting_row_switch      (AdwPreferencesGroup *group, const char *key,
                                         const char *title, const char *why);
GtkWidget *okap_setting_row_number      (AdwPreferencesGroup *group, const char *key,
                                         const char *title, const char *why, const char *unit,
                                         double least, double most);
GtkWidget *okap_setting_row_cents       (AdwPreferencesGroup *group, const char *key,
                                         const char *title, const char *why);
GtkWidget *okap_setting_row_choice      (AdwPreferencesGroup *group, const char *key,
                                         const char *title, const char *why,
                                         const char *const *nicks, const char *const *words);
GtkWidget *okap_row_new_number          (const char *title, const char *why, const char *unit,
                                         double least, double most, guint digits,
                                         GtkWidget **out_spin) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_row_new_button          (const char *title, const char *why, const char *label,
                                         GtkWidget **out_button) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
