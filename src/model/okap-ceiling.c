/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model without a known price may cost, as people write it: dollars for a million tokens,
 * as in providers' own lists. */
#include "config.h"

#include "okap-ceiling.h"

#include "okap-error.h"
#include "okap-money.h"

#define TOKENS 1000000

/* A million tokens at so many nano-dollars: pico-dollars for one, rounded up. */
static gint64
to_pusd (gint64 nusd)
{
  return (nusd + TOKENS / OKAP_PUSD_PER_NUSD - 1) / (TOKENS / OKAP_PUSD_PER_NUSD);
}

/**
 * okap_ceiling_parse:
 * @input: (nullable): dollars for a million tokens that the model reads
 * @output: (nullable): likewise for those that it writes; %NULL only together with @input
 * @out_ceiling: (out): not set if both are %NULL
 * @error: %OKAP_ERROR_INVALID_REQUEST
 */
gboolean
okap_ceiling_parse (const char *input, const char *output, OkapPriceCeiling *out_ceiling,
                    GError **error)
{
  gint64 input_nusd, output_nusd;

  *out_ceiling = (OkapPriceCeiling) { .set = FALSE };
  if (input == NULL && output == NULL)
    return TRUE;
  if (input == NULL || output == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected both --ceiling-input and --ceiling-output, in dollars for a "
                           "million tokens");
      return FALSE;
    }
  if (!okap_money_parse (input, &input_nusd, error)
      || !okap_money_parse (output, &output_nusd, error))
    return FALSE;
  *out_ceiling = (OkapPriceCeiling) { TRUE, to_pusd (input_nusd), to_pusd (output_nusd) };
  return TRUE;
}
