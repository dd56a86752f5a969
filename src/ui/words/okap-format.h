/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers, money and times for people, in the user's language and zone. The same amounts for
 * machines are written by okap-money and okap-clock. */
/* What was spent, in the currency that the user chose; limits and what a tooltip adds, in dollars.
 * Dollars it is, too, if none was chosen. Main thread. */
char *okap_format_money    (gint64 nusd);
char *okap_format_usd      (gint64 nusd);
gboolean okap_format_set_currency (const char *code, double per_usd);
gboolean okap_format_is_converted (void);

char *okap_format_count    (gint64 count);
char *okap_format_tokens   (gint64 tokens);
char *okap_format_requests (gint64 requests);
char *okap_format_duration (gint64 duration_us);
char *okap_format_ago      (gint64 time_us, gint64 now_us);
char *okap_format_time     (gint64 time_us);
char *okap_format_date     (gint64 time_us);
char *okap_format_hour     (gint64 time_us);

G_END_DECLS
