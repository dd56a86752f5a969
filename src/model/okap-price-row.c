/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one model costs, put together from the objects of its line, and which of it holds when.
 *
 * A row is a list of parts in the order of time, each behind the day from which it holds; parts
 * for some hours stand behind the part of the day that they belong to. The tiers of all parts lie
 * one after the other, so that everything that may come to hold while a request runs is one
 * stretch of them: all hours of the day, and the next price if it begins within a day. The worst
 * case of a request is taken from that stretch, because a vendor may charge by the time at which a
 * request ends; its cost is taken from the part that holds at the time it is looked up for. */
#include "config.h"

#include "okap-price-private.h"

#include <string.h>

#define PARTS_MOST 16
#define TIERS_MOST 32
#define VARIANTS_MOST 64
#define MINUTE_US (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
#define DAY_MINUTES (24 * 60)
#define DAY_US (DAY_MINUTES * MINUTE_US)
#define FIRST_WEEKDAY 3  /* 1 January 1970 was a Thursday */
#define BIT(member) (1u << OKAP_PRICE_MEMBER_##member)

typedef struct
{
  GArray *parts;
  GArray *tiers;
  GArray *variants;
} Builder;

static void
variant_clear (OkapPriceVariant *variant)
{
  g_free (variant->words);
}

void
okap_price_row_free (OkapPriceRow *row)
{
  for (guint i = 0; i < row->n_variants; i++)
    variant_clear (&row->variants[i]);
  g_free (row->variants);
  g_free (row->tiers);
  g_free (row->parts);
  g_free (row->sources);
  g_free (row);
}

static gboolean
is_whole_day (const OkapPricePart *part)
{
  return part->from_minute == part->to_minute;
}

static OkapPricePart *
last_part (Builder *builder)
{
  return builder->parts->len == 0 ? NULL : &g_array_index (builder->parts, OkapPricePart,
                                                           builder->parts->len - 1);
}

static gboolean
add_tier (Builder *builder, const OkapPriceDraft *draft, GError **error)
{
  OkapPricePart *part = last_part (builder);
  const OkapPriceTier *before = part == NULL || builder->tiers->len == 0
    ? NULL : &g_array_index (builder->tiers, OkapPriceTier, builder->tiers->len - 1);

  if (before == NULL || draft->members != BIT (ABOVE))
    return okap_price_refuse (error, "expected \"above\" behind other prices, alone with its own");
  if (draft->tier.from_input_tokens <= before->from_input_tokens)
    return okap_price_refuse (error, "expected tiers in ascending order");
  part->n_tiers++;
  g_array_append_val (builder->tiers, draft->tier);
  return TRUE;
}

static gboolean
add_part (Builder *builder, const OkapPriceDraft *draft, GError **error)
{
  const OkapPricePart *before = last_part (builder);
  OkapPricePart part = { .since_us = draft->since_us, .from_minute = draft->from_minute,
                         .to_minute = draft->to_minute, .days = draft->days,
                         .first_tier = builder->tiers->len, .n_tiers = 1 };
  guint32 facts = BIT (MAX_OUTPUT) | BIT (CONTEXT) | BIT (THINKS);

  if (before == NULL ? (draft->members & ~(facts | BIT (FREE))) != 0
                     : (draft->members & facts) != 0)
    return okap_price_refuse (error, "expected the first prices of a line, and only those, to "
                              "hold always and to say how much the model reads and writes");
  if (before != NULL && ((draft->members & BIT (SINCE)) != 0) == !is_whole_day (&part))
    return okap_price_refuse (error, "expected either \"above\", \"since\", \"hours\" or "
                              "\"variant\" with all prices but the first");
  if ((draft->members & BIT (DAYS)) != 0 && is_whole_day (&part))
    return okap_price_refuse (error, "expected \"hours\" with \"days\"");
  if (before != NULL && is_whole_day (&part) && part.since_us <= before->since_us)
    return okap_price_refuse (error, "expected dates in ascending order");
  if (before != NULL && !is_whole_day (&part))
    part.since_us = before->since_us;
  g_array_append_val (builder->parts, part);
  g_array_append_val (builder->tiers, draft->tier);
  return TRUE;
}

/* What a variant leaves out costs what it costs without it. */
static gboolean
add_variant (Builder *builder, OkapPriceDraft *draft, GError **error)
{
  OkapPriceVariant variant = { 0 };
  const OkapPricePart *part = NULL;

  for (guint i = 0; i < builder->parts->len; i++)
    if (is_whole_day (&g_array_index (builder->parts, OkapPricePart, i)))
      part = &g_array_index (builder->parts, OkapPricePart, i);
  if (part == NULL || (draft->members & ~(BIT (VARIANT) | BIT (FREE))) != 0)
    return okap_price_refuse (error, "expected \"variant\" behind other prices, alone with its "
                              "own");
  for (guint i = 0; i < builder->variants->len; i++)
    if (g_str_equal (g_array_index (builder->variants, OkapPriceVariant, i).words,
                     draft->variant))
      return okap_price_refuse (error, "the variant \"%s\" has two prices", draft->variant);
  variant.tier = g_array_index (builder->tiers, OkapPriceTier, part->first_tier);
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    if ((draft->named & (1u << unit)) != 0)
      variant.tier.pusd[unit] = draft->tier.pusd[unit];
  variant.tier.known = (variant.tier.known | draft->named) & ~draft->unknown;
  variant.words = g_steal_pointer (&draft->variant);
  g_array_append_val (builder->variants, variant);
  return TRUE;
}

static gboolean
add_draft (Builder *builder, OkapPriceDraft *draft, GError **error)
{
  if (builder->parts->len == PARTS_MOST || builder->tiers->len == TIERS_MOST
      || builder->variants->len == VARIANTS_MOST)
    return okap_price_refuse (error, "expected fewer prices for one model");
  if (draft->variant != NULL)
    return add_variant (builder, draft, error);
  if (builder->variants->len > 0)
    return okap_price_refuse (error, "expected variants to be the last");
  if ((draft->members & BIT (ABOVE)) != 0)
    return add_tier (builder, draft, error);
  return add_part (builder, draft, error);
}

static gboolean
read_parts (OkapJsonScanner *scanner, Builder *builder, OkapPriceRow *row, GError **error)
{
  OkapJsonToken token;

  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_OBJECT)
    {
      g_auto (OkapPriceDraft) draft = { 0 };

      if (!okap_price_draft_read (scanner, &draft, error)
          || !add_draft (builder, &draft, error))
        return FALSE;
      if (builder->tiers->len == 1 && builder->variants->len == 0)
        {
          row->max_output_tokens = draft.max_output_tokens;
          row->context_tokens = draft.context_tokens;
          row->thinks = draft.thinks;
        }
    }
  if (token != OKAP_JSON_ARRAY_END)
    return okap_price_refuse (error, "expected an object with prices or the end of the line");
  return TRUE;
}

/**
 * okap_price_row_read:
 * @scanner: behind the sources of a line
 * @error: says what was expected, without a line
 *
 * Reads up to the end of the list that is the line.
 */
OkapPriceRow *
okap_price_row_read (OkapJsonScanner *scanner, GError **error)
{
  g_autoptr (OkapPriceRow) row = g_new0 (OkapPriceRow, 1);
  Builder builder = {
    g_array_new (FALSE, FALSE, sizeof (OkapPricePart)),
    g_array_new (FALSE, FALSE, sizeof (OkapPriceTier)),
    g_array_new (FALSE, FALSE, sizeof (OkapPriceVariant)),
  };
  gboolean read = read_parts (scanner, &builder, row, error);

  row->n_parts = builder.parts->len;
  row->n_variants = builder.variants->len;
  row->parts = (OkapPricePart *) (gpointer) g_array_free (builder.parts, FALSE);
  row->tiers = (OkapPriceTier *) (gpointer) g_array_free (builder.tiers, FALSE);
  row->variants = (OkapPriceVariant *) (gpointer) g_array_free (builder.variants, FALSE);
  return read ? g_steal_pointer (&row) : NULL;
}

static gboolean
holds_at (const OkapPricePart *part, gint64 at_us)
{
  gint64 minute = at_us / MINUTE_US % DAY_MINUTES;
  guint weekday = (at_us / DAY_US + FIRST_WEEKDAY) % 7;

  if ((part->days & (1u << weekday)) == 0)
    return FALSE;
  if (part->from_minute <= part->to_minute)
    return minute >= part->from_minute && minute < part->to_minute;
  return minute >= part->from_minute || minute < part->to_minute;
}

/* The first part behind @from that begins a new day. */
static guint
find_end_of_era (const OkapPriceRow *row, guint from)
{
  guint end = from + 1;

  while (end < row->n_parts && !is_whole_day (&row->parts[end]))
    end++;
  return end;
}

static void
set_facts (const OkapPriceRow *row, OkapPrice *out_price)
{
  out_price->max_output_tokens = row->max_output_tokens;
  out_price->context_tokens = row->context_tokens;
  out_price->thinks = row->thinks;
  out_price->dearest_permille = 1000;
}

/** okap_price_row_resolve: the price that @row, which is known, has at @at_us; no variant */
void
okap_price_row_resolve (const OkapPriceRow *row, gint64 at_us, OkapPrice *out_price)
{
  gint64 now_us = MAX (at_us, 0);
  guint era = 0, end = find_end_of_era (row, 0);
  const OkapPricePart *part;
  gint64 first;

  while (end < row->n_parts && row->parts[end].since_us <= now_us)
    {
      era = end;
      end = find_end_of_era (row, era);
    }
  part = &row->parts[era];
  for (guint i = era + 1; i < end; i++)
    if (holds_at (&row->parts[i], now_us))
      part = &row->parts[i];
  if (end < row->n_parts && row->parts[end].since_us - now_us <= DAY_US)
    end = find_end_of_era (row, end);
  first = row->parts[era].first_tier;
  *out_price = (OkapPrice) { .tiers = row->tiers + part->first_tier, .n_tiers = part->n_tiers };
  out_price->worst = row->tiers + first;
  out_price->n_worst = row->parts[end - 1].first_tier + row->parts[end - 1].n_tiers - first;
  set_facts (row, out_price);
}

/* Whether each word of @some is one of @all. */
static gboolean
has_words (const char *all, const char *some)
{
  while (*some != '\0')
    {
      gsize length = strcspn (some, " ");
      const char *word = all;

      while (*word != '\0' && (strcspn (word, " ") != length
                               || g_ascii_strncasecmp (word, some, length) != 0))
        {
          word += strcspn (word, " ");
          word += *word == ' ';
        }
      if (*word == '\0')
        return FALSE;
      some += length;
      some += *some == ' ';
    }
  return TRUE;
}

static gboolean
is_dearer (const OkapPriceTier *a, const OkapPriceTier *b)
{
  for (guint unit = OKAP_N_UNITS; unit-- > 0;)
    if (a->pusd[unit] != b->pusd[unit])
      return a->pusd[unit] > b->pusd[unit];
  return FALSE;
}

/** okap_price_row_resolve_variant: whether a variant fits, and its price; see
 *   okap_price_lookup_variant() */
gboolean
okap_price_row_resolve_variant (const OkapPriceRow *row, const char *variant,
                                OkapPrice *out_price)
{
  const OkapPriceTier *found = NULL;

  for (guint i = 0; i < row->n_variants; i++)
    {
      const OkapPriceVariant *one = &row->variants[i];

      if (!has_words (one->words, variant))
        continue;
      if (found == NULL || is_dearer (&one->tier, found))
        found = &one->tier;
      if (strlen (one->words) == strlen (variant))
        {
          found = &one->tier;
          break;
        }
    }
  if (found == NULL)
    return FALSE;
  *out_price = (OkapPrice) { .tiers = found, .n_tiers = 1 };
  set_facts (row, out_price);
  return TRUE;
}
