/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Don't Allow ▾. Its actions live in this widget: GTK puts on the bus only those of an application
 * and of its GtkApplicationWindows, and no other program shall be able to refuse for the user,
 * either. "Refuse all" is there while something waits. */
#include "config.h"

#include "okap-refuse-button.h"

#include <glib/gi18n.h>

#define GROUP "refuse"

struct _OkapRefuseButton
{
  AdwBin parent_instance;

  GtkWidget *button;   /* (unowned) child */
  GMenu *menu;         /* (owned) */
};

G_DEFINE_FINAL_TYPE (OkapRefuseButton, okap_refuse_button, ADW_TYPE_BIN)

enum
{
  SIGNAL_REFUSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const struct
{
  const char *name;
  const char *label;
  OkapRefusal refusal;
} refusals[] = {
  { "now", N_("Not Now"), OKAP_REFUSAL_ONCE },
  { "hour", N_("Not for an Hour"), OKAP_REFUSAL_HOUR },
  { "always", N_("Never This Program"), OKAP_REFUSAL_ALWAYS },
  { "all", N_("Refuse All That Wait"), OKAP_REFUSAL_ALL },
};

static void
refuse_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *name = g_action_get_name (G_ACTION (action));

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (g_str_equal (refusals[i].name, name))
      g_signal_emit (user_data, signals[SIGNAL_REFUSED], 0, refusals[i].refusal);
}

static void
clicked_cb (OkapRefuseButton *self)
{
  g_signal_emit (self, signals[SIGNAL_REFUSED], 0, OKAP_REFUSAL_ONCE);
}

static void
waiting_changed_cb (OkapRefuseButton *self, GParamSpec *pspec, OkapQuestion *question)
{
  gboolean waiting = okap_question_get_waiting (question) > 0;

  g_menu_remove_all (self->menu);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (waiting || refusals[i].refusal != OKAP_REFUSAL_ALL)
      {
        g_autofree char *action = g_strdup_printf (GROUP ".%s", refusals[i].name);

        g_menu_append (self->menu, _(refusals[i].label), action);
      }
}

static void
okap_refuse_button_finalize (GObject *object)
{
  g_object_unref (OKAP_REFUSE_BUTTON (object)->menu);
  G_OBJECT_CLASS (okap_refuse_button_parent_class)->finalize (object);
}

static void
okap_refuse_button_class_init (OkapRefuseButtonClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_refuse_button_finalize;
  signals[SIGNAL_REFUSED] = g_signal_new ("refused", OKAP_TYPE_REFUSE_BUTTON, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

/* libadwaita 1.2 has no name for the half of a split button that opens its menu. */
static void
name_menu (GtkWidget *split_button)
{
  for (GtkWidget *child = gtk_widget_get_first_child (split_button); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _("More Ways Not to Allow"), -1);
}

static void
okap_refuse_button_init (OkapRefuseButton *self)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GSimpleAction) action = g_simple_action_new (refusals[i].name, NULL);

      g_signal_connect_object (action, "activate", G_CALLBACK (refuse_cb), self, 0);
      g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
    }
  gtk_widget_insert_action_group (GTK_WIDGET (self), GROUP, G_ACTION_GROUP (group));

  self->menu = g_menu_new ();
  self->button = adw_split_button_new ();
  adw_split_button_set_label (ADW_SPLIT_BUTTON (self->button), C_("consent", "Don’t Allow"));
  adw_split_button_set_menu_model (ADW_SPLIT_BUTTON (self->button), G_MENU_MODEL (self->menu));
  adw_split_button_set_direction (ADW_SPLIT_BUTTON (self->button), GTK_ARROW_UP);
  adw_split_button_set_dropdown_tooltip (ADW_SPLIT_BUTTON (self->button),
                                         _("More Ways Not to Allow"));
  name_menu (self->button);
  g_signal_connect_object (self->button, "clicked", G_CALLBACK (clicked_cb), self,
                           G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), self->button);
}

/** okap_refuse_button_set_question: what is refused, and whether more wait; once */
void
okap_refuse_button_set_question (OkapRefuseButton *self, OkapQuestion *question)
{
  g_signal_connect_object (question, "notify::waiting", G_CALLBACK (waiting_changed_cb), self,
                           G_CONNECT_SWAPPED);
  waiting_changed_cb (self, NULL, question);
}
