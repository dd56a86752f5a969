/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One object of a line of prices: read, bounded, and filled by the rules for what it leaves out.
 * Nothing is guessed as free, and no rule makes a price lower than the one that it comes from:
 *
 *   a cached token costs as much as a fresh one of its kind;
 *   a token written to a cache costs as much as one that is not, kept long as much as kept short;
 *   a token of sound, pictures or film costs as much as one of text, of film as one of pictures;
 *   a thought costs as much as an answer.
 *
 * The packages that the table comes from mean it so: where they give one price for all kinds of
 * input, there is only one. What is no token has no such rule. */
#include "config.h"

#include "okap-price-private.h"

#include <string.h>

#include "okap-error.h"
#include "okap-text.h"

#define MESSAGE_CHARS 400
#define MOST_TOKENS G_GINT64_CONSTANT (1000000000)
#define DAY_MINUTES (24 * 60)
#define ALL_DAYS 0x7f

static const char *const members[OKAP_N_PRICE_MEMBERS] = {
  [OKAP_PRICE_MEMBER_ABOVE] = "above",
  [OKAP_PRICE_MEMBER_SINCE] = "since",
  [OKAP_PRICE_MEMBER_HOURS] = "hours",
  [OKAP_PRICE_MEMBER_DAYS] = "days",
  [OKAP_PRICE_MEMBER_VARIANT] = "variant",
  [OKAP_PRICE_MEMBER_MAX_OUTPUT] = "max_output",
  [OKAP_PRICE_MEMBER_CONTEXT] = "context",
  [OKAP_PRICE_MEMBER_THINKS] = "thinks",
  [OKAP_PRICE_MEMBER_FREE] = "free",
};

/* Sets @error and returns FALSE. What the message repeats of a file is cleaned. */
gboolean
okap_price_refuse (GError **error, const char *format, ...)
{
  g_autofree char *raw = NULL;
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  message = okap_text_clean (raw, MESSAGE_CHARS);
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, message);
  return FALSE;
}

/** okap_price_refuse_line: sets @error to @reason with the line that @scanner is in */
void
okap_price_refuse_line (GError **error, const OkapJsonScanner *scanner, const char *text,
                        gsize length, const GError *reason)
{
  gsize end = MIN (okap_json_scanner_get_offset (scanner), length);
  guint line = 1;

  for (gsize i = 0; i < end; i++)
    line += text[i] == '\n';
  okap_price_refuse (error, "Line %u: %s", line, reason->message);
}

void
okap_price_draft_clear (OkapPriceDraft *draft)
{
  g_clear_pointer (&draft->variant, g_free);
}

/** okap_price_get_most_pusd: beyond this many pico-dollars a price is a slip of somebody's hand:
 *   ten thousand dollars a million tokens, a hundred dollars for anything else */
gint64
okap_price_get_most_pusd (OkapUnit unit)
{
  if (unit < OKAP_N_TOKEN_UNITS || unit == OKAP_UNIT_CHARACTERS)
    return G_GINT64_CONSTANT (10000000000);
  return unit == OKAP_UNIT_MILLISECONDS ? G_GINT64_CONSTANT (100000000000)
                                        : G_GINT64_CONSTANT (100000000000000);
}

static void
fill (OkapPriceTier *tier, guint32 unknown, OkapUnit unit, OkapUnit from)
{
  guint32 bit = 1u << unit;

  if ((tier->known & bit) != 0 || (unknown & bit) != 0 || (tier->known & (1u << from)) == 0)
    return;
  tier->known |= bit;
  tier->pusd[unit] = tier->pusd[from];
}

/** okap_price_tier_fill: prices what @tier leaves out by the rules above; @unknown has a bit for
 *   each unit that stays without a price */
void
okap_price_tier_fill (OkapPriceTier *tier, guint32 unknown)
{
  gboolean hears = (tier->known & (1u << OKAP_UNIT_AUDIO_INPUT)) != 0;
  gboolean sees = (tier->known & (1u << OKAP_UNIT_IMAGE_INPUT)) != 0;

  fill (tier, unknown, OKAP_UNIT_CACHED, OKAP_UNIT_INPUT);
  fill (tier, unknown, OKAP_UNIT_CACHE_WRITTEN, OKAP_UNIT_INPUT);
  fill (tier, unknown, OKAP_UNIT_CACHE_WRITTEN_1H, OKAP_UNIT_CACHE_WRITTEN);
  fill (tier, unknown, OKAP_UNIT_AUDIO_INPUT, OKAP_UNIT_INPUT);
  fill (tier, unknown, OKAP_UNIT_AUDIO_CACHED, hears ? OKAP_UNIT_AUDIO_INPUT : OKAP_UNIT_CACHED);
  fill (tier, unknown, OKAP_UNIT_IMAGE_INPUT, OKAP_UNIT_INPUT);
  fill (tier, unknown, OKAP_UNIT_IMAGE_CACHED, sees ? OKAP_UNIT_IMAGE_INPUT : OKAP_UNIT_CACHED);
  fill (tier, unknown, OKAP_UNIT_VIDEO_INPUT, OKAP_UNIT_IMAGE_INPUT);
  fill (tier, unknown, OKAP_UNIT_REASONING, OKAP_UNIT_OUTPUT);
  fill (tier, unknown, OKAP_UNIT_AUDIO_OUTPUT, OKAP_UNIT_OUTPUT);
  fill (tier, unknown, OKAP_UNIT_IMAGE_OUTPUT, OKAP_UNIT_OUTPUT);
  fill (tier, unknown, OKAP_UNIT_VIDEO_OUTPUT, OKAP_UNIT_IMAGE_OUTPUT);
}

static gboolean
read_int (OkapJsonScanner *scanner, OkapJsonToken token, const char *name, gint64 most,
          gint64 *out_value, GError **error)
{
  if (token != OKAP_JSON_NUMBER || !okap_json_scanner_get_int (scanner, out_value)
      || *out_value > most)
    return okap_price_refuse (error, "expected \"%s\" to be a whole number from 0 to %"
                              G_GINT64_FORMAT, name, most);
  return TRUE;
}

static gboolean
read_unit (OkapJsonScanner *scanner, OkapJsonToken token, OkapPriceDraft *draft, OkapUnit unit,
           GError **error)
{
  guint32 bit = 1u << unit;

  if (((draft->named | draft->unknown) & bit) != 0)
    return okap_price_refuse (error, "\"%s\" stands twice in one object",
                              okap_unit_get_name (unit));
  if (token == OKAP_JSON_NULL)
    {
      draft->unknown |= bit;
      return TRUE;
    }
  draft->named |= bit;
  return read_int (scanner, token, okap_unit_get_name (unit), okap_price_get_most_pusd (unit),
                   &draft->tier.pusd[unit], error);
}

/* Two digits; G_MAXUINT if there are none. */
static guint
two_digits (const char *text)
{
  return g_ascii_isdigit (text[0]) && g_ascii_isdigit (text[1])
         ? (guint) ((text[0] - '0') * 10 + (text[1] - '0')) : G_MAXUINT;
}

static gboolean
parse_minute (const char *text, guint16 *out_minute)
{
  guint hour = two_digits (text);
  guint minute = hour == G_MAXUINT || text[2] != ':' ? G_MAXUINT : two_digits (text + 3);

  if (hour > 24 || minute > 59 || hour * 60 + minute > DAY_MINUTES)
    return FALSE;
  *out_minute = hour * 60 + minute;
  return TRUE;
}

/* "01:00-04:00" */
static gboolean
parse_hours (const char *text, OkapPriceDraft *draft)
{
  return strlen (text) == 11 && text[5] == '-' && parse_minute (text, &draft->from_minute)
         && parse_minute (text + 6, &draft->to_minute) && draft->from_minute != draft->to_minute;
}

/* "12345" for Monday to Friday. */
static gboolean
parse_days (const char *text, guint8 *out_days)
{
  for (; *text != '\0'; text++)
    {
      guint8 day = *text >= '1' && *text <= '7' ? 1u << (*text - '1') : 0;

      if (day == 0 || (*out_days & day) != 0)
        return FALSE;
      *out_days |= day;
    }
  return *out_days != 0;
}

/* "2026-08-21" */
static gboolean
parse_date (const char *text, gint64 *out_us)
{
  g_autoptr (GDateTime) date = NULL;
  guint year, month, day;

  if (strlen (text) != 10 || text[4] != '-' || text[7] != '-')
    return FALSE;
  year = two_digits (text) == G_MAXUINT || two_digits (text + 2) == G_MAXUINT
         ? 0 : two_digits (text) * 100 + two_digits (text + 2);
  month = two_digits (text + 5);
  day = two_digits (text + 8);
  if (year < 2000 || month > 12 || day > 31)
    return FALSE;
  date = g_date_time_new_utc (year, month, day, 0, 0, 0);
  if (date == NULL)
    return FALSE;
  *out_us = g_date_time_to_unix (date) * G_USEC_PER_SEC;
  return TRUE;
}

/* Lower-case words with one space between them. */
static gboolean
is_words (const char *text)
{
  gboolean space = TRUE;

  for (; *text != '\0'; text++)
    {
      if (*text == ' ' ? space : !g_ascii_isgraph (*text) || g_ascii_isupper (*text))
        return FALSE;
      space = *text == ' ';
    }
  return !space;
}

static gboolean
read_text (OkapJsonScanner *scanner, OkapJsonToken token, OkapPriceMember member,
           OkapPriceDraft *draft, GError **error)
{
  g_autofree char *text = token == OKAP_JSON_STRING ? okap_json_scanner_dup (scanner) : NULL;

  if (text == NULL)
    return okap_price_refuse (error, "expected \"%s\" to be a text", members[member]);
  if (member == OKAP_PRICE_MEMBER_SINCE && !parse_date (text, &draft->since_us))
    return okap_price_refuse (error, "expected \"since\" to be a date such as 2027-01-01");
  if (member == OKAP_PRICE_MEMBER_HOURS && !parse_hours (text, draft))
    return okap_price_refuse (error, "expected \"hours\" to be two times of the day, UTC, such as "
                              "01:00-04:00");
  if (member == OKAP_PRICE_MEMBER_DAYS && !parse_days (text, &draft->days))
    return okap_price_refuse (error, "expected \"days\" to be digits from 1, Monday, to 7, each "
                              "once");
  if (member == OKAP_PRICE_MEMBER_VARIANT)
    {
      if (!is_words (text))
        return okap_price_refuse (error, "expected \"variant\" to be lower-case words");
      draft->variant = g_steal_pointer (&text);
    }
  return TRUE;
}

static gboolean
read_member (OkapJsonScanner *scanner, OkapJsonToken token, OkapPriceMember member,
             OkapPriceDraft *draft, GError **error)
{
  if ((draft->members & (1u << member)) != 0)
    return okap_price_refuse (error, "\"%s\" stands twice in one object", members[member]);
  draft->members |= 1u << member;
  switch (member)
    {
    case OKAP_PRICE_MEMBER_ABOVE:
      return read_int (scanner, token, "above", MOST_TOKENS, &draft->tier.from_input_tokens,
                       error);
    case OKAP_PRICE_MEMBER_MAX_OUTPUT:
      return read_int (scanner, token, "max_output", MOST_TOKENS, &draft->max_output_tokens,
                       error);
    case OKAP_PRICE_MEMBER_CONTEXT:
      return read_int (scanner, token, "context", MOST_TOKENS, &draft->context_tokens, error);
    case OKAP_PRICE_MEMBER_THINKS:
    case OKAP_PRICE_MEMBER_FREE:
      if (token != OKAP_JSON_TRUE)
        return okap_price_refuse (error, "expected \"%s\" to be true, or left out",
                                  members[member]);
      draft->thinks |= member == OKAP_PRICE_MEMBER_THINKS;
      return TRUE;
    case OKAP_PRICE_MEMBER_SINCE:
    case OKAP_PRICE_MEMBER_HOURS:
    case OKAP_PRICE_MEMBER_DAYS:
    case OKAP_PRICE_MEMBER_VARIANT:
      return read_text (scanner, token, member, draft, error);
    }
  g_assert_not_reached ();
}

static gboolean
read_named (OkapJsonScanner *scanner, OkapPriceDraft *draft, GError **error)
{
  g_autofree char *name = okap_json_scanner_dup (scanner);
  OkapJsonToken token = okap_json_scanner_next (scanner);
  OkapUnit unit;

  if (name == NULL || token == OKAP_JSON_INVALID || token == OKAP_JSON_END)
    return okap_price_refuse (error, "expected JSON");
  if (okap_unit_from_name (name, &unit))
    return read_unit (scanner, token, draft, unit, error);
  for (guint i = 0; i < OKAP_N_PRICE_MEMBERS; i++)
    if (g_str_equal (members[i], name))
      return read_member (scanner, token, (OkapPriceMember) i, draft, error);
  return okap_price_refuse (error, "\"%s\" is neither a unit that Okap knows nor a condition",
                            name);
}

/**
 * okap_price_draft_read:
 * @scanner: behind the opening brace
 * @draft: (out): clear it with okap_price_draft_clear(), also after an error
 * @error: says what was expected, without a line
 */
gboolean
okap_price_draft_read (OkapJsonScanner *scanner, OkapPriceDraft *draft, GError **error)
{
  OkapJsonToken token;

  *draft = (OkapPriceDraft) { 0 };
  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_NAME)
    if (!read_named (scanner, draft, error))
      return FALSE;
  if (token != OKAP_JSON_OBJECT_END)
    return okap_price_refuse (error, "expected JSON");
  if (draft->days == 0)
    draft->days = ALL_DAYS;
  draft->tier.known = draft->named;
  if ((draft->members & (1u << OKAP_PRICE_MEMBER_FREE)) != 0)
    {
      if (draft->named != 0)
        return okap_price_refuse (error, "expected either \"free\" or prices");
      draft->named = draft->tier.known = (1u << OKAP_N_UNITS) - 1;
    }
  if (draft->named == 0)
    return okap_price_refuse (error, "expected at least one price");
  if (draft->variant == NULL)
    okap_price_tier_fill (&draft->tier, draft->unknown);
  return TRUE;
}
