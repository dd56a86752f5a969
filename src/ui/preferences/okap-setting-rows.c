/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that are bound to a key of GSettings. What a program other than this one writes there shows
 * at once. Main thread. */
#include "config.h"

#include "okap-setting-rows.h"

#include <glib/gi18n.h>

#include "okap-rows.h"
#include "okap-settings.h"

#define CENTS_PER_USD 100.0
#define MOST_USD 1000000

/** okap_page_new: (name): by which tests find it; (icon): of the switcher */
AdwPreferencesPage *
okap_page_new (const char *name, const char *title, const char *icon)
{
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());

  adw_preferences_page_set_name (page, name);
  adw_preferences_page_set_title (page, title);
  adw_preferences_page_set_icon_name (page, icon);
  return page;
}

/** okap_group_new: (title nullable) (why nullable): at the end of @page */
AdwPreferencesGroup *
okap_group_new (AdwPreferencesPage *page, const char *title, const char *why)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title != NULL ? title : "");
  adw_preferences_group_set_description (group, why);
  adw_preferences_page_add (page, group);
  return group;
}

GtkWidget *
okap_setting_row_switch (AdwPreferencesGroup *group, const char *key, const char *title,
                         const char *why)
{
  GtkWidget *row = okap_row_new (title, why);
  GtkWidget *toggle = gtk_switch_new ();

  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  g_settings_bind (okap_settings_get (), key, toggle, "active", G_SETTINGS_BIND_DEFAULT);
  adw_preferences_group_add (group, row);
  return row;
}

/** okap_row_new_number: as okap_row_new_spin(), but from @least to @most, which starts at @least */
GtkWidget *
okap_row_new_number (const char *title, const char *why, const char *unit, double least,
                     double most, guint digits, GtkWidget **out_spin)
{
  GtkWidget *row = okap_row_new_spin (title, why, unit, most, digits, out_spin);
  GtkAdjustment *adjustment = gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (*out_spin));

  gtk_adjustment_configure (adjustment, least, least, most, 1, 10, 0);
  return row;
}

GtkWidget *
okap_setting_row_number (AdwPreferencesGroup *group, const char *key, const char *title,
                         const char *why, const char *unit, double least, double most)
{
  GtkWidget *spin;
  GtkWidget *row = okap_row_new_number (title, why, unit, least, most, 0, &spin);

  g_settings_bind (okap_settings_get (), key,
                   gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (spin)), "value",
                   G_SETTINGS_BIND_DEFAULT);
  adw_preferences_group_add (group, row);
  return row;
}

static gboolean
cents_to_usd (GValue *value, GVariant *variant, gpointer user_data)
{
  g_value_set_double (value, g_variant_get_uint32 (variant) / CENTS_PER_USD);
  return TRUE;
}

static GVariant *
usd_to_cents (const GValue *value, const GVariantType *type, gpointer user_data)
{
  return g_variant_new_uint32 ((guint32) (g_value_get_double (value) * CENTS_PER_USD + 0.5));
}

/** okap_setting_row_cents: dollars, kept as cents */
GtkWidget *
okap_setting_row_cents (AdwPreferencesGroup *group, const char *key, const char *title,
                        const char *why)
{
  GtkWidget *spin;
  GtkWidget *row = okap_row_new_number (title, why, "$", 0, MOST_USD, 2, &spin);

  g_settings_bind_with_mapping (okap_settings_get (), key,
                                gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (spin)), "value",
                                G_SETTINGS_BIND_DEFAULT, cents_to_usd, usd_to_cents, NULL, NULL);
  adw_preferences_group_add (group, row);
  return row;
}

static gboolean
nick_to_index (GValue *value, GVariant *variant, gpointer nicks)
{
  const char *nick = g_variant_get_string (variant, NULL);

  for (guint i = 0; ((const char *const *) nicks)[i] != NULL; i++)
    if (g_str_equal (((const char *const *) nicks)[i], nick))
      {
        g_value_set_uint (value, i);
        return TRUE;
      }
  return FALSE;
}

static GVariant *
index_to_nick (const GValue *value, const GVariantType *type, gpointer nicks)
{
  guint index = g_value_get_uint (value);

  return index != GTK_INVALID_LIST_POSITION
         ? g_variant_new_string (((const char *const *) nicks)[index]) : NULL;
}

/** okap_setting_row_choice: (nicks): static; what the key may be, in the order of @words */
GtkWidget *
okap_setting_row_choice (AdwPreferencesGroup *group, const char *key, const char *title,
                         const char *why, const char *const *nicks, const char *const *words)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) model = gtk_string_list_new (words);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), why);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (model));
  g_settings_bind_with_mapping (okap_settings_get (), key, row, "selected",
                                G_SETTINGS_BIND_DEFAULT, nick_to_index, index_to_nick,
                                (gpointer) nicks, NULL);
  adw_preferences_group_add (group, row);
  return row;
}

/** okap_row_new_button: a row that does something; the button is its activatable widget */
GtkWidget *
okap_row_new_button (const char *title, const char *why, const char *label, GtkWidget **out_button)
{
  GtkWidget *row = okap_row_new (title, why);
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  okap_button_name_plainly (button, TRUE);
  *out_button = button;
  return row;
}
