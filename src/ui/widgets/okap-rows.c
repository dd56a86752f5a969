/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows for preference groups as this libadwaita has them or as we must build them: it lacks a
 * spin row, and its titles are markup unless told otherwise. A row labels its activatable widget
 * for screen readers by its title. */
#include "config.h"

#include "okap-rows.h"

#include <math.h>

static void
set_texts (AdwPreferencesRow *row, const char *title)
{
  adw_preferences_row_set_use_markup (row, FALSE);
  adw_preferences_row_set_title (row, title);
}

/** okap_row_new: a row that says something; @subtitle (nullable) may take several lines */
GtkWidget *
okap_row_new (const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  set_texts (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle != NULL ? subtitle : "");
  return row;
}

GtkWidget *
okap_row_new_expander (const char *title, const char *subtitle)
{
  GtkWidget *row = adw_expander_row_new ();

  set_texts (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle != NULL ? subtitle : "");
  return row;
}

/** okap_row_new_check: a row with a tick before it, ticked; the whole row toggles it */
GtkWidget *
okap_row_new_check (const char *title, const char *subtitle, GtkWidget **out_check)
{
  GtkWidget *row = okap_row_new (title, subtitle);
  GtkWidget *check = gtk_check_button_new ();

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  *out_check = check;
  return row;
}

/* The wheel scrolls the page; it must not turn a limit on its way. */
static void
ignore_wheel (GtkWidget *spin)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (spin);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

/**
 * okap_row_new_spin:
 * @unit: (nullable): shown before the number, such as "$"
 * @most: the number that it starts with and that is never passed; the least is 0
 * @digits: decimals
 */
GtkWidget *
okap_row_new_spin (const char *title, const char *subtitle, const char *unit, double most,
                   guint digits, GtkWidget **out_spin)
{
  GtkWidget *row = okap_row_new (title, subtitle);
  double step = digits > 0 ? 0.5 : 1;
  GtkAdjustment *adjustment;
  GtkWidget *spin;

  if (most > 20 * step)
    step = MAX (step, pow (10, floor (log10 (most)) - 1));
  adjustment = gtk_adjustment_new (most, 0, most, step, step * 5, 0);
  spin = gtk_spin_button_new (adjustment, 1, digits);

  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 6);
  gtk_editable_set_alignment (GTK_EDITABLE (spin), 1);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  ignore_wheel (spin);

  if (unit != NULL)
    {
      GtkWidget *label = gtk_label_new (unit);

      gtk_widget_add_css_class (label, "dim-label");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
    }
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), spin);
  *out_spin = spin;
  return row;
}

/** okap_row_drop_focus: before an entry that may have the focus is disabled or hidden: GtkText
 * wants to be told first */
void
okap_row_drop_focus (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  if (root != NULL)
    gtk_root_set_focus (root, NULL);
}

/**
 * okap_button_name_plainly:
 * @button: has a label with a mnemonic, which is not set again
 * @is_labelled: whether something else, such as its row, labels it, too; named after the label
 *
 * GTK 4.8 tells screen readers the label with its underscore, and without a row once more.
 */
void
okap_button_name_plainly (GtkWidget *button, gboolean is_labelled)
{
  GtkWidget *label = gtk_button_get_child (GTK_BUTTON (button));

  if (is_labelled)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    gtk_label_get_text (GTK_LABEL (label)), -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}
