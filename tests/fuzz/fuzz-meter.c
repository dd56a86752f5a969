/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any answer through any meter. The first byte of an input chooses the meter, the second the
 * framing, the third the length of the pieces; the rest is the answer. Whatever comes: no count is
 * negative, the parts make up the whole, the running estimate is no lower than what was told, and
 * it does not matter where the answer is cut. */
#include "config.h"

#include <string.h>

#include "okap-fuzz.h"
#include "okap-meter.h"

static void
check_units (const OkapUnits *units)
{
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    g_assert_cmpint (units->count[i], >=, 0);
}

static void
check (const OkapMeter *meter)
{
  OkapUnits units, running, sum = { 0 };
  gint64 nusd = 0;

  okap_meter_get_units (meter, &units);
  okap_meter_get_running (meter, &running);
  check_units (&units);
  check_units (&running);
  g_assert_cmpint (okap_units_get_prompt (&running), >=, okap_units_get_prompt (&units));
  g_assert_cmpint (okap_units_get_written (&running), >=, okap_units_get_written (&units));
  g_assert_cmpuint (meter->n_parts, <=, OKAP_METER_PARTS_MOST);
  g_assert_cmpuint (okap_meter_get_n_parts (meter), >=, 1);
  for (guint i = 0; i < okap_meter_get_n_parts (meter); i++)
    {
      OkapUnits part;
      const char *model;

      okap_meter_get_part (meter, i, &model, &part);
      g_assert_true (g_utf8_validate (model, -1, NULL));
      check_units (&part);
      for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
        sum.count[unit] += part.count[unit];
    }
  g_assert_cmpmem (&sum, sizeof sum, &units, sizeof units);
  g_assert_cmpint (okap_meter_get_cost (meter, &nusd), <=, TRUE);
  g_assert_cmpint (nusd, >=, 0);
  for (guint i = 0; i < OKAP_METER_N_SIGNALS; i++)
    {
      const char *signal = okap_meter_get_signal (meter, (OkapMeterSignal) i);

      g_assert_true (signal == NULL || strlen (signal) < OKAP_METER_SIGNAL_BYTES);
    }
  g_assert_true (g_utf8_validate (meter->model, -1, NULL));
  (void) okap_meter_is_between (meter);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static OkapMeter whole, cut;
  OkapUnits request = { .count = { [OKAP_UNIT_INPUT] = 9, [OKAP_UNIT_CHARACTERS] = 5 } };
  const char *text = (const char *) data + 3;
  size_t piece;

  if (size < 3)
    return 0;
  okap_meter_init (&whole, data[0] % OKAP_N_METERS, data[1] % OKAP_N_FRAMINGS);
  okap_meter_init (&cut, data[0] % OKAP_N_METERS, data[1] % OKAP_N_FRAMINGS);
  okap_meter_set_request_units (&whole, &request);
  okap_meter_set_request_units (&cut, &request);
  piece = data[2] % 64 + 1;
  size -= 3;
  okap_meter_feed (&whole, text, size);
  for (size_t at = 0; at < size; at += piece)
    {
      okap_meter_feed (&cut, text + at, MIN (piece, size - at));
      check (&cut);
    }
  check (&whole);
  check (&cut);
  g_assert_cmpmem (&cut.reading, sizeof cut.reading, &whole.reading, sizeof whole.reading);
  g_assert_cmpmem (cut.signals, sizeof cut.signals, whole.signals, sizeof whole.signals);
  g_assert_cmpuint (cut.n_parts, ==, whole.n_parts);
  g_assert_cmpint (cut.doubtful, ==, whole.doubtful);
  return 0;
}
