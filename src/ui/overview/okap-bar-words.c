/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars in words, for a screen reader and for the line under the chart. What is not known is said:
 * requests without a price are never part of an amount. Pure. */
#include "config.h"

#include "okap-bar-words.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-money.h"
#include "okap-words.h"

#define MOST_NAMED 3
#define CENT_NUSD (OKAP_NUSD_PER_USD / 100)

/* A sum in whole cents; what is less than a cent as fine as elsewhere. */
static char *
format_sum (gint64 nusd)
{
  if (nusd < CENT_NUSD || okap_format_is_converted ())
    return okap_format_money (nusd);
  return g_strdup_printf (_("$%'.2f"), okap_money_to_double (nusd));
}

/** okap_bar_words_for_money: (transfer full): a sum, which corrections may have made negative */
char *
okap_bar_words_for_money (gint64 nusd)
{
  g_autofree char *amount = format_sum (nusd < 0 ? -nusd : nusd);

  /* Translators: a negative amount; %s is one such as $1.20 */
  return nusd < 0 ? g_strdup_printf (_("−%s"), amount) : g_steal_pointer (&amount);
}

/** okap_bar_words_for_group: (transfer full): what a group is called */
char *
okap_bar_words_for_group (const OkapUsageTimeline *line, guint group, OkapUsageGrouping by)
{
  const char *key = line->keys[group];

  if (line->has_rest && group == line->n_groups - 1)
    /* Translators: apps, providers or models that are too many to be shown apart; %u is how many */
    return g_strdup_printf (ngettext ("%u other", "%u others", line->n_rest), line->n_rest);
  if (*key == '\0')
    return g_strdup (_("Unnamed"));
  return by == OKAP_USAGE_BY_PROVIDER ? okap_words_for_provider (key) : g_strdup (key);
}

typedef struct
{
  guint group;
  gint64 nusd;
} Part;

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const Part *first = a;
  const Part *second = b;

  if (first->nusd != second->nusd)
    return first->nusd > second->nusd ? -1 : 1;
  return first->group < second->group ? -1 : first->group > second->group;
}

/* The dearest groups of some buckets; (nullable): there are none to tell apart. */
static char *
name_parts (const OkapUsageTimeline *line, guint first, guint until, OkapUsageGrouping by)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint group = 0; group < line->n_groups; group++)
    {
      Part part = { .group = group };

      for (guint bucket = first; bucket < until; bucket++)
        part.nusd += okap_usage_timeline_get (line, group, bucket)->cost_nusd;
      if (part.nusd != 0)
        g_array_append_val (parts, part);
    }
  g_array_sort (parts, compare_parts);
  for (guint i = 0; i < MIN (parts->len, MOST_NAMED); i++)
    {
      const Part *part = &g_array_index (parts, Part, i);
      g_autofree char *name = okap_bar_words_for_group (line, part->group, by);
      g_autofree char *amount = okap_bar_words_for_money (part->nusd);

      /* Translators: what stands between parts of a list, such as "Notes $0.80, Mail $0.30" */
      g_string_append (words, i > 0 ? _(", ") : "");
      /* Translators: a name and an amount, such as "Notes $0.80" */
      g_string_append_printf (words, _("%1$s %2$s"), name, amount);
    }
  return parts->len > 0 ? g_string_free (g_steal_pointer (&words), FALSE) : NULL;
}

static char *
describe (const OkapUsageTimeline *line, guint first, guint until, const char *title,
          OkapUsageGrouping by)
{
  OkapUsageCounts sum = okap_usage_timeline_sum (line, first, until);
  g_autofree char *amount = okap_bar_words_for_money (sum.cost_nusd);
  g_autofree char *requests = okap_format_requests (sum.requests);
  g_autofree char *parts = name_parts (line, first, until, by);
  g_autofree char *words = NULL;
  g_autofree char *unknown = NULL;

  if (sum.requests == 0 && parts == NULL)
    /* Translators: %s is a time such as "Tuesday, 3 November" */
    return g_strdup_printf (_("%s: nothing spent, no requests"), title);
  if (parts != NULL)
    /* Translators: such as "Tuesday, 3 November: $1.20 for 14 requests, of which Notes $0.80" */
    words = g_strdup_printf (_("%1$s: %2$s for %3$s, of which %4$s"), title, amount, requests,
                             parts);
  else
    /* Translators: such as "Tuesday, 3 November: $0.00 for 14 requests" */
    words = g_strdup_printf (_("%1$s: %2$s for %3$s"), title, amount, requests);
  if (sum.unknown_requests == 0)
    return g_steal_pointer (&words);
  unknown = okap_format_requests (sum.unknown_requests);
  /* Translators: %1$s is a sentence without its full stop, %2$s such as "3 requests" */
  return g_strdup_printf (_("%1$s; %2$s without a known price"), words, unknown);
}

/** okap_bar_words_for_bucket: (transfer full): one bar */
char *
okap_bar_words_for_bucket (const OkapUsageTimeline *line, guint bucket, OkapRange range,
                           OkapUsageGrouping by, GTimeZone *zone)
{
  g_autofree char *title = okap_period_dup_bucket (range, line->borders_us[bucket],
                                                   line->borders_us[bucket + 1], zone);

  return describe (line, bucket, bucket + 1, title, by);
}

/** okap_bar_words_for_all: (transfer full): the whole chart */
char *
okap_bar_words_for_all (const OkapUsageTimeline *line, OkapRange range, OkapUsageGrouping by,
                        GTimeZone *zone)
{
  g_autofree char *title = okap_period_dup_title (range, line->borders_us[0],
                                                  line->borders_us[line->n_buckets], zone);

  return describe (line, 0, line->n_buckets, title, by);
}
