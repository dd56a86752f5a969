/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One app, as one grant. The row shows the grant item's current version and follows it; pause,
 * resume and revoke go to the broker, which acts at once. They are plain buttons and no actions:
 * an action could be called over the bus. Resuming gives access back, so it takes a press by a
 * device. Main thread. */
#include "config.h"

#include "okap-app-row.h"

#include <glib/gi18n.h>

#include "okap-evidence.h"
#include "okap-format.h"
#include "okap-press.h"
#include "okap-text.h"
#include "okap-words.h"

#define TITLE_CHARS    48
#define EVIDENCE_CHARS 64

struct _OkapAppRow
{
  AdwExpanderRow parent_instance;

  OkapBroker *broker;       /* (owned) (immutable) */
  OkapAppStats *stats;      /* (owned) (immutable) */
  OkapGrantItem *item;      /* (owned) (immutable) */
  guint timeout_id;         /* for the words that grow old */
  OkapPress *pause_press;   /* (owned) of pause_button */

  AdwAvatar *avatar;        /* template children */
  GtkLabel *spend_label;
  GtkLabel *state_label;
  AdwActionRow *evidence_row;
  GtkImage *evidence_icon;
  AdwActionRow *binding_row;
  GtkImage *binding_icon;
  AdwActionRow *reason_row;
  AdwActionRow *may_row;
  AdwActionRow *limits_row;
  AdwActionRow *time_row;
  AdwActionRow *use_row;
  GtkWidget *actions_row;
  GtkWidget *pause_button;
  GtkWidget *revoke_button;
};

G_DEFINE_FINAL_TYPE (OkapAppRow, okap_app_row, ADW_TYPE_EXPANDER_ROW)

static gint64
get_now (void)
{
  return okap_clock_get_now (okap_clock_get_real ());
}

static char *
dup_title (OkapAppRow *self)
{
  return okap_text_shorten (okap_grant_get_title (okap_grant_item_get_grant (self->item)),
                            TITLE_CHARS);
}

static void
show_line (AdwActionRow *row, const char *text)
{
  adw_action_row_set_subtitle (row, text);
  gtk_widget_set_visible (GTK_WIDGET (row), *text != '\0');
}

static void
show_scopes (OkapAppRow *self, const OkapGrant *grant)
{
  GString *may = g_string_new (NULL);
  GString *limits = g_string_new (NULL);

  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);
      g_autofree char *provider = okap_words_for_provider (scope->provider);
      g_autofree char *models = okap_words_for_models (scope->models);
      g_autofree char *does = okap_words_for_capabilities (scope->capabilities);
      g_autofree char *most = okap_words_for_limits (&scope->limits);
      const char *line_break = i > 0 ? "\n" : "";

      /* Translators: a provider, its models, and what may be done with them */
      g_string_append_printf (may, _("%s%s: %s, for %s"), line_break, provider, models, does);
      if (grant->scopes->len > 1)
        g_string_append_printf (limits, "%s%s: %s", line_break, provider, most);
      else
        g_string_append (limits, most);
    }
  show_line (self->may_row, may->str);
  show_line (self->limits_row, limits->str);
  g_string_free (may, TRUE);
  g_string_free (limits, TRUE);
}

static void
show_use (OkapAppRow *self, const OkapGrant *grant)
{
  OkapAppUse use = okap_app_stats_get (self->stats, grant->id);
  g_autofree char *requests = okap_format_requests (use.requests);
  g_autofree char *last = use.last_us > 0 ? okap_format_ago (use.last_us, get_now ()) : NULL;
  g_autofree char *spend = okap_format_money (use.month_nusd);
  g_autofree char *state = okap_words_for_state (grant, get_now ());
  g_autofree char *month = use.month_unknown > 0
    /* Translators: an amount of money, and a number of requests */
    ? g_strdup_printf (_("%s this month, and %s without a known price"), spend,
                       use.month_unknown == 1 ? _("one request") : _("some requests"))
    /* Translators: an amount of money */
    : g_strdup_printf (_("%s this month"), spend);
  g_autofree char *used = last != NULL ? g_strdup_printf ("%s · %s", requests, month)
                                       : g_strdup (_("Not yet"));
  g_autofree char *evidence = okap_text_shorten (grant->evidence, EVIDENCE_CHARS);
  g_autofree char *line = g_strdup_printf ("%s · %s", evidence,
                                           last != NULL ? last : _("Not used yet"));

  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), line);
  adw_action_row_set_subtitle (self->use_row, used);
  gtk_label_set_text (self->spend_label, spend);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->spend_label), month);
  gtk_label_set_text (self->state_label, state);
}

static void
show_time (OkapAppRow *self, const OkapGrant *grant)
{
  g_autofree char *words = okap_evidence_dup_term (grant);

  adw_action_row_set_subtitle (self->time_row, words);
}

/* Who it was given to, and who could use it. */
static void
show_binding (OkapAppRow *self, const OkapGrant *grant)
{
  gboolean risk = grant->portable || grant->identity->kind == OKAP_IDENTITY_UNKNOWN;
  g_autofree char *words = okap_evidence_dup_binding (grant);

  show_line (self->evidence_row, grant->evidence);
  gtk_image_set_from_icon_name (self->evidence_icon, okap_evidence_get_icon (grant->identity));
  show_line (self->binding_row, words);
  gtk_image_set_from_icon_name (self->binding_icon, risk ? "dialog-warning-symbolic"
                                                         : "changes-prevent-symbolic");
  if (risk)
    gtk_widget_add_css_class (GTK_WIDGET (self->binding_row), "okap-risk");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->binding_row), "okap-risk");
}

static void
show_state (OkapAppRow *self, const OkapGrant *grant)
{
  gboolean live = okap_grant_is_live (grant, get_now ());
  gboolean paused = live && grant->state == OKAP_GRANT_PAUSED;

  gtk_widget_set_visible (self->actions_row, live);
  gtk_button_set_label (GTK_BUTTON (self->pause_button), paused ? _("Resume") : _("Pause"));
  if (paused)
    gtk_widget_add_css_class (GTK_WIDGET (self->state_label), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->state_label), "warning");
}

static void
update (OkapAppRow *self)
{
  const OkapGrant *grant = okap_grant_item_get_grant (self->item);
  g_autofree char *title = dup_title (self);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  adw_avatar_set_text (self->avatar, title);
  show_binding (self, grant);
  show_line (self->reason_row, grant->reason);
  show_scopes (self, grant);
  show_time (self, grant);
  show_use (self, grant);
  show_state (self, grant);
}

static gboolean
minute_cb (gpointer user_data)
{
  OkapAppRow *self = user_data;

  show_use (self, okap_grant_item_get_grant (self->item));
  show_state (self, okap_grant_item_get_grant (self->item));
  return G_SOURCE_CONTINUE;
}

static void
state_set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapAppRow) self = user_data;
  g_autoptr (GError) error = NULL;

  gtk_widget_set_sensitive (self->actions_row, TRUE);
  if (!okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    {
      g_autofree char *words = okap_words_for_error (error);

      adw_action_row_set_subtitle (self->use_row, words);
    }
}

static void
set_state (OkapAppRow *self, OkapGrantState state, const char *why)
{
  gtk_widget_set_sensitive (self->actions_row, FALSE);
  okap_broker_set_grant_state_async (self->broker, okap_grant_item_get_grant (self->item)->id,
                                     state, why, state_set_cb, g_object_ref (self));
}

static void
pause_cb (OkapAppRow *self)
{
  gboolean by_person = okap_press_take (self->pause_press, 0);

  if (okap_grant_item_get_grant (self->item)->state != OKAP_GRANT_PAUSED)
    set_state (self, OKAP_GRANT_PAUSED, "paused in the window");
  else if (by_person)
    set_state (self, OKAP_GRANT_ACTIVE, "resumed in the window");
  else
    adw_action_row_set_subtitle (self->use_row, okap_press_get_hint ());
}

static void
revoke_response_cb (OkapAppRow *self, const char *response)
{
  if (g_str_equal (response, "revoke"))
    set_state (self, OKAP_GRANT_REVOKED, "revoked in the window");
}

static void
revoke_cb (OkapAppRow *self)
{
  g_autofree char *title = dup_title (self);
  /* Translators: %s is the name of an app */
  g_autofree char *heading = g_strdup_printf (_("Revoke Access of “%s”?"), title);
  GtkWidget *dialog = adw_message_dialog_new (
    GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), heading,
    _("What it is doing now is cut off, and it cannot use your keys any more. It may ask again."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "revoke",
                                    _("_Revoke"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "revoke",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (revoke_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
okap_app_row_dispose (GObject *object)
{
  OkapAppRow *self = OKAP_APP_ROW (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_object (&self->pause_press);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_APP_ROW);
  g_clear_object (&self->broker);
  g_clear_object (&self->stats);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (okap_app_row_parent_class)->dispose (object);
}

static void
okap_app_row_class_init (OkapAppRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_app_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-app-row.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, spend_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, evidence_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, evidence_icon);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, binding_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, binding_icon);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, reason_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, may_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, limits_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, time_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, use_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, actions_row);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, pause_button);
  gtk_widget_class_bind_template_child (widget_class, OkapAppRow, revoke_button);
  gtk_widget_class_bind_template_callback (widget_class, pause_cb);
  gtk_widget_class_bind_template_callback (widget_class, revoke_cb);
}

static void
okap_app_row_init (OkapAppRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->pause_press = okap_press_new (self->pause_button);
  self->timeout_id = g_timeout_add_seconds (60, minute_cb, self);
}

GtkWidget *
okap_app_row_new (OkapBroker *broker, OkapAppStats *stats, OkapGrantItem *item)
{
  OkapAppRow *self = g_object_new (OKAP_TYPE_APP_ROW, NULL);

  self->broker = g_object_ref (broker);
  self->stats = g_object_ref (stats);
  self->item = g_object_ref (item);
  g_signal_connect_object (item, "notify::grant", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (stats, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
