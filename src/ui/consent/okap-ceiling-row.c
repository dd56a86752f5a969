/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ceiling price. Nobody knows what some models cost: a person's own server, a model that came
 * out yesterday. Under a limit of money they are refused, unless the person says what to count
 * for them at most. Off unless switched on. Prices are a million tokens', as vendors write them. */
#include "config.h"

#include "okap-ceiling-row.h"

#include <glib/gi18n.h>
#include <math.h>

#include "okap-rows.h"

#define MOST_USD 10000.0
#define USUAL_INPUT_USD 5.0    /* about the dearest of what is widely used */
#define USUAL_OUTPUT_USD 30.0
#define PUSD_A_TOKEN_PER_USD_A_MILLION 1e6

struct _OkapCeilingRow
{
  AdwExpanderRow parent_instance;

  GtkWidget *input_spin;    /* (unowned) */
  GtkWidget *output_spin;   /* (unowned) */
};

G_DEFINE_FINAL_TYPE (OkapCeilingRow, okap_ceiling_row, ADW_TYPE_EXPANDER_ROW)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
changed_cb (OkapCeilingRow *self)
{
  gboolean on = adw_expander_row_get_enable_expansion (ADW_EXPANDER_ROW (self));

  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self),
                                 on ? _("Counted at your price, as if it cost that much")
                                    : _("Refused while there is a limit of money"));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static GtkWidget *
add_spin (OkapCeilingRow *self, const char *title, double usual)
{
  GtkWidget *spin;
  GtkWidget *row = okap_row_new_spin (title, NULL, "$", MOST_USD, 2, &spin);

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), usual);
  g_signal_connect_object (spin, "value-changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  return spin;
}

static void
okap_ceiling_row_class_init (OkapCeilingRowClass *class)
{
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_CEILING_ROW, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_ceiling_row_init (OkapCeilingRow *self)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _("Models without a known price"));
  self->input_spin = add_spin (self, _("A million tokens read"), USUAL_INPUT_USD);
  self->output_spin = add_spin (self, _("A million tokens written"), USUAL_OUTPUT_USD);
  adw_expander_row_set_show_enable_switch (ADW_EXPANDER_ROW (self), TRUE);
  adw_expander_row_set_enable_expansion (ADW_EXPANDER_ROW (self), FALSE);
  g_signal_connect_object (self, "notify::enable-expansion", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  changed_cb (self);
}

GtkWidget *
okap_ceiling_row_new (void)
{
  return g_object_new (OKAP_TYPE_CEILING_ROW, NULL);
}

static gint64
get_pusd (GtkWidget *spin)
{
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
  return llround (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin))
                  * PUSD_A_TOKEN_PER_USD_A_MILLION);
}

/** okap_ceiling_row_get: what is shown now */
OkapPriceCeiling
okap_ceiling_row_get (OkapCeilingRow *self)
{
  if (!adw_expander_row_get_enable_expansion (ADW_EXPANDER_ROW (self)))
    return (OkapPriceCeiling) { .set = FALSE };
  return (OkapPriceCeiling) { .set = TRUE, .input_pusd = get_pusd (self->input_spin),
                              .output_pusd = get_pusd (self->output_spin) };
}

void
okap_ceiling_row_set (OkapCeilingRow *self, const OkapPriceCeiling *ceiling)
{
  adw_expander_row_set_enable_expansion (ADW_EXPANDER_ROW (self), ceiling->set);
  if (!ceiling->set)
    return;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->input_spin), (double) ceiling->input_pusd
                                                     / PUSD_A_TOKEN_PER_USD_A_MILLION);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->output_spin), (double) ceiling->output_pusd
                                                      / PUSD_A_TOKEN_PER_USD_A_MILLION);
}
