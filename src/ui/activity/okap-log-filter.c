/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filters of a list of what happened: drop-downs, of which the first entry is always "any".
 * Which apps, providers and models there are, the store is asked when they are about to be seen;
 * what was chosen stays chosen. Days are local ones, and a range includes both of its days. Main
 * thread. */
#include "config.h"

#include "okap-log-filter.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-words.h"

typedef enum
{
  STATUS_ANY,
  STATUS_SUCCEEDED,
  STATUS_FAILED,
  STATUS_ESTIMATED,
  STATUS_UNKNOWN,
} Status;

typedef enum
{
  TIME_ANY,
  TIME_TODAY,
  TIME_WEEK,
  TIME_MONTH,
  TIME_RANGE,
} Time;

struct _OkapLogFilter
{
  AdwBin parent_instance;

  OkapStore *store;            /* (owned) (immutable) */
  OkapLogKind kind;            /* (immutable) */
  gboolean filling;            /* what changes is no choice of the user's */

  GtkGrid *grid;
  GtkDropDown *choices[OKAP_N_LOG_FILTER_FIELDS];  /* (nullable) those that the kind has */
  GPtrArray *values[OKAP_N_LOG_FILTER_FIELDS];     /* (owned) (nullable) of names: NULL for any */
  GtkWidget *range;            /* what is shown for a range of days */
  GtkCalendar *from;
  GtkCalendar *until;
  GtkMenuButton *from_button;
  GtkMenuButton *until_button;
};

G_DEFINE_FINAL_TYPE (OkapLogFilter, okap_log_filter, ADW_TYPE_BIN)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *const status_words[] = {
  N_("Any status"), N_("Succeeded"), N_("Failed"), N_("Estimated price"), N_("Unknown price"), NULL
};

static const char *const time_words[] = {
  N_("Any time"), N_("Today"), N_("Last 7 days"), N_("Last 30 days"), N_("Between two days"), NULL
};

static const char *const event_words[] = {
  N_("Everything"), N_("Access of apps"), N_("Keys"), N_("Locking"), N_("Limits"), N_("Prices"),
  N_("Corrections"), NULL
};

static const char *const events[] = {
  NULL, "grant.", "key.", "vault.", "limit.", "prices.", "usage.",
};

static const struct
{
  const char *title;
  const char *any;
  OkapUsageGrouping grouping;
} named[] = {
  [OKAP_LOG_BY_APP] = { N_("App"), N_("Any app"), OKAP_USAGE_BY_APP },
  [OKAP_LOG_BY_PROVIDER] = { N_("Provider"), N_("Any provider"), OKAP_USAGE_BY_PROVIDER },
  [OKAP_LOG_BY_MODEL] = { N_("Model"), N_("Any model"), OKAP_USAGE_BY_MODEL },
};

static guint
get_choice (OkapLogFilter *self, OkapLogFilterField field)
{
  guint choice = self->choices[field] != NULL ? gtk_drop_down_get_selected (self->choices[field])
                                              : 0;

  return choice == GTK_INVALID_LIST_POSITION ? 0 : choice;
}

/* (nullable): of apps, providers and models */
static const char *
get_value (OkapLogFilter *self, OkapLogFilterField field)
{
  guint choice = get_choice (self, field);

  return self->values[field] != NULL && choice < self->values[field]->len
         ? self->values[field]->pdata[choice] : NULL;
}

static gint64
get_day_start (GtkCalendar *calendar)
{
  g_autoptr (GDateTime) date = gtk_calendar_get_date (calendar);
  g_autoptr (GDateTime) local = g_date_time_new_local (g_date_time_get_year (date),
                                                       g_date_time_get_month (date),
                                                       g_date_time_get_day_of_month (date), 0, 0,
                                                       0);

  return local != NULL ? g_date_time_to_unix (local) * OKAP_SECOND_US : 0;
}

static void
get_span (OkapLogFilter *self, gint64 *since_us, gint64 *until_us)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 today_us = okap_time_day_start (okap_clock_get_now (okap_clock_get_real ()), zone);

  *since_us = *until_us = 0;
  switch ((Time) get_choice (self, OKAP_LOG_BY_TIME))
    {
    case TIME_TODAY:
      *since_us = today_us;
      break;
    case TIME_WEEK:
      *since_us = okap_time_day_start (today_us - 6 * OKAP_DAY_US + OKAP_DAY_US / 2, zone);
      break;
    case TIME_MONTH:
      *since_us = okap_time_day_start (today_us - 29 * OKAP_DAY_US + OKAP_DAY_US / 2, zone);
      break;
    case TIME_RANGE:
      *since_us = get_day_start (self->from);
      *until_us = okap_time_next_day (get_day_start (self->until), zone);
      break;
    case TIME_ANY:
    default:
      break;
    }
}

static void
show_dates (OkapLogFilter *self)
{
  g_autofree char *from = okap_format_date (get_day_start (self->from));
  g_autofree char *until = okap_format_date (get_day_start (self->until));

  gtk_menu_button_set_label (self->from_button, from);
  gtk_menu_button_set_label (self->until_button, until);
  gtk_widget_set_visible (self->range, get_choice (self, OKAP_LOG_BY_TIME) == TIME_RANGE);
}

static void
changed (OkapLogFilter *self)
{
  if (self->filling)
    return;
  show_dates (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* --- names that there are --- */

typedef struct
{
  OkapLogFilter *filter;    /* (owned) */
  OkapLogFilterField field;
} NamesWanted;

static char *
dup_shown (OkapLogFilterField field, const char *name)
{
  if (field == OKAP_LOG_BY_PROVIDER)
    return okap_words_for_provider (name);
  return g_strdup (*name != '\0' ? name : _("Without a name"));
}

/* Takes @names, and chooses @chosen (nullable) again, which is added if it is not among them. */
static void
set_names (OkapLogFilter *self, OkapLogFilterField field, GPtrArray *names, const char *chosen)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint selected = 0;

  g_ptr_array_insert (names, 0, NULL);
  for (guint i = 1; chosen != NULL && i < names->len; i++)
    if (strcmp (names->pdata[i], chosen) == 0)
      selected = i;
  if (chosen != NULL && selected == 0)
    {
      g_ptr_array_add (names, g_strdup (chosen));
      selected = names->len - 1;
    }
  gtk_string_list_append (list, _(named[field].any));
  for (guint i = 1; i < names->len; i++)
    {
      g_autofree char *shown = dup_shown (field, names->pdata[i]);

      gtk_string_list_append (list, shown);
    }
  self->filling = TRUE;
  g_clear_pointer (&self->values[field], g_ptr_array_unref);
  self->values[field] = g_ptr_array_ref (names);
  gtk_drop_down_set_model (self->choices[field], G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->choices[field], selected);
  self->filling = FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

static void
names_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree NamesWanted *wanted = user_data;
  g_autoptr (OkapLogFilter) self = wanted->filter;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) groups = okap_store_summarise_finish (OKAP_STORE (source), result, &error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *chosen = g_strdup (get_value (self, wanted->field));

  if (groups == NULL)
    {
      g_message ("Which apps there are could not be read: %s", error->message);
      return;
    }
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (names, g_strdup (((OkapUsageSummary *) groups->pdata[i])->key));
  g_ptr_array_sort (names, compare_names);
  set_names (self, wanted->field, names, chosen);
}

/** okap_log_filter_refresh: it is about to be shown */
void
okap_log_filter_refresh (OkapLogFilter *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (named) && self->kind == OKAP_LOG_REQUESTS; i++)
    {
      NamesWanted *wanted = g_new0 (NamesWanted, 1);

      wanted->filter = g_object_ref (self);
      wanted->field = (OkapLogFilterField) i;
      okap_store_summarise_async (self->store, named[i].grouping, 0, NULL, names_cb, wanted);
    }
}

/* --- what is asked for --- */

/** okap_log_filter_reset: everything fits */
void
okap_log_filter_reset (OkapLogFilter *self)
{
  self->filling = TRUE;
  for (guint i = 0; i < OKAP_N_LOG_FILTER_FIELDS; i++)
    if (self->choices[i] != NULL)
      gtk_drop_down_set_selected (self->choices[i], 0);
  self->filling = FALSE;
  changed (self);
}

void
okap_log_filter_clear (OkapLogFilter *self, OkapLogFilterField field)
{
  if (self->choices[field] != NULL)
    gtk_drop_down_set_selected (self->choices[field], 0);
}

/** okap_log_filter_set_app: only requests of @app */
void
okap_log_filter_set_app (OkapLogFilter *self, const char *app)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 1; i < self->values[OKAP_LOG_BY_APP]->len; i++)
    g_ptr_array_add (names, g_strdup (self->values[OKAP_LOG_BY_APP]->pdata[i]));
  set_names (self, OKAP_LOG_BY_APP, names, app);
  changed (self);
}

static char *
dup_range (OkapLogFilter *self)
{
  const char *from = gtk_menu_button_get_label (self->from_button);
  const char *until = gtk_menu_button_get_label (self->until_button);

  /* Translators: two days, the first and the last of a time */
  return g_strdup_printf (_("%s to %s"), from, until);
}

/** okap_log_filter_dup_words: (transfer full) (nullable): what is asked for; NULL for any */
char *
okap_log_filter_dup_words (OkapLogFilter *self, OkapLogFilterField field)
{
  guint choice = get_choice (self, field);

  if (choice == 0)
    return NULL;
  switch (field)
    {
    case OKAP_LOG_BY_STATUS:
      return g_strdup (_(status_words[choice]));
    case OKAP_LOG_BY_EVENT:
      return g_strdup (_(event_words[choice]));
    case OKAP_LOG_BY_TIME:
      return choice == TIME_RANGE ? dup_range (self) : g_strdup (_(time_words[choice]));
    case OKAP_LOG_BY_APP:
    case OKAP_LOG_BY_PROVIDER:
    case OKAP_LOG_BY_MODEL:
    default:
      return dup_shown (field, get_value (self, field));
    }
}

/** okap_log_filter_fill_usage: sets in @filter, which is empty, what is asked for */
void
okap_log_filter_fill_usage (OkapLogFilter *self, OkapUsageFilter *filter)
{
  Status status = (Status) get_choice (self, OKAP_LOG_BY_STATUS);

  filter->app = g_strdup (get_value (self, OKAP_LOG_BY_APP));
  filter->provider = g_strdup (get_value (self, OKAP_LOG_BY_PROVIDER));
  filter->model = g_strdup (get_value (self, OKAP_LOG_BY_MODEL));
  filter->outcome = status == STATUS_SUCCEEDED ? OKAP_OUTCOME_SUCCEEDED
                    : status == STATUS_FAILED ? OKAP_OUTCOME_FAILED : OKAP_OUTCOME_ANY;
  filter->priced = status == STATUS_ESTIMATED ? OKAP_PRICED_ESTIMATED
                   : status == STATUS_UNKNOWN ? OKAP_PRICED_UNKNOWN : OKAP_PRICED_ANY;
  get_span (self, &filter->since_us, &filter->until_us);
}

/** okap_log_filter_fill_audit: likewise */
void
okap_log_filter_fill_audit (OkapLogFilter *self, OkapAuditFilter *filter)
{
  filter->event = g_strdup (events[get_choice (self, OKAP_LOG_BY_EVENT)]);
  get_span (self, &filter->since_us, &filter->until_us);
}

/* --- building --- */

static void
add_row (OkapLogFilter *self, const char *title, GtkWidget *widget, int row)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), widget);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_grid_attach (self->grid, label, 0, row, 1, 1);
  gtk_grid_attach (self->grid, widget, 1, row, 1, 1);
}

static void
add_choice (OkapLogFilter *self, OkapLogFilterField field, const char *title,
            const char *const *words)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  GtkExpression *expression = gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string");
  GtkWidget *choice;

  for (guint i = 0; words[i] != NULL; i++)
    gtk_string_list_append (list, _(words[i]));
  choice = gtk_drop_down_new (g_object_ref (G_LIST_MODEL (list)), expression);
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (choice), field == OKAP_LOG_BY_APP
                                                           || field == OKAP_LOG_BY_MODEL);
  self->choices[field] = GTK_DROP_DOWN (choice);
  add_row (self, title, choice, field);
  g_signal_connect_object (choice, "notify::selected", G_CALLBACK (changed), self,
                           G_CONNECT_SWAPPED);
}

static void
add_named (OkapLogFilter *self, OkapLogFilterField field)
{
  const char *any[] = { named[field].any, NULL };

  add_choice (self, field, _(named[field].title), any);
  self->values[field] = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->values[field], NULL);
}

static GtkMenuButton *
new_date_button (OkapLogFilter *self, const char *name, GtkCalendar **out_calendar)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *calendar = gtk_calendar_new ();

  gtk_popover_set_child (GTK_POPOVER (popover), calendar);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_widget_set_tooltip_text (button, name);
  gtk_widget_set_hexpand (button, TRUE);
  g_signal_connect_object (calendar, "day-selected", G_CALLBACK (changed), self,
                           G_CONNECT_SWAPPED);
  *out_calendar = GTK_CALENDAR (calendar);
  return GTK_MENU_BUTTON (button);
}

static void
add_range (OkapLogFilter *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->from_button = new_date_button (self, _("First day"), &self->from);
  self->until_button = new_date_button (self, _("Last day"), &self->until);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->from_button));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->until_button));
  gtk_grid_attach (self->grid, box, 1, OKAP_N_LOG_FILTER_FIELDS, 1, 1);
  self->range = box;
}

static void
okap_log_filter_dispose (GObject *object)
{
  OkapLogFilter *self = OKAP_LOG_FILTER (object);

  g_clear_object (&self->store);
  for (guint i = 0; i < OKAP_N_LOG_FILTER_FIELDS; i++)
    g_clear_pointer (&self->values[i], g_ptr_array_unref);
  G_OBJECT_CLASS (okap_log_filter_parent_class)->dispose (object);
}

static void
okap_log_filter_class_init (OkapLogFilterClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_log_filter_dispose;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_LOG_FILTER, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_log_filter_init (OkapLogFilter *self)
{
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_row_spacing (self->grid, 6);
  gtk_grid_set_column_spacing (self->grid, 12);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->grid));
}

GtkWidget *
okap_log_filter_new (OkapStore *store, OkapLogKind kind)
{
  OkapLogFilter *self = g_object_new (OKAP_TYPE_LOG_FILTER, NULL);

  self->store = g_object_ref (store);
  self->kind = kind;
  if (kind == OKAP_LOG_REQUESTS)
    {
      add_named (self, OKAP_LOG_BY_APP);
      add_named (self, OKAP_LOG_BY_PROVIDER);
      add_named (self, OKAP_LOG_BY_MODEL);
      add_choice (self, OKAP_LOG_BY_STATUS, _("Status"), status_words);
    }
  else
    add_choice (self, OKAP_LOG_BY_EVENT, _("About"), event_words);
  add_choice (self, OKAP_LOG_BY_TIME, _("Time"), time_words);
  add_range (self);
  show_dates (self);
  return GTK_WIDGET (self);
}
