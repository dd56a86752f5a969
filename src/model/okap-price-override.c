/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prices that the user set, in a form for people: dollars a million tokens, a picture, a second.
 *
 *   { "prices": [
 *     { "provider": "replicate", "model": "acme/painter", "usd_per_second": 0.00115 },
 *     { "provider": "my-server", "model": "*", "input_usd_per_million": 0.5,
 *       "output_usd_per_million": 1.5, "max_output_tokens": 8192 } ] }
 *
 * The numbers are kept as they are written and turned into pico-dollars digit by digit, rounded up,
 * so that no float comes between what the user wrote and what is charged. Ids may end or begin
 * with a * as in the table.
 *
 * What the user says of a model is all that it charges for: a model with a price for a second of
 * its time costs nothing for a run or a picture besides, and one with a price for tokens nothing
 * for the time that it takes. Only two things stay unknown: tokens of a kind that the ones with a
 * price say nothing about, and searches, which are another service. */
#include "config.h"

#include "okap-price-override.h"

#include <string.h>

#include "okap-price-private.h"

#define FILE_DEPTH 3
#define ALL_UNITS ((1u << OKAP_N_UNITS) - 1)
#define TOKEN_UNITS ((1u << OKAP_N_TOKEN_UNITS) - 1)
#define OVERRIDES_MOST 4096
#define DIGITS_MOST 40
#define MOST_TOKENS G_GINT64_CONSTANT (1000000000)

/* A dollar has 10^12 pico-dollars: what it buys decides how many of them a unit costs. */
static const struct
{
  const char *member;
  gint shift;            /* decimal places from dollars, as written, to pico-dollars a unit */
} fields[OKAP_N_UNITS] = {
  [OKAP_UNIT_INPUT] = { "input_usd_per_million", 6 },
  [OKAP_UNIT_CACHED] = { "cached_usd_per_million", 6 },
  [OKAP_UNIT_CACHE_WRITTEN] = { "cache_written_usd_per_million", 6 },
  [OKAP_UNIT_CACHE_WRITTEN_1H] = { "cache_written_1h_usd_per_million", 6 },
  [OKAP_UNIT_AUDIO_INPUT] = { "audio_input_usd_per_million", 6 },
  [OKAP_UNIT_AUDIO_CACHED] = { "audio_cached_usd_per_million", 6 },
  [OKAP_UNIT_IMAGE_INPUT] = { "image_input_usd_per_million", 6 },
  [OKAP_UNIT_IMAGE_CACHED] = { "image_cached_usd_per_million", 6 },
  [OKAP_UNIT_VIDEO_INPUT] = { "video_input_usd_per_million", 6 },
  [OKAP_UNIT_OUTPUT] = { "output_usd_per_million", 6 },
  [OKAP_UNIT_REASONING] = { "reasoning_usd_per_million", 6 },
  [OKAP_UNIT_AUDIO_OUTPUT] = { "audio_output_usd_per_million", 6 },
  [OKAP_UNIT_IMAGE_OUTPUT] = { "image_output_usd_per_million", 6 },
  [OKAP_UNIT_VIDEO_OUTPUT] = { "video_output_usd_per_million", 6 },
  [OKAP_UNIT_REQUESTS] = { "usd_per_run", 12 },
  [OKAP_UNIT_IMAGES] = { "usd_per_image", 12 },
  [OKAP_UNIT_MILLISECONDS] = { "usd_per_second", 9 },
  [OKAP_UNIT_CHARACTERS] = { "usd_per_million_characters", 6 },
  [OKAP_UNIT_SEARCHES] = { "usd_per_search", 12 },
  [OKAP_UNIT_PAGES] = { "usd_per_page", 12 },
};

/** okap_price_override_new: (transfer full): without a price yet; @model in any letter case */
OkapPriceOverride *
okap_price_override_new (const char *provider, const char *model)
{
  OkapPriceOverride *self = g_new0 (OkapPriceOverride, 1);

  self->provider = g_strdup (provider);
  self->model = g_ascii_strdown (model, -1);
  return self;
}

void
okap_price_override_free (OkapPriceOverride *self)
{
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    g_free (self->usd[unit]);
  g_free (self->provider);
  g_free (self->model);
  g_free (self);
}

/** okap_price_override_get_member: (transfer none): the name of a unit's price in the file, which
 *   says how many units it is the price of */
const char *
okap_price_override_get_member (OkapUnit unit)
{
  return fields[unit].member;
}

/** okap_price_format_usd: (transfer full): dollars for as many units as
 *   okap_price_override_get_member() says, exactly, such as "0.075" */
char *
okap_price_format_usd (OkapUnit unit, gint64 pusd)
{
  guint places = (guint) fields[unit].shift;
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%0*" G_GINT64_FORMAT, (int) places + 1, pusd);
  g_string_insert_c (text, (gssize) (text->len - places), '.');
  while (text->str[text->len - 1] == '0')
    g_string_truncate (text, text->len - 1);
  if (text->str[text->len - 1] == '.')
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

static guint
skip_digits (const char *text)
{
  guint n = 0;

  while (g_ascii_isdigit (text[n]))
    n++;
  return n;
}

/* The digits of a decimal without sign and exponent, and how many of them stand behind the point;
 * FALSE if it is none. */
static gboolean
read_decimal (const char *text, char digits[DIGITS_MOST + 1], guint *out_places)
{
  guint whole = skip_digits (text);
  guint places = 0;

  if (text[whole] == '.')
    places = skip_digits (text + whole + 1);
  if (whole == 0 || whole + places > DIGITS_MOST || (text[whole] == '.' && places == 0)
      || text[whole + places + (places > 0 ? 1 : 0)] != '\0')
    return FALSE;
  memcpy (digits, text, whole);
  memcpy (digits + whole, text + whole + 1, places);
  digits[whole + places] = '\0';
  *out_places = places;
  return TRUE;
}

/* @text times ten to the power of @shift, rounded up; -1 if it is no decimal or does not fit. */
static gint64
parse_decimal (const char *text, gint shift)
{
  char digits[DIGITS_MOST + 1];
  guint places, length;
  gint64 value = 0;
  gint end;

  if (!read_decimal (text, digits, &places))
    return -1;
  length = strlen (digits);
  end = (gint) length - (gint) places + shift;
  for (gint i = 0; i < end; i++)
    if (__builtin_mul_overflow (value, 10, &value)
        || __builtin_add_overflow (value, i < (gint) length ? digits[i] - '0' : 0, &value))
      return -1;
  for (guint i = (guint) end; i < length; i++)
    if (digits[i] != '0')
      return value < G_MAXINT64 ? value + 1 : -1;
  return value;
}

/**
 * okap_price_override_set:
 * @usd: (nullable): dollars as a decimal, such as "0.075", for as many units as
 *   okap_price_override_get_member() says; %NULL takes the price away
 * @error: %OKAP_ERROR_INVALID_REQUEST
 */
gboolean
okap_price_override_set (OkapPriceOverride *self, OkapUnit unit, const char *usd, GError **error)
{
  gint64 pusd = usd != NULL ? parse_decimal (usd, fields[unit].shift) : 0;

  if (pusd < 0)
    return okap_price_refuse (error, "expected \"%s\" to be dollars, such as 0.075",
                              fields[unit].member);
  if (pusd > okap_price_get_most_pusd (unit))
    return okap_price_refuse (error, "\"%s\" is more than anything costs: is it meant for one, or "
                              "for a million?", fields[unit].member);
  g_free (self->usd[unit]);
  self->usd[unit] = g_strdup (usd);
  return TRUE;
}

static gboolean
is_empty (const OkapPriceOverride *self)
{
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    if (self->usd[unit] != NULL)
      return FALSE;
  return !self->free;
}

static gboolean
read_tokens (OkapJsonScanner *scanner, OkapJsonToken token, const char *name, gint64 *out_tokens,
             GError **error)
{
  if (token == OKAP_JSON_NUMBER && okap_json_scanner_get_int (scanner, out_tokens)
      && *out_tokens > 0 && *out_tokens <= MOST_TOKENS)
    return TRUE;
  return okap_price_refuse (error, "expected \"%s\" to be a number of tokens", name);
}

static gboolean
read_member (OkapJsonScanner *scanner, OkapPriceOverride *self, GError **error)
{
  g_autofree char *name = okap_json_scanner_dup (scanner);
  OkapJsonToken token = okap_json_scanner_next (scanner);
  g_autofree char *text = NULL;

  if (name == NULL || token == OKAP_JSON_INVALID || token == OKAP_JSON_END)
    return okap_price_refuse (error, "expected JSON");
  if (token == OKAP_JSON_STRING)
    text = okap_json_scanner_dup (scanner);
  if (g_str_equal (name, "provider") && text != NULL && self->provider == NULL)
    self->provider = g_steal_pointer (&text);
  else if (g_str_equal (name, "model") && text != NULL && self->model == NULL)
    self->model = g_ascii_strdown (text, -1);
  else if (g_str_equal (name, "max_output_tokens") && self->max_output_tokens == 0)
    return read_tokens (scanner, token, name, &self->max_output_tokens, error);
  else if (g_str_equal (name, "context_tokens") && self->context_tokens == 0)
    return read_tokens (scanner, token, name, &self->context_tokens, error);
  else if (g_str_equal (name, "free") && token == OKAP_JSON_TRUE && !self->free)
    self->free = TRUE;
  else
    {
      for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
        if (g_str_equal (name, fields[unit].member) && token == OKAP_JSON_NUMBER
            && self->usd[unit] == NULL)
          {
            g_autofree char *usd = g_strndup (scanner->text, scanner->length);

            return okap_price_override_set (self, (OkapUnit) unit, usd, error);
          }
      return okap_price_refuse (error, "\"%s\" is unknown here, stands twice or has a value of "
                                "the wrong kind: expected \"provider\", \"model\", prices such as "
                                "\"input_usd_per_million\", \"usd_per_image\", \"usd_per_second\" "
                                "or \"usd_per_run\", or \"free\": true", name);
    }
  return TRUE;
}

static OkapPriceOverride *
read_override (OkapJsonScanner *scanner, GError **error)
{
  g_autoptr (OkapPriceOverride) self = g_new0 (OkapPriceOverride, 1);
  OkapJsonToken token;

  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_NAME)
    if (!read_member (scanner, self, error))
      return NULL;
  if (token != OKAP_JSON_OBJECT_END)
    okap_price_refuse (error, "expected JSON");
  else if (self->provider == NULL || self->model == NULL)
    okap_price_refuse (error, "expected a \"provider\" and a \"model\"");
  else if (is_empty (self))
    okap_price_refuse (error, "expected at least one price");
  else
    return g_steal_pointer (&self);
  return NULL;
}

static OkapPriceRow *
make_row (const OkapPriceOverride *self)
{
  OkapPriceRow *row = g_new0 (OkapPriceRow, 1);

  row->sources = g_strdup ("user");
  row->max_output_tokens = self->max_output_tokens;
  row->context_tokens = self->context_tokens;
  row->n_parts = 1;
  row->parts = g_new0 (OkapPricePart, 1);
  row->parts[0].n_tiers = 1;
  row->tiers = g_new0 (OkapPriceTier, 1);
  if (self->free)
    row->tiers[0].known = ALL_UNITS;
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    if (self->usd[unit] != NULL)
      {
        row->tiers[0].known |= 1u << unit;
        row->tiers[0].pusd[unit] = parse_decimal (self->usd[unit], fields[unit].shift);
      }
  okap_price_tier_fill (row->tiers, 0);
  row->tiers[0].known |= ALL_UNITS & ~TOKEN_UNITS & ~(1u << OKAP_UNIT_SEARCHES);
  if ((row->tiers[0].known & TOKEN_UNITS) == 0)
    row->tiers[0].known |= TOKEN_UNITS;
  return row;
}

/** okap_price_overrides_make_table: (transfer full): what can be looked up in
 * @error: if an id is none, or has two prices
 */
OkapPriceTable *
okap_price_overrides_make_table (GPtrArray *overrides, GError **error)
{
  g_autoptr (OkapPriceTable) table = okap_price_table_new (NULL);

  for (guint i = 0; i < overrides->len; i++)
    {
      const OkapPriceOverride *self = g_ptr_array_index (overrides, i);

      if (!okap_price_table_add (table, self->provider, self->model, make_row (self), error))
        return NULL;
    }
  okap_price_table_seal (table);
  return g_steal_pointer (&table);
}

/* Each is checked against those before it, so that an error has its line. */
static gboolean
read_list (OkapJsonScanner *scanner, GPtrArray *overrides, GError **error)
{
  g_autoptr (OkapPriceTable) table = okap_price_table_new (NULL);
  OkapJsonToken token;

  if (okap_json_scanner_next (scanner) != OKAP_JSON_ARRAY)
    return okap_price_refuse (error, "expected \"prices\" to be a list");
  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_OBJECT)
    {
      OkapPriceOverride *self = read_override (scanner, error);

      if (self == NULL)
        return FALSE;
      g_ptr_array_add (overrides, self);
      if (overrides->len > OVERRIDES_MOST)
        return okap_price_refuse (error, "expected at most %d prices", OVERRIDES_MOST);
      if (!okap_price_table_add (table, self->provider, self->model, make_row (self), error))
        return FALSE;
    }
  if (token != OKAP_JSON_ARRAY_END)
    return okap_price_refuse (error, "expected a list of objects");
  return TRUE;
}

static gboolean
read_all (OkapJsonScanner *scanner, GPtrArray *overrides, GError **error)
{
  if (okap_json_scanner_next (scanner) != OKAP_JSON_OBJECT
      || okap_json_scanner_next (scanner) != OKAP_JSON_NAME
      || !okap_json_scanner_is (scanner, "prices"))
    return okap_price_refuse (error, "expected { \"prices\": [ ... ] }");
  if (!read_list (scanner, overrides, error))
    return FALSE;
  if (okap_json_scanner_next (scanner) != OKAP_JSON_OBJECT_END
      || okap_json_scanner_next (scanner) != OKAP_JSON_END)
    return okap_price_refuse (error, "expected the end of the file behind \"prices\"");
  return TRUE;
}

/**
 * okap_price_overrides_read: (transfer full)
 * @error: %OKAP_ERROR_INVALID_REQUEST with the line and what was expected there
 */
GPtrArray *
okap_price_overrides_read (const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) overrides
    = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_price_override_free);
  g_autoptr (GError) reason = NULL;
  OkapJsonScanner scanner;

  okap_json_scanner_init (&scanner, text, length, FILE_DEPTH);
  if (read_all (&scanner, overrides, &reason))
    return g_steal_pointer (&overrides);
  okap_price_refuse_line (error, &scanner, text, length, reason);
  return NULL;
}

static void
append_string (GString *text, const char *name, const char *value)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), value);
  g_autofree char *quoted = okap_json_print (node, FALSE);

  g_string_append_printf (text, "\"%s\": %s", name, quoted);
}

/** okap_price_overrides_format: (transfer full): the file, one price a line */
char *
okap_price_overrides_format (GPtrArray *overrides)
{
  GString *text = g_string_new ("{ \"prices\": [");

  for (guint i = 0; i < overrides->len; i++)
    {
      const OkapPriceOverride *self = g_ptr_array_index (overrides, i);

      g_string_append (text, i == 0 ? "\n  { " : ",\n  { ");
      append_string (text, "provider", self->provider);
      g_string_append (text, ", ");
      append_string (text, "model", self->model);
      for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
        if (self->usd[unit] != NULL)
          g_string_append_printf (text, ", \"%s\": %s", fields[unit].member, self->usd[unit]);
      if (self->max_output_tokens > 0)
        g_string_append_printf (text, ", \"max_output_tokens\": %" G_GINT64_FORMAT,
                                self->max_output_tokens);
      if (self->context_tokens > 0)
        g_string_append_printf (text, ", \"context_tokens\": %" G_GINT64_FORMAT,
                                self->context_tokens);
      g_string_append (text, self->free ? ", \"free\": true }" : " }");
    }
  g_string_append (text, "\n] }\n");
  return g_string_free (text, FALSE);
}

/** okap_price_overrides_remove: whether there was one for @model */
gboolean
okap_price_overrides_remove (GPtrArray *overrides, const char *provider, const char *model)
{
  for (guint i = 0; i < overrides->len; i++)
    {
      const OkapPriceOverride *self = g_ptr_array_index (overrides, i);

      if (g_str_equal (self->provider, provider) && g_ascii_strcasecmp (self->model, model) == 0)
        {
          g_ptr_array_remove_index (overrides, i);
          return TRUE;
        }
    }
  return FALSE;
}
