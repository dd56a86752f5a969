/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One key of the list: how it does, in words and with an icon that says the same, when it was used
 * last, how many apps use it, and what it cost this month. What can be done with it is on its own
 * page. A key that changed gets a new row. Main thread. */
#include "config.h"

#include "okap-key-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-format.h"
#include "okap-key-words.h"
#include "okap-words.h"

struct _OkapKeyRow
{
  AdwActionRow parent_instance;

  OkapCore *core;        /* (owned) (immutable) */
  OkapKeyStats *stats;   /* (owned) (immutable) */
  OkapKeyInfo *key;      /* (owned) (immutable) */

  AdwAvatar *avatar;     /* template children */
  GtkLabel *spent_label;
  GtkImage *health_icon;
};

G_DEFINE_FINAL_TYPE (OkapKeyRow, okap_key_row, ADW_TYPE_ACTION_ROW)

static OkapKeyCare *
get_care (OkapKeyRow *self)
{
  return okap_broker_get_key_care (okap_core_get_broker (self->core));
}

static char *
dup_apps_words (OkapKeyRow *self, gint64 now_us)
{
  g_autoptr (GPtrArray) apps = okap_key_use_list_apps (
    okap_broker_get_grants (okap_core_get_broker (self->core)), okap_key_info_get_id (self->key),
    now_us);

  if (apps->len == 0)
    return g_strdup (_("No app uses it"));
  return g_strdup_printf (ngettext ("%u app uses it", "%u apps use it", apps->len), apps->len);
}

/* Its health, or what its replacement does. */
static char *
dup_state_words (OkapKeyRow *self, const OkapKeyHealth *health, gint64 now_us)
{
  g_autofree char *replacing = okap_words_for_rotation (self->key, now_us);
  g_autofree char *words = okap_words_for_health (health, now_us);

  return replacing != NULL ? g_strconcat (replacing, "\n", words, NULL)
                           : g_steal_pointer (&words);
}

static void
show_icon (OkapKeyRow *self, OkapKeyClass class)
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
update (OkapKeyRow *self)
{
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  OkapKeyHealth health = okap_key_care_get_health (get_care (self), self->key);
  OkapKeyUse use = okap_key_stats_get (self->stats, okap_key_info_get_id (self->key));
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (self->key));
  g_autofree char *name = okap_words_for_key (self->key);
  g_autofree char *state = dup_state_words (self, &health, now_us);
  g_autofree char *apps = dup_apps_words (self, now_us);
  g_autofree char *ago = use.last_us != 0 ? okap_format_ago (use.last_us, now_us)
                                          : g_strdup (_("Never used"));
  g_autofree char *spent = okap_format_money (use.month_nusd);
  g_autofree char *subtitle = g_strdup_printf ("%s\n%s · %s", state, apps, ago);
  /* Translators: the name of a provider, and an amount of money */
  g_autofree char *label = g_strdup_printf (_("%s, %s this month"), provider, spent);

  adw_avatar_set_text (self->avatar, provider);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  gtk_label_set_text (self->spent_label, spent);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle, -1);
  show_icon (self, health.class);
}

static void
health_changed_cb (OkapKeyRow *self, const char *key_id)
{
  if (strcmp (key_id, okap_key_info_get_id (self->key)) == 0)
    update (self);
}

static void
okap_key_row_dispose (GObject *object)
{
  OkapKeyRow *self = OKAP_KEY_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_KEY_ROW);
  g_clear_object (&self->core);
  g_clear_object (&self->stats);
  g_clear_object (&self->key);
  G_OBJECT_CLASS (okap_key_row_parent_class)->dispose (object);
}

static void
okap_key_row_class_init (OkapKeyRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_key_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-key-row.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, spent_label);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyRow, health_icon);
}

static void
okap_key_row_init (OkapKeyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
okap_key_row_new (OkapCore *core, OkapKeyStats *stats, OkapKeyInfo *key)
{
  OkapKeyRow *self = g_object_new (OKAP_TYPE_KEY_ROW, NULL);

  self->core = g_object_ref (core);
  self->stats = g_object_ref (stats);
  self->key = g_object_ref (key);
  g_signal_connect_object (stats, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_broker_get_grants (okap_core_get_broker (core)), "items-changed",
                           G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_care (self), "changed", G_CALLBACK (health_changed_cb), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

const char *
okap_key_row_get_id (OkapKeyRow *self)
{
  return okap_key_info_get_id (self->key);
}
