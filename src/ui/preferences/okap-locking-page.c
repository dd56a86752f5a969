/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: when Okap locks. Bound to GSettings, since each of them may at most lock later than
 * the user wanted; that is why no key of theirs can keep the vault open for ever. Main thread. */
#include "config.h"

#include <glib/gi18n.h>

#include "okap-preferences.h"
#include "okap-setting-rows.h"

#define MOST_IDLE_MINUTES 1440
#define MOST_HOURS 720

GtkWidget *
okap_locking_page_new (void)
{
  AdwPreferencesPage *page = okap_page_new ("locking", _("Locking"), "system-lock-screen-symbolic");
  AdwPreferencesGroup *group =
    okap_group_new (page, _("When You Are Away"),
                    _("A locked screen stops what needs a person: nothing new is allowed and no "
                      "key is shown. Apps that were allowed go on working."));

  (void) okap_setting_row_switch (group, "lock-strict", _("Lock the Vault with the Screen"),
                                  _("Apps stop working, too, until you type the passphrase."));
  (void) okap_setting_row_number (group, "lock-idle-minutes", _("Minutes Without Input"),
                                  _("After so many, nothing new is allowed; 0 for never."), NULL, 0,
                                  MOST_IDLE_MINUTES);
  group = okap_group_new (page, _("The Vault"),
                          _("It always locks when the computer sleeps and when you log out."));
  (void) okap_setting_row_number (group, "lock-hours", _("Hours Until It Locks"),
                                  _("Counted from when you unlocked it, sleep included."), NULL, 1,
                                  MOST_HOURS);
  (void) okap_setting_row_switch (group, "lock-cut-streams", _("Cut Running Answers"),
                                  _("What apps are receiving ends when the vault locks; otherwise "
                                    "it may finish."));
  return GTK_WIDGET (page);
}
