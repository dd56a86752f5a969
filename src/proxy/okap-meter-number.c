/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of answers, without floating point: money and counts must be exact. */
#include "config.h"

#include "okap-meter-family.h"

#define DIGITS_FULL G_GINT64_CONSTANT (100000000000000000)  /* one more digit still fits */
#define EXPONENT_MOST 400

/* A decimal number: digits times ten to the power of exponent. */
typedef struct
{
  gint64 digits;
  int exponent;
  gboolean rest;      /* digits were left out that are not 0 */
  gboolean fraction;  /* behind the point stands more than zeros */
  gboolean power;     /* it was written with an exponent */
} Decimal;

static gboolean
read_digits (const char **p, const char *end, gboolean behind_point, Decimal *decimal)
{
  const char *start = *p;

  for (; *p < end && g_ascii_isdigit (**p); (*p)++)
    {
      int digit = **p - '0';

      if (behind_point && digit != 0)
        decimal->fraction = TRUE;
      if (decimal->digits < DIGITS_FULL)
        {
          decimal->digits = decimal->digits * 10 + digit;
          decimal->exponent -= behind_point;
        }
      else if (behind_point)
        decimal->rest = decimal->rest || digit != 0;
      else
        return FALSE;
    }
  return *p > start;
}

static gboolean
read_exponent (const char **p, const char *end, Decimal *decimal)
{
  gboolean negative = FALSE;
  int exponent = 0;

  (*p)++;
  if (*p < end && (**p == '-' || **p == '+'))
    negative = *(*p)++ == '-';
  if (*p == end)
    return FALSE;
  for (; *p < end && g_ascii_isdigit (**p); (*p)++)
    exponent = MIN (exponent * 10 + (**p - '0'), EXPONENT_MOST);
  decimal->exponent += negative ? -exponent : exponent;
  decimal->power = TRUE;
  return TRUE;
}

static gboolean
scale_up (gint64 *value, int power)
{
  for (; power > 0 && *value != 0; power--)
    if (__builtin_mul_overflow (*value, 10, value))
      return FALSE;
  return TRUE;
}

/* Divides by ten to the power of @power, rounding up. */
static void
scale_down (gint64 *value, int power, gboolean rest)
{
  for (; power > 0 && *value != 0; power--)
    {
      rest = rest || *value % 10 != 0;
      *value /= 10;
    }
  if (rest)
    (*value)++;
}

/**
 * okap_meter_parse_number:
 * @text: of @length bytes, as JSON has numbers; not more than a hundred and some
 * @scale: how many digits behind the point are wanted, as in 9 for nano-dollars out of dollars
 * @out_value: (out): the number times ten to the power of @scale, rounded up
 *
 * Returns: %OKAP_METER_NUMBER_BAD without a value if it is negative or does not fit
 */
OkapMeterNumber
okap_meter_parse_number (const char *text, gsize length, int scale, gint64 *out_value)
{
  Decimal decimal = { 0 };
  const char *p = text;
  const char *end = text + length;
  gint64 value;
  int power;

  if (!read_digits (&p, end, FALSE, &decimal))
    return OKAP_METER_NUMBER_BAD;
  if (p < end && *p == '.')
    {
      p++;
      if (!read_digits (&p, end, TRUE, &decimal))
        return OKAP_METER_NUMBER_BAD;
    }
  if (p < end && (*p == 'e' || *p == 'E') && !read_exponent (&p, end, &decimal))
    return OKAP_METER_NUMBER_BAD;
  if (p != end)
    return OKAP_METER_NUMBER_BAD;

  value = decimal.digits;
  power = decimal.exponent + scale;
  if (power >= 0 && !scale_up (&value, power))
    return OKAP_METER_NUMBER_BAD;
  if (power < 0)
    scale_down (&value, -power, decimal.rest);
  else if (decimal.rest && __builtin_add_overflow (value, 1, &value))
    return OKAP_METER_NUMBER_BAD;
  *out_value = value;
  return decimal.fraction || decimal.power ? OKAP_METER_NUMBER_ODD : OKAP_METER_NUMBER_PLAIN;
}
