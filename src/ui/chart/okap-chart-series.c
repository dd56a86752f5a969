/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of a chart. Values are whole numbers (nano-dollars); what is above zero is stacked
 * upwards and what is below downwards, so that a correction never hides what was spent. */
#include "config.h"

#include "okap-chart-series.h"

struct _OkapChartSeries
{
  GObject parent_instance;

  guint n_groups;
  guint n_bars;
  gboolean has_rest;
  char **groups;     /* (owned) names */
  char **ticks;      /* (owned) */
  char **words;      /* (owned) */
  gint64 *values;    /* (owned) n_bars for each group */
};

G_DEFINE_FINAL_TYPE (OkapChartSeries, okap_chart_series, G_TYPE_OBJECT)

static void
okap_chart_series_finalize (GObject *object)
{
  OkapChartSeries *self = OKAP_CHART_SERIES (object);

  g_strfreev (self->groups);
  g_strfreev (self->ticks);
  g_strfreev (self->words);
  g_free (self->values);
  G_OBJECT_CLASS (okap_chart_series_parent_class)->finalize (object);
}

static void
okap_chart_series_class_init (OkapChartSeriesClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_chart_series_finalize;
}

static void
okap_chart_series_init (OkapChartSeries *self)
{
}

static char **
new_texts (guint count)
{
  char **texts = g_new (char *, count + 1);

  for (guint i = 0; i < count; i++)
    texts[i] = g_strdup ("");
  texts[count] = NULL;
  return texts;
}

/** okap_chart_series_new: all zero; @has_rest: the last group is what was left over */
OkapChartSeries *
okap_chart_series_new (guint n_groups, guint n_bars, gboolean has_rest)
{
  OkapChartSeries *self = g_object_new (OKAP_TYPE_CHART_SERIES, NULL);

  self->n_groups = n_groups;
  self->n_bars = n_bars;
  self->has_rest = has_rest;
  self->groups = new_texts (n_groups);
  self->ticks = new_texts (n_bars);
  self->words = new_texts (n_bars);
  self->values = g_new0 (gint64, (gsize) n_groups * n_bars);
  return self;
}

void
okap_chart_series_set_group (OkapChartSeries *self, guint group, const char *name)
{
  g_return_if_fail (group < self->n_groups);

  g_free (self->groups[group]);
  self->groups[group] = g_strdup (name);
}

/** okap_chart_series_set_bar: its short name on the axis, and what it comes to in words */
void
okap_chart_series_set_bar (OkapChartSeries *self, guint bar, const char *tick, const char *words)
{
  g_return_if_fail (bar < self->n_bars);

  g_free (self->ticks[bar]);
  g_free (self->words[bar]);
  self->ticks[bar] = g_strdup (tick);
  self->words[bar] = g_strdup (words);
}

void
okap_chart_series_set_value (OkapChartSeries *self, guint group, guint bar, gint64 value)
{
  g_return_if_fail (group < self->n_groups && bar < self->n_bars);

  self->values[(gsize) group * self->n_bars + bar] = value;
}

guint
okap_chart_series_get_n_groups (OkapChartSeries *self)
{
  return self->n_groups;
}

guint
okap_chart_series_get_n_bars (OkapChartSeries *self)
{
  return self->n_bars;
}

gint64
okap_chart_series_get_value (OkapChartSeries *self, guint group, guint bar)
{
  g_return_val_if_fail (group < self->n_groups && bar < self->n_bars, 0);

  return self->values[(gsize) group * self->n_bars + bar];
}

const char *
okap_chart_series_get_group (OkapChartSeries *self, guint group)
{
  g_return_val_if_fail (group < self->n_groups, "");

  return self->groups[group];
}

const char *
okap_chart_series_get_tick (OkapChartSeries *self, guint bar)
{
  g_return_val_if_fail (bar < self->n_bars, "");

  return self->ticks[bar];
}

const char *
okap_chart_series_get_words (OkapChartSeries *self, guint bar)
{
  g_return_val_if_fail (bar < self->n_bars, "");

  return self->words[bar];
}

gboolean
okap_chart_series_is_rest (OkapChartSeries *self, guint group)
{
  return self->has_rest && group == self->n_groups - 1;
}

/** okap_chart_series_get_extent: how far the bars go below and above zero */
void
okap_chart_series_get_extent (OkapChartSeries *self, gint64 *out_least, gint64 *out_most)
{
  *out_least = *out_most = 0;
  for (guint bar = 0; bar < self->n_bars; bar++)
    {
      gint64 below = 0;
      gint64 above = 0;

      for (guint group = 0; group < self->n_groups; group++)
        {
          gint64 value = okap_chart_series_get_value (self, group, bar);

          if (value < 0)
            below += MAX (value, G_MININT64 / 1024);
          else
            above += MIN (value, G_MAXINT64 / 1024);
        }
      *out_least = MIN (*out_least, below);
      *out_most = MAX (*out_most, above);
    }
}

/** okap_chart_series_find_last: the last bar that is not nothing; else the first; -1 without any */
int
okap_chart_series_find_last (OkapChartSeries *self)
{
  for (guint bar = self->n_bars; bar > 0; bar--)
    for (guint group = 0; group < self->n_groups; group++)
      if (okap_chart_series_get_value (self, group, bar - 1) != 0)
        return (int) bar - 1;
  return self->n_bars > 0 ? 0 : -1;
}
