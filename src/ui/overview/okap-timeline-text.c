/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV (RFC 4180) and JSON of what a chart shows: a row for each group in each bucket with usage.
 * Money is written exactly, in decimals of a dollar, never as a floating point number. Times are
 * RFC 3339 with the offset of the user's zone.
 *
 * Names come from apps, and a spreadsheet takes a cell that begins with = + - @ for a formula:
 * such a cell begins with an apostrophe here, which spreadsheets show as plain text. Pure. */
#include "config.h"

#include "okap-timeline-text.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-money.h"

static const char *
name_of_grouping (OkapUsageGrouping by)
{
  switch (by)
    {
    case OKAP_USAGE_BY_PROVIDER:
      return "provider";
    case OKAP_USAGE_BY_MODEL:
      return "model";
    case OKAP_USAGE_BY_GRANT:
      return "grant";
    case OKAP_USAGE_BY_SCOPE:
      return "scope";
    case OKAP_USAGE_BY_APP:
    case OKAP_USAGE_BY_DAY:
    default:
      return "app";
    }
}

static char *
format_time (gint64 time_us, GTimeZone *zone)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_us / OKAP_SECOND_US);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);

  return g_date_time_format (local, "%Y-%m-%dT%H:%M:%S%:z");
}

static gboolean
is_rest (const OkapUsageTimeline *line, guint group)
{
  return line->has_rest && group == line->n_groups - 1;
}

static gboolean
is_empty (const OkapUsageCounts *counts)
{
  return counts->requests == 0 && counts->cost_nusd == 0;
}

/* Control characters are gone from names that Okap took; what is left of them becomes a space. */
static void
append_cell (GString *csv, const char *text)
{
  g_string_append (csv, strchr ("=+-@\t\r", *text) != NULL && *text != '\0' ? "\"'" : "\"");
  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, (guchar) *at < 0x20 ? ' ' : *at);
    }
  g_string_append_c (csv, '"');
}

static void
append_row (GString *csv, const OkapUsageTimeline *line, guint group, guint bucket,
            GTimeZone *zone)
{
  const OkapUsageCounts *counts = okap_usage_timeline_get (line, group, bucket);
  g_autofree char *from = format_time (line->borders_us[bucket], zone);
  g_autofree char *until = format_time (line->borders_us[bucket + 1], zone);
  g_autofree char *cost = okap_money_format (counts->cost_nusd);
  const gint64 numbers[] = {
    counts->requests, counts->unknown_requests, counts->estimated_requests,
    counts->failed_requests, counts->input_tokens, counts->cached_tokens, counts->output_tokens,
  };

  g_string_append_printf (csv, "%s,%s,", from, until);
  append_cell (csv, is_rest (line, group) ? "(others)" : line->keys[group]);
  g_string_append_printf (csv, ",%u,%s", is_rest (line, group) ? line->n_rest : 1, cost);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_string_append_printf (csv, ",%" G_GINT64_FORMAT, numbers[i]);
  g_string_append (csv, "\r\n");
}

/** okap_timeline_to_csv: units are in the names of the columns */
GBytes *
okap_timeline_to_csv (const OkapUsageTimeline *line, OkapUsageGrouping by, GTimeZone *zone)
{
  GString *csv = g_string_new (NULL);

  g_string_append_printf (csv, "from,until,%s,stands_for,cost_usd,requests,"
                          "requests_without_price,requests_estimated,requests_failed,"
                          "input_tokens,cached_input_tokens,output_tokens\r\n",
                          name_of_grouping (by));
  for (guint bucket = 0; bucket < line->n_buckets; bucket++)
    for (guint group = 0; group < line->n_groups; group++)
      if (!is_empty (okap_usage_timeline_get (line, group, bucket)))
        append_row (csv, line, group, bucket, zone);
  return g_string_free_to_bytes (csv);
}

static void
add_int (JsonBuilder *json, const char *name, gint64 value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, value);
}

static void
add_text (JsonBuilder *json, const char *name, const char *value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, value);
}

static void
add_counts (JsonBuilder *json, const OkapUsageTimeline *line, OkapUsageGrouping by, guint group,
            guint bucket)
{
  const OkapUsageCounts *counts = okap_usage_timeline_get (line, group, bucket);
  g_autofree char *cost = okap_money_format (counts->cost_nusd);

  json_builder_begin_object (json);
  if (is_rest (line, group))
    {
      json_builder_set_member_name (json, name_of_grouping (by));
      json_builder_add_null_value (json);
      add_int (json, "stands_for", line->n_rest);
    }
  else
    {
      add_text (json, name_of_grouping (by), line->keys[group]);
      add_int (json, "stands_for", 1);
    }
  add_text (json, "cost_usd", cost);
  add_int (json, "requests", counts->requests);
  add_int (json, "requests_without_price", counts->unknown_requests);
  add_int (json, "requests_estimated", counts->estimated_requests);
  add_int (json, "requests_failed", counts->failed_requests);
  add_int (json, "input_tokens", counts->input_tokens);
  add_int (json, "cached_input_tokens", counts->cached_tokens);
  add_int (json, "output_tokens", counts->output_tokens);
  json_builder_end_object (json);
}

static void
add_bucket (JsonBuilder *json, const OkapUsageTimeline *line, OkapUsageGrouping by, guint bucket,
            GTimeZone *zone)
{
  g_autofree char *from = format_time (line->borders_us[bucket], zone);
  g_autofree char *until = format_time (line->borders_us[bucket + 1], zone);

  json_builder_begin_object (json);
  add_text (json, "from", from);
  add_text (json, "until", until);
  json_builder_set_member_name (json, "groups");
  json_builder_begin_array (json);
  for (guint group = 0; group < line->n_groups; group++)
    if (!is_empty (okap_usage_timeline_get (line, group, bucket)))
      add_counts (json, line, by, group, bucket);
  json_builder_end_array (json);
  json_builder_end_object (json);
}

/** okap_timeline_to_json: cost_usd is a text with decimals, so that it stays exact */
GBytes *
okap_timeline_to_json (const OkapUsageTimeline *line, OkapUsageGrouping by, GTimeZone *zone)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  char *text;

  json_builder_begin_object (json);
  add_text (json, "currency", "USD");
  add_text (json, "grouped_by", name_of_grouping (by));
  json_builder_set_member_name (json, "periods");
  json_builder_begin_array (json);
  for (guint bucket = 0; bucket < line->n_buckets; bucket++)
    add_bucket (json, line, by, bucket, zone);
  json_builder_end_array (json);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  text = json_to_string (root, TRUE);
  return g_bytes_new_take (text, strlen (text));
}
