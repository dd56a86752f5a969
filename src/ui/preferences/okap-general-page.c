/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: how Okap behaves on the desktop. All of it is bound to keys of GSettings; what they
 * bring about is elsewhere. Main thread. */
#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-format.h"
#include "okap-preferences.h"
#include "okap-rows.h"
#include "okap-setting-rows.h"
#include "okap-settings.h"

#define LEAST_RATE 0.0001
#define MOST_RATE 100000
#define MOST_PORT 65535

static void
add_notifications (AdwPreferencesPage *page)
{
  AdwPreferencesGroup *group =
    okap_group_new (page, _("Notifications"),
                    _("What Okap tells you while its window is closed. The window shows all of "
                      "it in any case."));

  (void) okap_setting_row_switch (group, "notify-requests", _("Apps That Ask"),
                                  _("When an app asks for access."));
  (void) okap_setting_row_switch (group, "notify-limits", _("Limits"),
                                  _("When an app has used much or all of what it may spend."));
  (void) okap_setting_row_switch (group, "notify-keys", _("Keys in Trouble"),
                                  _("When a provider refuses a key, or its credit is used up."));
  (void) okap_setting_row_switch (group, "notify-misuse", _("Tokens in the Wrong Hands"),
                                  _("When a program tries to use the access of another one."));
}

/* Says how an amount looks, or that the letters are no currency. */
static void
show_example (AdwActionRow *row)
{
  GSettings *settings = okap_settings_get ();
  g_autofree char *code = g_settings_get_string (settings, "display-currency");
  gboolean is_currency = okap_format_set_currency (code, g_settings_get_double (settings,
                                                                                "display-rate"));
  g_autofree char *amount = okap_format_money (G_GINT64_CONSTANT (1234000000000));
  g_autofree char *usd = okap_format_usd (G_GINT64_CONSTANT (1234000000000));
  g_autofree char *words = NULL;

  if (!is_currency)
    words = g_strdup (_("Expected three letters, such as EUR. Amounts are shown in dollars."));
  else if (okap_format_is_converted ())
    /* Translators: two amounts of money: dollars, and the same in another currency */
    words = g_strdup_printf (_("%1$s is shown as %2$s. Limits stay in dollars."), usd, amount);
  else
    words = g_strdup (_("Amounts are shown in dollars."));
  adw_action_row_set_subtitle (row, words);
}

static GVariant *
to_upper (const GValue *value, const GVariantType *type, gpointer user_data)
{
  g_autofree char *text = g_strstrip (g_strdup (g_value_get_string (value)));

  return g_variant_new_take_string (g_ascii_strup (text, -1));
}

static gboolean
as_it_is (GValue *value, GVariant *variant, gpointer user_data)
{
  g_value_set_string (value, g_variant_get_string (variant, NULL));
  return TRUE;
}

static void
add_currency (AdwPreferencesPage *page)
{
  GSettings *settings = okap_settings_get ();
  AdwPreferencesGroup *group =
    okap_group_new (page, _("Amounts"), _("Providers charge dollars. You can see what was spent "
                                          "in another currency, at a rate that you type in; Okap "
                                          "asks nobody for it."));
  GtkWidget *code = okap_row_new (_("Currency"), _("Three letters, such as EUR."));
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *example = okap_row_new (_("Example"), NULL);
  GtkWidget *spin;
  GtkWidget *rate = okap_row_new_number (_("A Dollar Is"),
                                         _("How much of that currency a dollar is worth."), NULL,
                                         LEAST_RATE, MOST_RATE, 4, &spin);

  gtk_entry_set_max_length (GTK_ENTRY (entry), 3);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 5);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), "USD");
  gtk_widget_set_valign (entry, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (code), entry);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (code), entry);
  g_settings_bind_with_mapping (settings, "display-currency", entry, "text",
                                G_SETTINGS_BIND_DEFAULT, as_it_is, to_upper, NULL, NULL);
  gtk_adjustment_set_step_increment (gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (spin)), 0.01);
  g_settings_bind (settings, "display-rate",
                   gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (spin)), "value",
                   G_SETTINGS_BIND_DEFAULT);
  adw_preferences_group_add (group, code);
  adw_preferences_group_add (group, rate);
  adw_preferences_group_add (group, example);
  g_signal_connect_object (settings, "changed::display-currency", G_CALLBACK (show_example),
                           example, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::display-rate", G_CALLBACK (show_example), example,
                           G_CONNECT_SWAPPED);
  show_example (ADW_ACTION_ROW (example));
}

static void
add_calendar_and_port (AdwPreferencesPage *page)
{
  static const char *const nicks[] = { "locale", "monday", "saturday", "sunday", NULL };
  const char *const words[] = { _("As Usual Here"), _("Monday"), _("Saturday"), _("Sunday"),
                                NULL };
  AdwPreferencesGroup *group = okap_group_new (page, NULL, NULL);

  (void) okap_setting_row_choice (group, "week-start", _("Weeks Begin On"),
                                  _("Where charts of a week begin."), nicks, words);
  group = okap_group_new (page, _("Connection"), NULL);
  (void) okap_setting_row_number (group, "port", _("Port"),
                                  _("Where apps on this computer reach Okap; 0 for the usual one. "
                                    "Counts when Okap starts again, and apps that know the old "
                                    "address must be told the new one."), NULL, 0, MOST_PORT);
}

GtkWidget *
okap_general_page_new (void)
{
  AdwPreferencesPage *page = okap_page_new ("general", _("General"),
                                            "preferences-system-symbolic");
  AdwPreferencesGroup *group = okap_group_new (page, NULL, NULL);

  (void) okap_setting_row_switch (group, "background", _("Keep Running in the Background"),
                                  _("Apps go on working when the window is closed."));
  (void) okap_setting_row_switch (group, "autostart", _("Start at Login"),
                                  _("Without a window, ready for the first app that asks."));
  add_notifications (page);
  add_currency (page);
  add_calendar_and_port (page);
  return GTK_WIDGET (page);
}
