/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One app: who it is, what it may do, what is left, what it did, and the ways to change that. Shows
 * the grant item's current version and follows it; what was used is asked of the gate, when usage
 * comes in and while the page is on the screen. What narrows or ends goes to the broker at once;
 * what gives something takes a press by a device (resume) or the passphrase, in a dialog of its
 * own.
 * They are plain buttons and no actions: an action could be called over the bus. Main thread. */
#include "config.h"

#include "okap-app-details.h"

#include <glib/gi18n.h>

#include "okap-app-facts.h"
#include "okap-app-icon.h"
#include "okap-currency.h"
#include "okap-edit-dialog.h"
#include "okap-format.h"
#include "okap-limit-row.h"
#include "okap-log-dialog.h"
#include "okap-log-row.h"
#include "okap-money.h"
#include "okap-more-dialog.h"
#include "okap-press.h"
#include "okap-rows.h"
#include "okap-snippet-box.h"
#include "okap-text.h"
#include "okap-words.h"

#define TITLE_CHARS 64
#define RECENT      5
#define REFRESH_MS  500

struct _OkapAppDetails
{
  AdwBin parent_instance;

  OkapCore *core;            /* (owned) (nullable) until set */
  OkapAppIcons *icons;       /* (owned) (nullable) until set */
  OkapGrantItem *item;       /* (owned) (nullable) */
  gulong item_id;            /* notify::grant of @item */
  OkapPress *pause_press;    /* (owned) of pause_button */
  guint timeout_id;          /* usage came in, and is shown in a moment */
  gboolean reading;          /* its recent rows are being read */

  OkapAppIcon *icon;         /* template children */
  GtkLabel *title_label;
  GtkLabel *evidence_label;
  GtkLabel *state_label;
  GtkLabel *problem_label;
  GtkWidget *buttons;
  GtkWidget *pause_button;
  GtkWidget *edit_button;
  GtkWidget *revoke_button;
  GtkWidget *budget_group;
  GtkListBox *budget_list;
  GtkWidget *more_button;
  GtkListBox *may_list;
  GtkListBox *who_list;
  GtkWidget *recent_group;
  GtkListBox *recent_list;
  OkapSnippetBox *snippets;
};

G_DEFINE_FINAL_TYPE (OkapAppDetails, okap_app_details, ADW_TYPE_BIN)

enum
{
  SIGNAL_REVOKED,
  SIGNAL_SHOW_ACTIVITY,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gint64
get_now (void)
{
  return okap_clock_get_now (okap_clock_get_real ());
}

static OkapBroker *
get_broker (OkapAppDetails *self)
{
  return okap_core_get_broker (self->core);
}

static const OkapGrant *
get_grant (OkapAppDetails *self)
{
  return okap_grant_item_get_grant (self->item);
}

static gboolean
is_live (OkapAppDetails *self)
{
  return okap_grant_is_live (get_grant (self), get_now ());
}

static void
show_problem (OkapAppDetails *self, const char *words)
{
  gtk_label_set_text (self->problem_label, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), words != NULL);
}

/* --- what is left --- */

/* The rows of limits that are there already are changed, so that none moves under the pointer. */
static void
show_budget (OkapAppDetails *self)
{
  const OkapGrant *grant = get_grant (self);
  int position = 0;
  gboolean any_money = FALSE;
  GtkListBoxRow *row;

  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);
      OkapStanding standings[OKAP_N_LIMITS];
      guint n = okap_gate_get_standings (okap_broker_get_gate (get_broker (self)), grant->id,
                                         scope->provider, standings);

      any_money = any_money || okap_scope_has_money (scope);
      for (guint j = 0; j < n; j++)
        {
          row = gtk_list_box_get_row_at_index (self->budget_list, position++);
          if (row == NULL)
            {
              row = GTK_LIST_BOX_ROW (okap_limit_row_new (grant->scopes->len > 1 ? scope->provider
                                                                                 : NULL));
              gtk_list_box_append (self->budget_list, GTK_WIDGET (row));
            }
          okap_limit_row_show (OKAP_LIMIT_ROW (row), &standings[j], &scope->extra, get_now ());
        }
    }
  while ((row = gtk_list_box_get_row_at_index (self->budget_list, position)) != NULL)
    gtk_list_box_remove (self->budget_list, GTK_WIDGET (row));
  gtk_widget_set_visible (self->budget_group, position > 0 && is_live (self));
  gtk_widget_set_visible (self->more_button, any_money);
}

/* --- who may use it --- */

static void
state_set_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapAppDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  gtk_widget_set_sensitive (self->buttons, TRUE);
  if (!okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    words = okap_words_for_error (error);
  show_problem (self, words);
}

/* Takes a program off the list of those that may use the token, too: narrower, so it needs
 * nothing. */
static void
remove_other_cb (OkapAppDetails *self, GtkWidget *button)
{
  const OkapGrant *grant = get_grant (self);
  const char *key = okap_app_facts_get_key (button);
  g_autoptr (OkapGrantEdit) edit = okap_grant_edit_new ();

  edit->others = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_identity_unref);
  for (guint i = 0; i < grant->others->len; i++)
    {
      OkapIdentity *other = g_ptr_array_index (grant->others, i);

      if (g_strcmp0 (okap_identity_get_key (other), key) != 0)
        g_ptr_array_add (edit->others, okap_identity_ref (other));
    }
  okap_broker_edit_grant_async (get_broker (self), grant->id, edit, NULL, state_set_cb,
                                g_object_ref (self));
}

/* --- what it did --- */

static void
add_recent (OkapAppDetails *self, OkapUsage *usage)
{
  g_autoptr (OkapLogItem) item = okap_log_item_new (usage->id);
  GtkWidget *row = okap_log_row_new ();
  GtkWidget *parent = gtk_list_box_row_new ();

  okap_log_item_set_usage (item, usage);
  okap_log_row_set_item (OKAP_LOG_ROW (row), item);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (parent), row);
  g_object_set_data_full (G_OBJECT (parent), "okap-item", g_steal_pointer (&item), g_object_unref);
  gtk_list_box_append (self->recent_list, parent);
}

static void
recent_activated_cb (OkapAppDetails *self, GtkListBoxRow *row)
{
  OkapLogItem *item = g_object_get_data (G_OBJECT (row), "okap-item");

  gtk_window_present (GTK_WINDOW (okap_log_dialog_new (
    item, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))))));
}

static void
recent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapAppDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_find_usage_finish (OKAP_STORE (source), result, &error);

  self->reading = FALSE;
  if (rows == NULL)
    g_message ("The recent activity could not be read: %s", error->message);
  if (rows == NULL || self->item == NULL)
    return;
  okap_app_facts_clear (self->recent_list);
  for (guint i = 0; i < rows->len; i++)
    {
      OkapUsage *usage = g_ptr_array_index (rows, i);

      if (g_strcmp0 (usage->grant_id, get_grant (self)->id) == 0)
        add_recent (self, usage);
    }
  gtk_widget_set_visible (self->recent_group, rows->len > 0);
}

static void
read_recent (OkapAppDetails *self)
{
  const OkapUsageFilter filter = { .grant_id = get_grant (self)->id };

  if (self->reading)
    return;
  self->reading = TRUE;
  okap_store_find_usage_async (okap_core_get_store (self->core), &filter, 0, RECENT, recent_cb,
                               g_object_ref (self));
}

static gboolean
refresh_cb (gpointer user_data)
{
  OkapAppDetails *self = user_data;

  self->timeout_id = 0;
  if (self->item != NULL)
    {
      show_budget (self);
      read_recent (self);
    }
  return G_SOURCE_REMOVE;
}

static void
usage_added_cb (OkapAppDetails *self)
{
  if (self->item != NULL && self->timeout_id == 0
      && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->timeout_id = g_timeout_add (REFRESH_MS, refresh_cb, self);
}

/* --- the whole --- */

static void
show_state (OkapAppDetails *self)
{
  const OkapGrant *grant = get_grant (self);
  gboolean live = is_live (self);
  gboolean paused = live && grant->state == OKAP_GRANT_PAUSED;
  gboolean all_paused = okap_broker_get_paused (okap_core_get_broker (self->core));
  g_autofree char *state = okap_words_for_state (grant, all_paused, get_now ());

  gtk_label_set_text (self->state_label, state);
  gtk_widget_set_visible (self->buttons, live);
  gtk_button_set_label (GTK_BUTTON (self->pause_button), paused ? _("Resume") : _("Pause"));
  gtk_widget_remove_css_class (GTK_WIDGET (self->state_label), "warning");
  gtk_widget_remove_css_class (GTK_WIDGET (self->state_label), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->state_label),
                            paused || (live && all_paused) ? "warning" : "dim-label");
}

static void
update (OkapAppDetails *self)
{
  const OkapGrant *grant = get_grant (self);
  g_autofree char *title = okap_text_shorten (okap_grant_get_title (grant), TITLE_CHARS);

  okap_app_icon_show (self->icon, okap_app_icons_find (self->icons, grant->identity), title);
  gtk_label_set_text (self->title_label, title);
  gtk_label_set_text (self->evidence_label, grant->evidence);
  show_state (self);
  show_budget (self);
  okap_app_facts_show_may (self->may_list, grant, okap_core_get_vault (self->core),
                           is_live (self));
  okap_app_facts_show_who (self->who_list, grant, G_CALLBACK (remove_other_cb), self);
  gtk_widget_set_visible (GTK_WIDGET (self->snippets), is_live (self));
  okap_snippet_box_show (self->snippets, grant, okap_core_get_origin (self->core), NULL);
}

static void
update_shown (OkapAppDetails *self)
{
  if (self->item != NULL)
    update (self);
}

static void
set_state (OkapAppDetails *self, OkapGrantState state, const char *why)
{
  gtk_widget_set_sensitive (self->buttons, FALSE);
  okap_broker_set_grant_state_async (get_broker (self), get_grant (self)->id, state, why,
                                     state_set_cb, g_object_ref (self));
}

static void
pause_cb (OkapAppDetails *self)
{
  gboolean by_person = okap_press_take (self->pause_press, 0);

  if (get_grant (self)->state != OKAP_GRANT_PAUSED)
    set_state (self, OKAP_GRANT_PAUSED, "paused in the window");
  else if (by_person)
    set_state (self, OKAP_GRANT_ACTIVE, "resumed in the window");
  else
    show_problem (self, okap_press_get_hint ());
}

static void
revoke_cb (OkapAppDetails *self)
{
  g_autofree char *id = g_strdup (get_grant (self)->id);

  okap_broker_revoke_async (get_broker (self), id, "revoked in the window", state_set_cb,
                            g_object_ref (self));
  g_signal_emit (self, signals[SIGNAL_REVOKED], 0, id);
}

static void
present (OkapAppDetails *self, GtkWidget *dialog)
{
  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
edit_cb (OkapAppDetails *self)
{
  present (self, okap_edit_dialog_new (get_broker (self), self->item));
}

static void
more_cb (OkapAppDetails *self)
{
  present (self, okap_more_dialog_new (get_broker (self), self->item, OKAP_NUSD_PER_USD));
}

static void
show_all_cb (OkapAppDetails *self)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_ACTIVITY], 0, get_grant (self)->id);
}

static void
okap_app_details_map (GtkWidget *widget)
{
  OkapAppDetails *self = OKAP_APP_DETAILS (widget);

  GTK_WIDGET_CLASS (okap_app_details_parent_class)->map (widget);
  if (self->item == NULL)
    return;
  show_state (self);
  show_budget (self);
  read_recent (self);
}

static void
okap_app_details_dispose (GObject *object)
{
  OkapAppDetails *self = OKAP_APP_DETAILS (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->item != NULL)
    g_clear_signal_handler (&self->item_id, self->item);
  g_clear_object (&self->pause_press);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_APP_DETAILS);
  g_clear_object (&self->item);
  g_clear_object (&self->icons);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_app_details_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, icon);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, title_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, evidence_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, state_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, problem_label);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, buttons);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, pause_button);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, edit_button);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, revoke_button);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, budget_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, budget_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, more_button);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, may_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, who_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, recent_group);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, recent_list);
  gtk_widget_class_bind_template_child (widget_class, OkapAppDetails, snippets);
}

static void
okap_app_details_class_init (OkapAppDetailsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_app_details_dispose;
  widget_class->map = okap_app_details_map;

  signals[SIGNAL_REVOKED] = g_signal_new ("revoked", OKAP_TYPE_APP_DETAILS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_SHOW_ACTIVITY] = g_signal_new ("show-activity", OKAP_TYPE_APP_DETAILS,
                                                G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                G_TYPE_NONE, 1, G_TYPE_STRING);
  g_type_ensure (OKAP_TYPE_APP_ICON);
  g_type_ensure (OKAP_TYPE_SNIPPET_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-app-details.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, pause_cb);
  gtk_widget_class_bind_template_callback (widget_class, edit_cb);
  gtk_widget_class_bind_template_callback (widget_class, revoke_cb);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_all_cb);
  gtk_widget_class_bind_template_callback (widget_class, recent_activated_cb);
}

static void
okap_app_details_init (OkapAppDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->pause_press = okap_press_new (self->pause_button);
}

void
okap_app_details_set_core (OkapAppDetails *self, OkapCore *core, OkapAppIcons *icons)
{
  self->core = g_object_ref (core);
  self->icons = g_object_ref (icons);
  g_signal_connect_object (okap_core_get_broker (core), "notify::paused",
                           G_CALLBACK (update_shown), self, G_CONNECT_SWAPPED);
  okap_currency_watch (self, G_CALLBACK (update_shown));
  g_signal_connect_object (okap_core_get_store (core), "usage-added",
                           G_CALLBACK (usage_added_cb), self, G_CONNECT_SWAPPED);
}

/* The page scrolls itself, and does not say where. */
static gboolean
scroll_to_top (GtkWidget *widget)
{
  if (GTK_IS_SCROLLED_WINDOW (widget))
    {
      gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget)),
                                0);
      return TRUE;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (scroll_to_top (child))
      return TRUE;
  return FALSE;
}

void
okap_app_details_set_item (OkapAppDetails *self, OkapGrantItem *item)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->item_id, self->item);
  g_set_object (&self->item, item);
  okap_app_facts_clear (self->budget_list);
  okap_app_facts_clear (self->recent_list);
  gtk_widget_set_visible (self->recent_group, FALSE);
  show_problem (self, NULL);
  if (item == NULL)
    return;
  self->item_id = g_signal_connect_swapped (item, "notify::grant", G_CALLBACK (update), self);
  update (self);
  read_recent (self);
  scroll_to_top (GTK_WIDGET (self));
}

/** okap_app_details_get_item: (transfer none) (nullable) */
OkapGrantItem *
okap_app_details_get_item (OkapAppDetails *self)
{
  return self->item;
}
