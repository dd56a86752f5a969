/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Until when: a drop-down of the usual answers that are not later than what was asked, and a
 * calendar for any other day. "A day" counts from the decision, not from the request. A script is
 * whatever stands in it tomorrow, so that its answer is for this run unless chosen otherwise. */
#include "config.h"

#include "okap-until-group.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-rows.h"

typedef enum
{
  CHOICE_AS_ASKED,
  CHOICE_RUN,
  CHOICE_DAYS,
  CHOICE_DATE,
  CHOICE_RENEWING,
} ChoiceKind;

typedef struct
{
  ChoiceKind kind;
  int days;
} Choice;

struct _OkapUntilGroup
{
  AdwPreferencesGroup parent_instance;

  gint64 asked_us;         /* (immutable) the latest end of CHOICE_AS_ASKED, _DAYS, _DATE */
  gboolean defaulted;      /* (immutable) Okap chose it */
  AdwComboRow *choice_row; /* (unowned) */
  GtkWidget *date_row;     /* (unowned) shown with CHOICE_DATE */
  GtkWidget *date_button;  /* (unowned) */
  GtkWidget *calendar;     /* (unowned) */
  GArray *choices;         /* (owned) (element-type Choice) as in @choice_row */
};

G_DEFINE_FINAL_TYPE (OkapUntilGroup, okap_until_group, ADW_TYPE_PREFERENCES_GROUP)

static const Choice *
get_choice (OkapUntilGroup *self)
{
  guint selected = adw_combo_row_get_selected (self->choice_row);

  return &g_array_index (self->choices, Choice, selected < self->choices->len ? selected : 0);
}

/* The end of the chosen day, but not before the end of today nor after what was asked. */
static gint64
get_date_us (OkapUntilGroup *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (GTK_CALENDAR (self->calendar));
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 chosen_us = g_date_time_to_unix (day) * OKAP_SECOND_US;
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

  return MIN (okap_time_next_day (MAX (chosen_us, now_us), zone), self->asked_us);
}

static void
date_changed_cb (OkapUntilGroup *self)
{
  gint64 date_us = get_date_us (self);
  g_autofree char *words = okap_format_date (date_us - (date_us < self->asked_us));

  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->date_button), words);
}

static void
choice_changed_cb (OkapUntilGroup *self)
{
  ChoiceKind kind = get_choice (self)->kind;
  const char *words = "";

  gtk_widget_set_visible (self->date_row, kind == CHOICE_DATE);
  if (kind == CHOICE_RUN)
    words = _("It ends with the program that asks.");
  else if (kind == CHOICE_RENEWING)
    words = _("Limits of money begin anew each day or month, and it is not asked again.");
  else if (kind == CHOICE_AS_ASKED && self->defaulted)
    words = _("Okap’s default");
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->choice_row), words);
}

static void
add_choice (OkapUntilGroup *self, GtkStringList *names, ChoiceKind kind, int days, const char *name)
{
  Choice choice = { kind, days };

  g_array_append_val (self->choices, choice);
  gtk_string_list_append (names, name);
}

static void
build_choices (OkapUntilGroup *self, OkapQuestion *question)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autofree char *asked = okap_format_date (self->asked_us);
  gint64 left_us = self->asked_us - okap_clock_get_now (okap_clock_get_real ());
  gboolean run = okap_question_may_last (question, OKAP_TERM_RUN);

  if (run)
    add_choice (self, names, CHOICE_RUN, 0, _("This run"));
  add_choice (self, names, CHOICE_AS_ASKED, 0, asked);
  if (left_us > OKAP_DAY_US)
    add_choice (self, names, CHOICE_DAYS, 1, _("A day from now"));
  if (left_us > 7 * OKAP_DAY_US)
    add_choice (self, names, CHOICE_DAYS, 7, _("A week from now"));
  if (left_us > 31 * OKAP_DAY_US)
    add_choice (self, names, CHOICE_DAYS, 30, _("30 days from now"));
  if (left_us > OKAP_DAY_US)
    add_choice (self, names, CHOICE_DATE, 0, _("Another date"));
  if (okap_question_may_last (question, OKAP_TERM_RENEWING))
    add_choice (self, names, CHOICE_RENEWING, 0, _("A year, renewing"));
  adw_combo_row_set_model (self->choice_row, G_LIST_MODEL (names));
  if (run && okap_question_get_caller (question)->identity->kind != OKAP_IDENTITY_SCRIPT)
    adw_combo_row_set_selected (self->choice_row, 1);
}

static void
build_date (OkapUntilGroup *self)
{
  GtkWidget *popover = gtk_popover_new ();
  g_autoptr (GDateTime) asked = g_date_time_new_from_unix_local (self->asked_us / OKAP_SECOND_US);

  self->calendar = gtk_calendar_new ();
  gtk_calendar_select_day (GTK_CALENDAR (self->calendar), asked);
  gtk_popover_set_child (GTK_POPOVER (popover), self->calendar);

  self->date_button = gtk_menu_button_new ();
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->date_button), popover);
  gtk_widget_set_valign (self->date_button, GTK_ALIGN_CENTER);

  self->date_row = okap_row_new (_("Last day"), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->date_row), self->date_button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->date_row), self->date_button);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), self->date_row);

  g_signal_connect_object (self->calendar, "day-selected", G_CALLBACK (date_changed_cb), self,
                           G_CONNECT_SWAPPED);
  date_changed_cb (self);
}

static void
okap_until_group_finalize (GObject *object)
{
  g_clear_pointer (&OKAP_UNTIL_GROUP (object)->choices, g_array_unref);
  G_OBJECT_CLASS (okap_until_group_parent_class)->finalize (object);
}

static void
okap_until_group_class_init (OkapUntilGroupClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_until_group_finalize;
}

static void
okap_until_group_init (OkapUntilGroup *self)
{
  self->choices = g_array_new (FALSE, FALSE, sizeof (Choice));
}

/** okap_until_group_new: what may be chosen is what @question may last */
GtkWidget *
okap_until_group_new (OkapQuestion *question)
{
  OkapUntilGroup *self = g_object_new (OKAP_TYPE_UNTIL_GROUP, NULL);

  self->asked_us = okap_question_get_end (question, OKAP_TERM_UNTIL,
                                          okap_clock_get_now (okap_clock_get_real ()));
  self->defaulted = okap_question_get_request (question)->expires_defaulted;
  self->choice_row = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->choice_row), _("Until"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self->choice_row), 0);
  build_choices (self, question);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), GTK_WIDGET (self->choice_row));
  build_date (self);

  g_signal_connect_object (self->choice_row, "notify::selected", G_CALLBACK (choice_changed_cb),
                           self, G_CONNECT_SWAPPED);
  choice_changed_cb (self);
  return GTK_WIDGET (self);
}

OkapGrantTerm
okap_until_group_get_term (OkapUntilGroup *self)
{
  switch (get_choice (self)->kind)
    {
    case CHOICE_RUN:
      return OKAP_TERM_RUN;
    case CHOICE_RENEWING:
      return OKAP_TERM_RENEWING;
    case CHOICE_AS_ASKED:
    case CHOICE_DAYS:
    case CHOICE_DATE:
    default:
      return OKAP_TERM_UNTIL;
    }
}

/** okap_until_group_get_expires: the end if it is decided now; 0 for the latest of its term */
gint64
okap_until_group_get_expires (OkapUntilGroup *self)
{
  const Choice *choice = get_choice (self);

  switch (choice->kind)
    {
    case CHOICE_AS_ASKED:
    case CHOICE_RUN:
    case CHOICE_RENEWING:
      return 0;
    case CHOICE_DAYS:
      return MIN (okap_clock_get_now (okap_clock_get_real ()) + choice->days * OKAP_DAY_US,
                  self->asked_us);
    case CHOICE_DATE:
      return get_date_us (self);
    default:
      g_assert_not_reached ();
    }
}
