/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times as a person types them: a date, an RFC 3339 time, or a span from now such as 7d or 12h. */
#include "config.h"

#include "okap-cli.h"
#include "okap-clock.h"
#include "okap-error.h"

#define MOST_SPAN_US (G_GINT64_CONSTANT (3660) * OKAP_DAY_US)

static gboolean
parse_span (const char *text, gint64 *out_span_us)
{
  char *end;
  guint64 count = g_ascii_strtoull (text, &end, 10);
  gint64 unit_us;

  if (!g_ascii_isdigit (*text) || *end == '\0' || end[1] != '\0')
    return FALSE;
  switch (*end)
    {
    case 'm':
      unit_us = OKAP_MINUTE_US;
      break;
    case 'h':
      unit_us = 60 * OKAP_MINUTE_US;
      break;
    case 'd':
      unit_us = OKAP_DAY_US;
      break;
    case 'w':
      unit_us = 7 * OKAP_DAY_US;
      break;
    default:
      return FALSE;
    }
  if (count > (guint64) (MOST_SPAN_US / unit_us))
    return FALSE;
  *out_span_us = (gint64) count * unit_us;
  return TRUE;
}

/**
 * okap_when_parse:
 * @ahead: whether a span counts forward from now, or back
 * @error: %OKAP_ERROR_INVALID_REQUEST
 */
gboolean
okap_when_parse (const char *text, gint64 now_us, gboolean ahead, gint64 *out_time_us,
                 GError **error)
{
  gint64 span_us;

  if (parse_span (text, &span_us))
    {
      *out_time_us = ahead ? now_us + span_us : now_us - span_us;
      return TRUE;
    }
  if (okap_time_parse (text, out_time_us))
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected a date such as 2027-03-01, a time such as 2027-03-01T12:00:00Z, "
                       "or a span such as 12h, 7d or 2w");
  return FALSE;
}
