/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: money. Where an app asks for no limit, the dialog starts with these; the threshold
 * is the broker's, sealed, and raising it takes the passphrase. Main thread. */
#include "config.h"

#include <glib/gi18n.h>

#include "okap-money.h"
#include "okap-preferences.h"
#include "okap-rows.h"
#include "okap-secret-dialog.h"
#include "okap-setting-rows.h"
#include "okap-words.h"

#define MOST_USD 1000000
#define MOST_REQUESTS 100000

/* The threshold's group: shared by its widgets' signals, lives as long as the page. */
typedef struct
{
  OkapCore *core;              /* (owned) */
  GtkWidget *spins[3];         /* of the page: a day, a month, in all */
  GtkWidget *apply;
  GtkWidget *row;              /* with @apply */
  AdwPreferencesGroup *group;
  OkapThreshold shown;
  OkapSecretDialog *dialog;    /* (nullable) weak: while one asks */
} Limits;

static void
limits_free (gpointer data)
{
  Limits *self = data;

  g_clear_weak_pointer (&self->dialog);
  g_object_unref (self->core);
  g_free (self);
}

static gint64
get_spin (Limits *self, guint i)
{
  double usd = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->spins[i]));

  return (gint64) (usd * 100 + 0.5) * (OKAP_NUSD_PER_USD / 100);
}

static OkapThreshold
get_wanted (Limits *self)
{
  return (OkapThreshold) { get_spin (self, 0), get_spin (self, 1), get_spin (self, 2) };
}

static gboolean
is_unlocked (Limits *self)
{
  return okap_vault_get_state (okap_core_get_vault (self->core)) == OKAP_VAULT_UNLOCKED;
}

static void
edited (Limits *self)
{
  OkapThreshold wanted = get_wanted (self);
  gboolean raises = !okap_threshold_is_lower (&wanted, &self->shown);
  gboolean differs = wanted.daily_nusd != self->shown.daily_nusd
                     || wanted.monthly_nusd != self->shown.monthly_nusd
                     || wanted.total_nusd != self->shown.total_nusd;

  gtk_widget_set_sensitive (self->apply, differs);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row),
                               !differs ? _("This is how it is now.")
                               : raises ? _("Asking less often takes your passphrase.")
                                        : _("Asking more often needs no passphrase."));
}

static void
edited_cb (GtkWidget *spin, gpointer user_data)
{
  edited (user_data);
}

/* Shows what the broker has. */
static void
refresh (Limits *self)
{
  gboolean unlocked = is_unlocked (self);
  const double cents = OKAP_NUSD_PER_USD / 100.0;

  gtk_widget_set_sensitive (GTK_WIDGET (self->group), unlocked);
  if (!unlocked)
    return;
  self->shown = okap_broker_get_threshold (okap_core_get_broker (self->core));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spins[0]),
                             (double) self->shown.daily_nusd / cents / 100);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spins[1]),
                             (double) self->shown.monthly_nusd / cents / 100);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spins[2]),
                             (double) self->shown.total_nusd / cents / 100);
  edited (self);
}

static void
state_cb (OkapVault *vault, GParamSpec *pspec, gpointer page)
{
  refresh (g_object_get_data (page, "okap-limits"));
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GObject) page = user_data;
  Limits *self = g_object_get_data (page, "okap-limits");
  g_autoptr (GError) error = NULL;

  (void) okap_broker_set_threshold_finish (OKAP_BROKER (source), result, &error);
  if (self->dialog != NULL)
    okap_secret_dialog_finish (self->dialog, error);
  /* What is wanted stays after an error: the dialog asks again. */
  if (error == NULL)
    refresh (self);
  else if (self->dialog == NULL)
    {
      g_autofree char *words = okap_words_for_error (error);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row), words);
    }
}

static void
submit_cb (OkapSecretDialog *dialog, GObject *page)
{
  Limits *self = g_object_get_data (page, "okap-limits");
  g_autoptr (OkapSecret) proof = okap_secret_dialog_dup_proof (dialog);
  OkapThreshold wanted = get_wanted (self);

  okap_broker_set_threshold_async (okap_core_get_broker (self->core), &wanted, proof, changed_cb,
                                   g_object_ref (page));
}

static void
apply_cb (GtkWidget *button, GObject *page)
{
  Limits *self = g_object_get_data (page, "okap-limits");
  OkapThreshold wanted = get_wanted (self);

  if (okap_threshold_is_lower (&wanted, &self->shown))
    {
      okap_broker_set_threshold_async (okap_core_get_broker (self->core), &wanted, NULL,
                                       changed_cb, g_object_ref (page));
      return;
    }
  g_clear_weak_pointer (&self->dialog);
  self->dialog = okap_secret_dialog_new (button, okap_core_get_vault (self->core),
                                         OKAP_SECRET_DIALOG_PROOF, _("Ask Less Often"),
                                         _("Up to these limits a click will be enough to allow "
                                           "an app to spend money."), _("_Change"));
  g_object_add_weak_pointer (G_OBJECT (self->dialog), (gpointer *) &self->dialog);
  g_signal_connect_object (self->dialog, "submit", G_CALLBACK (submit_cb), page, 0);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

static void
add_threshold (AdwPreferencesPage *page, Limits *self)
{
  const char *const titles[] = { _("A Day"), _("A Month"), _("In All") };
  const char *const whys[] = { _("Limits a day above this take the passphrase."),
                               _("Limits a month above this take the passphrase."),
                               _("Limits on all that an app may ever spend, above this, take the "
                                 "passphrase.") };

  self->group = okap_group_new (page, _("When the Passphrase Is Asked For"),
                                _("Up to these limits a click is enough when an app asks for "
                                  "money."));
  for (guint i = 0; i < G_N_ELEMENTS (self->spins); i++)
    {
      adw_preferences_group_add (self->group,
                                 okap_row_new_number (titles[i], whys[i], "$", 0, MOST_USD, 2,
                                                      &self->spins[i]));
      g_signal_connect (self->spins[i], "value-changed", G_CALLBACK (edited_cb), self);
    }
  self->row = okap_row_new_button (_("Use These Limits"), NULL, _("_Apply"), &self->apply);
  adw_preferences_group_add (self->group, self->row);
  g_signal_connect_object (self->apply, "clicked", G_CALLBACK (apply_cb), page, 0);
}

GtkWidget *
okap_limits_page_new (OkapCore *core)
{
  AdwPreferencesPage *page = okap_page_new ("limits", _("Limits"),
                                            "power-profile-balanced-symbolic");
  AdwPreferencesGroup *group =
    okap_group_new (page, _("Where an App Asks for No Limit"),
                    _("The dialog starts with these, and you can change them there. 0 leaves it "
                      "to Okap."));
  Limits *self = g_new0 (Limits, 1);

  self->core = g_object_ref (core);
  g_object_set_data_full (G_OBJECT (page), "okap-limits", self, limits_free);
  (void) okap_setting_row_cents (group, "default-daily-cents", _("A Day"),
                                 _("What an app may spend in a day."));
  (void) okap_setting_row_cents (group, "default-monthly-cents", _("A Month"),
                                 _("What an app may spend in a month."));
  (void) okap_setting_row_number (group, "default-requests-per-minute", _("Requests a Minute"),
                                  _("How often an app may ask a provider."), NULL, 0,
                                  MOST_REQUESTS);
  add_threshold (page, self);
  refresh (self);
  g_signal_connect_object (okap_core_get_vault (core), "notify::state", G_CALLBACK (state_cb),
                           page, 0);
  return GTK_WIDGET (page);
}
