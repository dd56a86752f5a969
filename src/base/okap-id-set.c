/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of numbers, as bits. Any thread, one at a time.
 *
 * A list on the screen needs the number of its rows, and for any place which row stands there. The
 * rows that fit a filter are known by their ids, and ids are given one after the other, so one bit
 * for each is the smallest form that needs no sorting; sets of several conditions are joined word
 * by word. Beside the bits stand sums: how many are set before each block of 512. They are made
 * when they are first asked for after a change, which takes microseconds for a million.
 *
 * A span of more than OKAP_CAP_ID_SPAN keeps its highest part: a file that somebody edited cannot
 * make us take more memory than that. */
#include "config.h"

#include "okap-id-set.h"

#include <string.h>

#include "okap-caps.h"

#define WORD_BITS 64
#define BLOCK_WORDS 8

struct _OkapIdSet
{
  gint64 first;        /* number of the first bit; what is below it is in no set */
  gint64 n;            /* of bits that count */
  gsize n_words;
  guint64 *words;      /* (owned) (nullable) bits beyond @n are 0 */
  guint *before;       /* (owned) (nullable) bits set before each block, and in all at the end */
};

static gsize
words_for (gint64 n)
{
  return (gsize) ((n + WORD_BITS - 1) / WORD_BITS);
}

static gsize
blocks_for (gsize n_words)
{
  return (n_words + BLOCK_WORDS - 1) / BLOCK_WORDS;
}

static guint
count_bits (guint64 word)
{
  return (guint) __builtin_popcountll (word);
}

static void
changed (OkapIdSet *self)
{
  g_clear_pointer (&self->before, g_free);
}

static void
set_span (OkapIdSet *self, gint64 n)
{
  gsize n_words = words_for (n);

  self->words = g_renew (guint64, self->words, MAX (n_words, 1));
  if (n_words > self->n_words)
    memset (self->words + self->n_words, 0, (n_words - self->n_words) * sizeof *self->words);
  self->n_words = n_words;
  self->n = n;
}

/**
 * okap_id_set_new:
 * @first: the lowest number that may be in it, at least 0
 * @last: the highest; one below @first for none
 *
 * Returns: (transfer full): an empty set
 */
OkapIdSet *
okap_id_set_new (gint64 first, gint64 last)
{
  OkapIdSet *self = g_new0 (OkapIdSet, 1);

  g_return_val_if_fail (first >= 0 && last >= first - 1, self);

  self->first = MAX (first, last - OKAP_CAP_ID_SPAN + 1);
  set_span (self, last - self->first + 1);
  return self;
}

/** okap_id_set_copy: (transfer full) */
OkapIdSet *
okap_id_set_copy (const OkapIdSet *self)
{
  OkapIdSet *copy = g_new0 (OkapIdSet, 1);

  copy->first = self->first;
  set_span (copy, self->n);
  memcpy (copy->words, self->words, self->n_words * sizeof *self->words);
  return copy;
}

void
okap_id_set_free (OkapIdSet *self)
{
  g_free (self->words);
  g_free (self->before);
  g_free (self);
}

static gboolean
holds (const OkapIdSet *self, gint64 id)
{
  return id >= self->first && id - self->first < self->n;
}

/** okap_id_set_add: what is outside of its span is left out */
void
okap_id_set_add (OkapIdSet *self, gint64 id)
{
  gint64 bit = id - self->first;

  if (!holds (self, id))
    return;
  self->words[bit / WORD_BITS] |= G_GUINT64_CONSTANT (1) << (bit % WORD_BITS);
  changed (self);
}

/** okap_id_set_add_all: every number of its span */
void
okap_id_set_add_all (OkapIdSet *self)
{
  if (self->n == 0)
    return;
  memset (self->words, 0xff, self->n_words * sizeof *self->words);
  if (self->n % WORD_BITS != 0)
    self->words[self->n_words - 1] = (G_GUINT64_CONSTANT (1) << (self->n % WORD_BITS)) - 1;
  changed (self);
}

void
okap_id_set_remove (OkapIdSet *self, gint64 id)
{
  gint64 bit = id - self->first;

  if (!holds (self, id))
    return;
  self->words[bit / WORD_BITS] &= ~(G_GUINT64_CONSTANT (1) << (bit % WORD_BITS));
  changed (self);
}

/** okap_id_set_intersect: keeps what is in @other, too, which has the same span */
void
okap_id_set_intersect (OkapIdSet *self, const OkapIdSet *other)
{
  g_return_if_fail (self->first == other->first && self->n == other->n);

  for (gsize i = 0; i < self->n_words; i++)
    self->words[i] &= other->words[i];
  changed (self);
}

/** okap_id_set_subtract: takes out what is in @other, which has the same span */
void
okap_id_set_subtract (OkapIdSet *self, const OkapIdSet *other)
{
  g_return_if_fail (self->first == other->first && self->n == other->n);

  for (gsize i = 0; i < self->n_words; i++)
    self->words[i] &= ~other->words[i];
  changed (self);
}

/**
 * okap_id_set_append:
 * @later: of numbers above the last of @self; how far it goes, @self goes from now on
 */
void
okap_id_set_append (OkapIdSet *self, const OkapIdSet *later)
{
  gint64 last = okap_id_set_get_last (later);

  g_return_if_fail (later->first > okap_id_set_get_last (self));

  if (last - self->first >= OKAP_CAP_ID_SPAN)
    return;
  set_span (self, last - self->first + 1);
  for (gint64 bit = 0; bit < later->n; bit++)
    if ((later->words[bit / WORD_BITS] >> (bit % WORD_BITS) & 1) != 0)
      okap_id_set_add (self, later->first + bit);
  changed (self);
}

/** okap_id_set_continues: whether it is @earlier, and perhaps more above the span of that */
gboolean
okap_id_set_continues (const OkapIdSet *self, const OkapIdSet *earlier)
{
  gsize whole = (gsize) (earlier->n / WORD_BITS);
  guint rest = (guint) (earlier->n % WORD_BITS);
  guint64 mask = (G_GUINT64_CONSTANT (1) << rest) - 1;

  if (self->first != earlier->first || self->n < earlier->n)
    return FALSE;
  if (whole > 0 && memcmp (self->words, earlier->words, whole * sizeof *self->words) != 0)
    return FALSE;
  return rest == 0 || ((self->words[whole] ^ earlier->words[whole]) & mask) == 0;
}

gboolean
okap_id_set_contains (const OkapIdSet *self, gint64 id)
{
  gint64 bit = id - self->first;

  return holds (self, id) && (self->words[bit / WORD_BITS] >> (bit % WORD_BITS) & 1) != 0;
}

/** okap_id_set_get_first: the lowest number that may be in it */
gint64
okap_id_set_get_first (const OkapIdSet *self)
{
  return self->first;
}

/** okap_id_set_get_last: the highest number that may be in it */
gint64
okap_id_set_get_last (const OkapIdSet *self)
{
  return self->first + self->n - 1;
}

static void
sum (OkapIdSet *self)
{
  gsize n_blocks = blocks_for (self->n_words);
  guint count = 0;

  if (self->before != NULL)
    return;
  self->before = g_new (guint, n_blocks + 1);
  for (gsize i = 0; i < self->n_words; i++)
    {
      if (i % BLOCK_WORDS == 0)
        self->before[i / BLOCK_WORDS] = count;
      count += count_bits (self->words[i]);
    }
  self->before[n_blocks] = count;
}

/** okap_id_set_count: how many are in it */
guint
okap_id_set_count (OkapIdSet *self)
{
  sum (self);
  return self->before[blocks_for (self->n_words)];
}

/* The last block before which at most @rank bits are set. */
static gsize
find_block (OkapIdSet *self, guint rank)
{
  gsize low = 0;
  gsize high = blocks_for (self->n_words);

  while (high - low > 1)
    {
      gsize middle = (low + high) / 2;

      if (self->before[middle] <= rank)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/**
 * okap_id_set_get_nth:
 * @position: counted from the highest number, 0 is the first
 *
 * Returns: the number; -1 if there are not so many
 */
gint64
okap_id_set_get_nth (OkapIdSet *self, guint position)
{
  guint count = okap_id_set_count (self);
  guint rank, left;
  gsize word;
  guint64 bits;

  if (position >= count)
    return -1;
  rank = count - 1 - position;
  word = find_block (self, rank) * BLOCK_WORDS;
  left = rank - self->before[word / BLOCK_WORDS];
  while (left >= count_bits (self->words[word]))
    left -= count_bits (self->words[word++]);
  bits = self->words[word];
  while (left-- > 0)
    bits &= bits - 1;
  return self->first + (gint64) word * WORD_BITS + __builtin_ctzll (bits);
}

/** okap_id_set_count_above: how many numbers above @id are in it: the position of @id, if it is */
guint
okap_id_set_count_above (OkapIdSet *self, gint64 id)
{
  guint count = okap_id_set_count (self);
  gint64 bit = id - self->first;
  gint64 word = bit / WORD_BITS;
  guint upto;

  if (bit < 0)
    return count;
  if (bit >= self->n)
    return 0;
  upto = self->before[word / BLOCK_WORDS];
  for (gint64 i = word / BLOCK_WORDS * BLOCK_WORDS; i < word; i++)
    upto += count_bits (self->words[i]);
  upto += count_bits (self->words[word] << (WORD_BITS - 1 - bit % WORD_BITS));
  return count - upto;
}
