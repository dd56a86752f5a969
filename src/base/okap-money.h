/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Money is a whole number of nano-dollars (suffix _nusd). Prices are whole pico-dollars per unit
 * (suffix _pusd), so that a million tokens at one cent is still exact. */
#define OKAP_NUSD_PER_USD G_GINT64_CONSTANT (1000000000)
#define OKAP_PUSD_PER_NUSD G_GINT64_CONSTANT (1000)
#define OKAP_MONEY_MOST_NUSD (G_GINT64_CONSTANT (1000000) * OKAP_NUSD_PER_USD)

gboolean okap_money_parse       (const char *text, gint64 *out_nusd, GError **error);
gboolean okap_money_from_double (double usd, gint64 *out_nusd);
double   okap_money_to_double   (gint64 nusd);
char    *okap_money_format      (gint64 nusd);
gint64   okap_money_for_units   (gint64 units, gint64 price_pusd);
gint64   okap_money_add         (gint64 a_nusd, gint64 b_nusd);

G_END_DECLS
