/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factors on the whole cost that no list of prices has: the tier of service, the speed, where a
 * model runs, whether it may wait. data/prices/modifiers.json is written by hand. A line of it is
 * [provider, model, signal, permille, when]: the model may end with *, a signal is a kind and its
 * values ("tier=priority|fast", "region=*", "batch"); of the lines that fit, the first counts.
 *
 * What was served decides about the cost: the answer says it. What may be served decides about the
 * worst case: what the request asks for by name, or, where it asks for nothing or for "auto",
 * anything whose "when" is "any". Providers serve at the usual price what they cannot serve
 * cheaper, so that a worst case is never below it.
 *
 * Two things are known to be simpler here than they are: Google halves some, not all, of its cache
 * reads in batches; and a tier is a factor on all kinds of tokens. Any thread. */
#include "config.h"

#include "okap-price.h"

#include <string.h>

#include "okap-json.h"
#include "okap-price-private.h"
#include "okap-provider-private.h"

#define FILE_PATH "/com/example/Okap/prices/modifiers.json"
#define FILE_DEPTH 3
#define PERMILLE 1000
#define MOST_PERMILLE 20000

static const char *const kinds[] = { "tier", "speed", "geo", "region", "batch" };

typedef struct
{
  char *model;         /* (owned) may end with * */
  char *values;        /* (owned) separated by |; * for all; empty for a kind without */
  guint kind;          /* of kinds */
  guint permille;
  gboolean unasked;    /* whether it may come about when the request does not name it */
} Modifier;

typedef struct
{
  GArray *modifiers;   /* (owned) (element-type Modifier) in the order of the file */
  guint dearest;       /* permille of the dearest of each kind together */
} ModifierList;

/* A part of a list of signals, in place. */
typedef struct
{
  const char *value;
  gsize length;
} Signal;

static void
modifier_clear (Modifier *modifier)
{
  g_free (modifier->model);
  g_free (modifier->values);
}

static void
list_free (ModifierList *list)
{
  g_array_unref (list->modifiers);
  g_free (list);
}

static guint
combine (guint a, guint b)
{
  return (a * b + PERMILLE - 1) / PERMILLE;
}

static gboolean
find_kind (const char *name, gsize length, guint *out_kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strlen (kinds[i]) == length && g_ascii_strncasecmp (kinds[i], name, length) == 0)
      {
        *out_kind = i;
        return TRUE;
      }
  return FALSE;
}

static char *
read_string (OkapJsonScanner *scanner)
{
  return okap_json_scanner_next (scanner) == OKAP_JSON_STRING ? okap_json_scanner_dup (scanner)
                                                              : NULL;
}

/* One line, behind its opening bracket. */
static gboolean
read_line (GHashTable *lists, OkapJsonScanner *scanner)
{
  g_autofree char *provider = read_string (scanner);
  g_autofree char *model = provider != NULL ? read_string (scanner) : NULL;
  g_autofree char *signal = model != NULL ? read_string (scanner) : NULL;
  g_autofree char *when = NULL;
  const char *values;
  ModifierList *list;
  Modifier modifier = { 0 };
  gint64 permille;

  if (signal == NULL || okap_json_scanner_next (scanner) != OKAP_JSON_NUMBER
      || !okap_json_scanner_get_int (scanner, &permille) || permille > MOST_PERMILLE)
    return FALSE;
  when = read_string (scanner);
  values = strchr (signal, '=');
  if (when == NULL || okap_json_scanner_next (scanner) != OKAP_JSON_ARRAY_END
      || !find_kind (signal, strcspn (signal, "="), &modifier.kind))
    return FALSE;
  list = g_hash_table_lookup (lists, provider);
  if (list == NULL)
    {
      list = g_new0 (ModifierList, 1);
      list->modifiers = g_array_new (FALSE, FALSE, sizeof (Modifier));
      g_array_set_clear_func (list->modifiers, (GDestroyNotify) modifier_clear);
      g_hash_table_insert (lists, g_steal_pointer (&provider), list);
    }
  modifier.model = g_steal_pointer (&model);
  modifier.values = g_strdup (values != NULL ? values + 1 : "");
  modifier.permille = permille;
  modifier.unasked = g_str_equal (when, "any");
  g_array_append_val (list->modifiers, modifier);
  return modifier.unasked || g_str_equal (when, "asked");
}

static gboolean
read_lines (GHashTable *lists, const char *text, gsize length)
{
  OkapJsonScanner scanner;
  OkapJsonToken token;

  okap_json_scanner_init (&scanner, text, length, FILE_DEPTH);
  if (okap_json_scanner_next (&scanner) != OKAP_JSON_OBJECT)
    return FALSE;
  while (okap_json_scanner_next (&scanner) == OKAP_JSON_NAME
         && !okap_json_scanner_is (&scanner, "modifiers"))
    if (!okap_json_scanner_skip (&scanner, okap_json_scanner_next (&scanner)))
      return FALSE;
  if (okap_json_scanner_next (&scanner) != OKAP_JSON_ARRAY)
    return FALSE;
  while ((token = okap_json_scanner_next (&scanner)) == OKAP_JSON_ARRAY)
    if (!read_line (lists, &scanner))
      return FALSE;
  return token == OKAP_JSON_ARRAY_END;
}

static void
sum_list (ModifierList *list)
{
  list->dearest = PERMILLE;
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      guint dearest = PERMILLE;

      for (guint i = 0; i < list->modifiers->len; i++)
        {
          const Modifier *modifier = &g_array_index (list->modifiers, Modifier, i);

          if (modifier->kind == kind)
            dearest = MAX (dearest, modifier->permille);
        }
      list->dearest = combine (list->dearest, dearest);
    }
}

static GHashTable *
load_lists (void)
{
  g_autoptr (GBytes) bytes = okap_model_data_load (FILE_PATH);
  GHashTable *lists = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) list_free);
  GHashTableIter iter;
  gpointer list;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  if (!read_lines (lists, text, length))
    g_error ("%s is not a table of modifiers", FILE_PATH);
  g_hash_table_iter_init (&iter, lists);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    sum_list (list);
  return lists;
}

static const ModifierList *
find_list (const char *provider)
{
  static GHashTable *lists;

  if (g_once_init_enter (&lists))
    g_once_init_leave (&lists, load_lists ());
  return g_hash_table_lookup (lists, provider);
}

static gboolean
fits_model (const Modifier *modifier, const char *model)
{
  gsize last = strlen (modifier->model) - 1;

  if (modifier->model[last] == '*')
    return g_ascii_strncasecmp (modifier->model, model, last) == 0;
  return g_ascii_strcasecmp (modifier->model, model) == 0;
}

static gboolean
fits_value (const Modifier *modifier, const Signal *signal)
{
  const char *value = modifier->values;

  if (g_str_equal (value, "*"))
    return TRUE;
  for (;;)
    {
      gsize length = strcspn (value, "|");

      if (length == signal->length && g_ascii_strncasecmp (value, signal->value, length) == 0)
        return TRUE;
      value += length;
      if (*value == '\0')
        return FALSE;
      value++;
    }
}

/* The first that fits; NULL if nothing is known of it. */
static const Modifier *
find_modifier (const ModifierList *list, const char *model, guint kind, const Signal *signal)
{
  for (guint i = 0; i < list->modifiers->len; i++)
    {
      const Modifier *modifier = &g_array_index (list->modifiers, Modifier, i);

      if (modifier->kind == kind && fits_model (modifier, model) && fits_value (modifier, signal))
        return modifier;
    }
  return NULL;
}

/* Of the same kind, from the first line for each value on, so that the line for one model hides
 * the one for all. */
static guint
find_dearest (const ModifierList *list, const char *model, guint kind, gboolean unasked)
{
  guint dearest = PERMILLE;

  for (guint i = 0; i < list->modifiers->len; i++)
    {
      const Modifier *modifier = &g_array_index (list->modifiers, Modifier, i);
      Signal first = { modifier->values, strcspn (modifier->values, "|") };

      if (modifier->kind == kind && (modifier->unasked || !unasked) && fits_model (modifier, model)
          && find_modifier (list, model, kind, &first) == modifier)
        dearest = MAX (dearest, modifier->permille);
    }
  return dearest;
}

/* The next of a list of signals that is of @kind; "tier=batch" is another word for "batch". */
static gboolean
next_signal (const char **signals, guint kind, Signal *out_signal)
{
  while (*signals != NULL && **signals != '\0')
    {
      const char *word = *signals;
      gsize length = strcspn (word, ",");
      gsize name = strcspn (word, "=,");
      guint found;

      *signals += length + (word[length] == ',');
      if (length == strlen ("tier=batch") && g_ascii_strncasecmp (word, "tier=batch", length) == 0)
        {
          word += strlen ("tier=");
          length = name = strlen ("batch");
        }
      if (!find_kind (word, name, &found) || found != kind)
        continue;
      *out_signal = (Signal) { word + MIN (name + 1, length), length - MIN (name + 1, length) };
      return TRUE;
    }
  return FALSE;
}

/**
 * okap_price_get_modifier:
 * @model: (nullable)
 * @signals: (nullable): how the provider says that it served the request, as a list such as
 *   "tier=flex,geo=us": tier, speed, geo, region with a value, or batch without; letter case does
 *   not matter. Of one kind that is named twice the dearest counts.
 *
 * Returns: the factor on the cost, in thousandths; 1000 for what nothing is known of
 */
guint
okap_price_get_modifier (const char *provider, const char *model, const char *signals)
{
  const ModifierList *list = find_list (provider);
  guint permille = PERMILLE;

  for (guint kind = 0; list != NULL && kind < G_N_ELEMENTS (kinds); kind++)
    {
      const char *rest = signals;
      Signal signal;
      guint dearest = 0;

      while (next_signal (&rest, kind, &signal))
        {
          const Modifier *modifier = find_modifier (list, model != NULL ? model : "", kind,
                                                    &signal);

          dearest = MAX (dearest, modifier != NULL ? modifier->permille : PERMILLE);
        }
      if (dearest > 0)
        permille = combine (permille, dearest);
    }
  return permille;
}

/* The dearest of one kind that may come of what the request says. */
static guint
limit_kind (const ModifierList *list, const char *model, guint kind, const char *signals)
{
  const char *rest = signals;
  Signal signal;
  guint dearest = 0;

  while (next_signal (&rest, kind, &signal))
    {
      const Modifier *modifier = find_modifier (list, model, kind, &signal);
      gboolean open = signal.length == strlen ("auto")
                      && g_ascii_strncasecmp (signal.value, "auto", signal.length) == 0;

      if (open)
        dearest = MAX (dearest, find_dearest (list, model, kind, TRUE));
      else
        dearest = MAX (dearest, modifier != NULL ? modifier->permille
                                                 : find_dearest (list, model, kind, FALSE));
    }
  return dearest > 0 ? MAX (dearest, PERMILLE) : find_dearest (list, model, kind, TRUE);
}

/**
 * okap_price_limit_modifiers:
 * @price: as a look-up gave it, with the dearest modifiers that any request could bring about
 * @model: (nullable)
 * @signals: (nullable): what the request asks for, as okap_price_get_modifier() takes it; %NULL or
 *   empty if it asks for nothing
 *
 * Sets dearest_permille to what this request can bring about. A value that Okap does not know may
 * be the dearest.
 */
void
okap_price_limit_modifiers (OkapPrice *price, const char *provider, const char *model,
                            const char *signals)
{
  const ModifierList *list = find_list (provider);

  price->dearest_permille = PERMILLE;
  for (guint kind = 0; list != NULL && kind < G_N_ELEMENTS (kinds); kind++)
    price->dearest_permille
      = combine (price->dearest_permille,
                 limit_kind (list, model != NULL ? model : "", kind, signals));
}

/** okap_price_open_modifiers: sets dearest_permille to what any request can bring about */
void
okap_price_open_modifiers (OkapPrice *price, const char *provider)
{
  const ModifierList *list = find_list (provider);

  price->dearest_permille = list != NULL ? list->dearest : PERMILLE;
}
