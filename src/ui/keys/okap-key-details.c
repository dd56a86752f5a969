/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of one key: how it does, what its provider told of money, what it was used for and by
 * whom, its versions. Testing asks the provider with its cheapest request; removing says first
 * which apps would stop working. All of it are plain buttons and no actions: an action could be
 * called over the bus. Main thread. */
#include "config.h"

#include "okap-key-details.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-format.h"
#include "okap-key-dialog.h"
#include "okap-key-remove.h"
#include "okap-key-words.h"
#include "okap-rows.h"
#include "okap-sparkline.h"
#include "okap-words.h"

struct _OkapKeyDetails
{
  AdwBin parent_instance;

  OkapCore *core;          /* (owned) (nullable) until set */
  OkapKeyStats *stats;     /* (owned) (nullable) until set */
  OkapKeyInfo *key;        /* (owned) (nullable) until shown */
  char *verdict;           /* (owned) (nullable) of the last test, in words */
  gboolean testing;
  GPtrArray *app_rows;     /* (owned) (element-type GtkWidget) in the list, lent by it */

  AdwAvatar *avatar;       /* template children */
  GtkLabel *provider_label;
  GtkLabel *name_label;
  GtkWidget *list_button;
  AdwActionRow *health_row;
  GtkImage *health_icon;
  GtkWidget *spinner;
  GtkWidget *test_button;
  AdwActionRow *rotation_row;
  GtkWidget *settle_box;
  AdwActionRow *standing_row;
  AdwActionRow *spent_row;
  OkapSparkline *sparkline;
  AdwActionRow *last_row;
  AdwPreferencesGroup *apps_group;
  AdwActionRow *version_row;
  GtkEditable *label_row;
  AdwActionRow *address_row;
  GtkWidget *replace_button;
};

G_DEFINE_FINAL_TYPE (OkapKeyDetails, okap_key_details, ADW_TYPE_BIN)

enum
{
  SIGNAL_BACK,
  SIGNAL_SHOW_APP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static OkapBroker *
get_broker (OkapKeyDetails *self)
{
  return okap_core_get_broker (self->core);
}

static OkapKeyCare *
get_care (OkapKeyDetails *self)
{
  return okap_broker_get_key_care (get_broker (self));
}

static gint64
get_now (void)
{
  return okap_clock_get_now (okap_clock_get_real ());
}

static GPtrArray *
list_apps (OkapKeyDetails *self)
{
  return okap_key_use_list_apps (okap_broker_get_grants (get_broker (self)),
                                 okap_key_info_get_id (self->key), get_now ());
}

static void
set_title (AdwActionRow *row, const char *title)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
}

/* --- what is shown --- */

static void
show_icon (OkapKeyDetails *self, OkapKeyClass class)
{
  static const char *const styles[] = { "success", "warning", "error" };
  const char *style = okap_words_health_style (class);

  gtk_image_set_from_icon_name (self->health_icon, okap_words_health_icon (class));
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self->health_icon), styles[i]);
  if (style != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->health_icon), style);
}

static void
show_health (OkapKeyDetails *self)
{
  OkapKeyHealth health = okap_key_care_get_health (get_care (self), self->key);
  gint64 now_us = get_now ();
  const OkapRotation *rotation = okap_key_info_get_rotation (self->key);
  g_autofree char *words = okap_words_for_health (&health, now_us);
  g_autofree char *replacing = okap_words_for_rotation (self->key, now_us);

  set_title (self->health_row, self->testing ? _("Asking the provider…")
                               : self->verdict != NULL ? self->verdict : words);
  show_icon (self, health.class);
  gtk_widget_set_visible (self->spinner, self->testing);
  gtk_widget_set_sensitive (self->test_button, !self->testing);
  gtk_widget_set_visible (GTK_WIDGET (self->rotation_row), replacing != NULL);
  set_title (self->rotation_row, replacing != NULL ? replacing : "");
  gtk_widget_set_visible (self->settle_box,
                          rotation != NULL && rotation->state == OKAP_ROTATION_WATCHING);
  gtk_widget_set_sensitive (self->replace_button, !okap_rotation_is_open (rotation));
}

static void
show_standing (OkapKeyDetails *self)
{
  const OkapKeyStanding *standing = okap_key_care_get_standing (get_care (self), self->key);
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (self->key));
  g_autoptr (GString) title = g_string_new (NULL);
  g_autofree char *ago = NULL;
  g_autofree char *subtitle = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->standing_row), standing != NULL);
  if (standing == NULL)
    return;
  for (guint i = 0; i < standing->n_facts; i++)
    {
      g_autofree char *words = okap_words_for_standing (&standing->facts[i]);

      g_string_append_printf (title, "%s%s", i > 0 ? "\n" : "", words);
    }
  ago = okap_format_ago (standing->asked_us, get_now ());
  /* Translators: the name of a provider, and when, such as “Just now” */
  subtitle = g_strdup_printf (_("As %s says · %s"), provider, ago);
  set_title (self->standing_row, title->str);
  adw_action_row_set_subtitle (self->standing_row, subtitle);
}

static void
show_use (OkapKeyDetails *self)
{
  OkapKeyUse use = okap_key_stats_get (self->stats, okap_key_info_get_id (self->key));
  g_autofree char *spent = okap_format_money (use.month_nusd);
  g_autofree char *requests = okap_format_requests (use.month_requests);
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", spent, requests);
  g_autofree char *ago = use.last_us != 0 ? okap_format_ago (use.last_us, get_now ())
                                          : g_strdup (_("Never"));
  g_autofree char *exact = use.last_us != 0 ? okap_format_time (use.last_us) : NULL;
  double usd[OKAP_KEY_DAYS];

  adw_action_row_set_subtitle (self->spent_row, subtitle);
  adw_action_row_set_subtitle (self->last_row, ago);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->last_row), exact);
  okap_key_stats_get_days (self->stats, okap_key_info_get_id (self->key), usd);
  okap_sparkline_set_values (self->sparkline, usd, OKAP_KEY_DAYS);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->sparkline), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Spend of the last 30 days"), -1);
}

static void
app_activated_cb (GtkWidget *row, OkapKeyDetails *self)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_APP], 0, gtk_widget_get_name (row));
}

static void
add_app_row (OkapKeyDetails *self, const OkapGrant *grant)
{
  GtkWidget *row;
  GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");
  g_autofree char *state = okap_words_for_state (grant, okap_broker_get_paused (get_broker (self)),
                                                 get_now ());

  row = okap_row_new (okap_grant_get_title (grant), state);
  gtk_widget_add_css_class (arrow, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
  gtk_widget_set_name (row, grant->id);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect (row, "activated", G_CALLBACK (app_activated_cb), self);
  adw_preferences_group_add (self->apps_group, row);
  g_ptr_array_add (self->app_rows, row);
}

static void
show_apps (OkapKeyDetails *self)
{
  g_autoptr (GPtrArray) apps = list_apps (self);

  for (guint i = 0; i < self->app_rows->len; i++)
    adw_preferences_group_remove (self->apps_group, self->app_rows->pdata[i]);
  g_ptr_array_set_size (self->app_rows, 0);
  adw_preferences_group_set_description (self->apps_group,
                                         apps->len == 0 ? _("No app uses this key.") : NULL);
  for (guint i = 0; i < apps->len; i++)
    add_app_row (self, apps->pdata[i]);
}

static void
show_versions (OkapKeyDetails *self)
{
  g_autofree char *date = okap_format_date (okap_key_info_get_since (self->key));
  const char *address = okap_key_info_get_base_url (self->key);
  /* Translators: the number of a version of a key, and a date */
  g_autofree char *words = g_strdup_printf (_("%u, since %s"),
                                            okap_key_info_get_version (self->key), date);

  adw_action_row_set_subtitle (self->version_row, words);
  adw_action_row_set_subtitle (self->address_row, address != NULL ? address : "");
  gtk_widget_set_visible (GTK_WIDGET (self->address_row), address != NULL);
}

static void
update (OkapKeyDetails *self)
{
  g_autofree char *provider = NULL;
  g_autofree char *name = NULL;

  if (self->key == NULL)
    return;
  provider = okap_words_for_provider (okap_key_info_get_provider (self->key));
  name = okap_words_for_key (self->key);
  adw_avatar_set_text (self->avatar, provider);
  gtk_label_set_text (self->provider_label, provider);
  gtk_label_set_text (self->name_label, name);
  show_health (self);
  show_standing (self);
  show_use (self);
  show_apps (self);
  show_versions (self);
}

static void
stats_changed_cb (OkapKeyDetails *self)
{
  if (self->key != NULL)
    show_use (self);
}

static void
grants_changed_cb (OkapKeyDetails *self)
{
  if (self->key != NULL)
    show_apps (self);
}

static void
health_changed_cb (OkapKeyDetails *self, const char *key_id)
{
  if (self->key == NULL || strcmp (key_id, okap_key_info_get_id (self->key)) != 0)
    return;
  g_clear_pointer (&self->verdict, g_free);
  show_health (self);
  show_standing (self);
}

/* --- what can be done --- */

static void
list_cb (OkapKeyDetails *self)
{
  g_signal_emit (self, signals[SIGNAL_BACK], 0);
}

static gboolean
back_key_cb (GtkWidget *widget, GVariant *parameter, gpointer user_data)
{
  list_cb (OKAP_KEY_DETAILS (widget));
  return GDK_EVENT_STOP;
}

typedef struct
{
  OkapKeyDetails *self;  /* (owned) */
  OkapKeyInfo *key;      /* (owned) that it is about: another one may be shown by now */
} Doing;

static Doing *
doing_new (OkapKeyDetails *self)
{
  Doing *doing = g_new (Doing, 1);

  doing->self = g_object_ref (self);
  doing->key = g_object_ref (self->key);
  return doing;
}

static void
doing_free (Doing *doing)
{
  g_object_unref (doing->self);
  g_object_unref (doing->key);
  g_free (doing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Doing, doing_free)

static gboolean
is_shown (const Doing *doing)
{
  return doing->self->key != NULL
         && g_str_equal (okap_key_info_get_id (doing->self->key),
                         okap_key_info_get_id (doing->key));
}

/* Consumes @verdict. */
static void
tell (const Doing *doing, char *verdict)
{
  g_autofree char *words = verdict;

  if (!is_shown (doing))
    return;
  g_free (doing->self->verdict);
  doing->self->verdict = g_steal_pointer (&words);
  show_health (doing->self);
  show_standing (doing->self);
}

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Doing) doing = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  (void) okap_core_test_key_finish (OKAP_CORE (source), result, &words, &error);
  if (is_shown (doing))
    doing->self->testing = FALSE;
  tell (doing, okap_words_for_test (doing->key, words, error));
}

/** okap_key_details_test: asks the provider of the key that is shown, unless it is being asked */
void
okap_key_details_test (OkapKeyDetails *self)
{
  if (self->testing)
    return;
  self->testing = TRUE;
  if (gtk_widget_has_focus (self->test_button))
    gtk_widget_grab_focus (self->list_button);
  show_health (self);
  okap_core_test_key_async (self->core, okap_key_info_get_id (self->key), tested_cb,
                            doing_new (self));
}

static void
replace_cb (OkapKeyDetails *self)
{
  GtkWidget *dialog = okap_key_dialog_new_replacement (get_broker (self), self->key);

  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Doing) doing = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = okap_key_care_settle_finish (OKAP_KEY_CARE (source), result,
                                                             &error);

  gtk_widget_set_sensitive (doing->self->settle_box, TRUE);
  if (key == NULL)
    tell (doing, okap_words_for_error (error));
}

static void
settle (OkapKeyDetails *self, gboolean keep)
{
  okap_row_drop_focus (self->settle_box);
  gtk_widget_set_sensitive (self->settle_box, FALSE);
  okap_key_care_settle_async (get_care (self), okap_key_info_get_id (self->key), keep, settled_cb,
                              doing_new (self));
}

static void
back_cb (OkapKeyDetails *self)
{
  settle (self, FALSE);
}

static void
keep_cb (OkapKeyDetails *self)
{
  settle (self, TRUE);
}

static void
renamed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Doing) doing = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = okap_vault_rename_key_finish (OKAP_VAULT (source), result, &error);

  if (key == NULL)
    tell (doing, okap_words_for_error (error));
}

static void
rename_cb (OkapKeyDetails *self)
{
  if (self->key != NULL)
    okap_vault_rename_key_async (okap_core_get_vault (self->core),
                                 okap_key_info_get_id (self->key),
                                 gtk_editable_get_text (self->label_row), renamed_cb,
                                 doing_new (self));
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Doing) doing = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_vault_remove_key_finish (OKAP_VAULT (source), result, &error))
    tell (doing, okap_words_for_error (error));
}

static void
remove_response_cb (OkapKeyDetails *self, const char *response)
{
  if (g_str_equal (response, "remove") && self->key != NULL)
    okap_vault_remove_key_async (okap_core_get_vault (self->core),
                                 okap_key_info_get_id (self->key), removed_cb, doing_new (self));
}

static void
remove_cb (OkapKeyDetails *self)
{
  g_autoptr (GPtrArray) apps = list_apps (self);
  GtkWidget *dialog = okap_key_remove_dialog_new (
    GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->key, apps);

  g_signal_connect_object (dialog, "response", G_CALLBACK (remove_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- life --- */

static gboolean
okap_key_details_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (OKAP_KEY_DETAILS (widget)->list_button);
}

static void
okap_key_details_dispose (GObject *object)
{
  OkapKeyDetails *self = OKAP_KEY_DETAILS (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_KEY_DETAILS);
  g_clear_object (&self->key);
  g_clear_object (&self->stats);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_key_details_parent_class)->dispose (object);
}

static void
okap_key_details_finalize (GObject *object)
{
  OkapKeyDetails *self = OKAP_KEY_DETAILS (object);

  g_free (self->verdict);
  g_ptr_array_unref (self->app_rows);
  G_OBJECT_CLASS (okap_key_details_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, avatar);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, provider_label);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, name_label);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, list_button);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, health_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, health_icon);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, test_button);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, rotation_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, settle_box);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, standing_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, spent_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, sparkline);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, last_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, apps_group);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, version_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, address_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, label_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDetails, replace_button);
}

static void
okap_key_details_class_init (OkapKeyDetailsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_key_details_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_key_details_finalize;
  widget_class->grab_focus = okap_key_details_grab_focus;

  signals[SIGNAL_BACK] = g_signal_new ("back", OKAP_TYPE_KEY_DETAILS, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SHOW_APP] = g_signal_new ("show-app", OKAP_TYPE_KEY_DETAILS, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (OKAP_TYPE_SPARKLINE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-key-details.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, list_cb);
  gtk_widget_class_bind_template_callback (widget_class, okap_key_details_test);
  gtk_widget_class_bind_template_callback (widget_class, replace_cb);
  gtk_widget_class_bind_template_callback (widget_class, keep_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
  gtk_widget_class_bind_template_callback (widget_class, rename_cb);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, back_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, GDK_ALT_MASK, back_key_cb, NULL);
}

static void
okap_key_details_init (OkapKeyDetails *self)
{
  self->app_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_key_details_set_core: once, before a key is shown */
void
okap_key_details_set_core (OkapKeyDetails *self, OkapCore *core, OkapKeyStats *stats)
{
  self->core = g_object_ref (core);
  self->stats = g_object_ref (stats);
  g_signal_connect_object (stats, "changed", G_CALLBACK (stats_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_broker_get_grants (get_broker (self)), "items-changed",
                           G_CALLBACK (grants_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_broker (self), "notify::paused", G_CALLBACK (grants_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_care (self), "changed", G_CALLBACK (health_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/* Not as if somebody had typed it. */
static void
set_label (OkapKeyDetails *self, const char *label)
{
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->label_row), FALSE);
  gtk_editable_set_text (self->label_row, label);
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->label_row), TRUE);
}

/** okap_key_details_show: @key: (nullable): the same one as before, too: it has changed; NULL: it
 *   is gone */
void
okap_key_details_show (OkapKeyDetails *self, OkapKeyInfo *key)
{
  gboolean same = self->key != NULL && key != NULL
                  && g_str_equal (okap_key_info_get_id (self->key), okap_key_info_get_id (key));

  if (!same || okap_key_info_get_version (self->key) != okap_key_info_get_version (key))
    {
      g_clear_pointer (&self->verdict, g_free);
      self->testing = same && self->testing;
    }
  if (key != NULL && (!same || g_strcmp0 (okap_key_info_get_label (self->key),
                                          okap_key_info_get_label (key)) != 0))
    set_label (self, okap_key_info_get_label (key));
  g_set_object (&self->key, key);
  update (self);
}

/** okap_key_details_get_id: (nullable): of the key that is shown */
const char *
okap_key_details_get_id (OkapKeyDetails *self)
{
  return self->key != NULL ? okap_key_info_get_id (self->key) : NULL;
}
