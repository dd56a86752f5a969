/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a provider's answer to the test of a key tells of money and limits, as its row says where
 * (okap-provider-standing.c). Pure, any thread.
 *
 * The answer is another's: whatever is not where it should be, is no number, is beyond reason, or
 * names no currency is left out, and so is all that comes after the first few. Amounts are shown
 * and never counted with. */
#include "config.h"

#include "okap-key-standing-read.h"

#include <math.h>
#include <string.h>

#include "okap-json.h"
#include "okap-key-health.h"

#define ANSWER_DEPTH 8
#define NUMBER_BYTES 32
#define MOST_AMOUNT 1e9          /* of money, of requests */
#define BILLION 1e9
#define HEADER_PREFIX "header:"

/* Digits, sign, point, exponent; nothing else that strtod() would take. */
static gboolean
parse_number (const char *text, double *out_value)
{
  gsize length = strlen (text);
  char *end;

  if (length == 0 || length > NUMBER_BYTES || strspn (text, "0123456789+-.eE") != length)
    return FALSE;
  *out_value = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*out_value) && fabs (*out_value) <= MOST_AMOUNT;
}

/* The value of @place below @root; its * is element @index. */
static JsonNode *
find_node (JsonNode *root, const char *place, guint index)
{
  g_auto (GStrv) steps = g_strsplit (place, ".", -1);
  JsonNode *node = root;

  for (char **step = steps; *step != NULL && node != NULL; step++)
    {
      if (g_str_equal (*step, "*"))
        node = JSON_NODE_HOLDS_ARRAY (node)
                 && index < json_array_get_length (json_node_get_array (node))
                 ? json_array_get_element (json_node_get_array (node), index) : NULL;
      else
        node = JSON_NODE_HOLDS_OBJECT (node)
                 ? json_object_get_member (json_node_get_object (node), *step) : NULL;
    }
  return node;
}

static gboolean
read_node (JsonNode *node, double *out_value)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return parse_number (json_node_get_string (node), out_value);
    case G_TYPE_INT64:
    case G_TYPE_DOUBLE:
      *out_value = json_node_get_double (node);
      return isfinite (*out_value) && fabs (*out_value) <= MOST_AMOUNT;
    default:
      return FALSE;
    }
}

static gboolean
read_header (const char *headers, const char *name, double *out_value)
{
  const char *line = okap_key_health_find_header (headers, name);
  char number[NUMBER_BYTES + 1];
  gsize length = line != NULL ? strcspn (line, " \t\r\n") : 0;

  if (length == 0 || length >= sizeof number)
    return FALSE;
  memcpy (number, line, length);
  number[length] = '\0';
  return parse_number (number, out_value);
}

static gboolean
set_currency (OkapStandingFact *fact, const OkapStandingRule *rule, JsonNode *root, guint index)
{
  const char *currency = rule->currency;

  if (strchr (currency, '.') != NULL)
    {
      JsonNode *node = find_node (root, currency, index);

      currency = node != NULL && JSON_NODE_HOLDS_VALUE (node)
                   && json_node_get_value_type (node) == G_TYPE_STRING
                   ? json_node_get_string (node) : "";
    }
  if (strlen (currency) != 3 || strspn (currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
    return FALSE;
  memcpy (fact->currency, currency, 3);
  return TRUE;
}

static gboolean
set_amount (OkapStandingFact *fact, double value)
{
  if (fact->kind != OKAP_STANDING_REQUESTS)
    {
      fact->amount = (gint64) llround (value * BILLION);
      return TRUE;
    }
  fact->amount = (gint64) llround (value);
  return value >= 0;
}

/* Adds what @rule finds: of a list, what each element tells. */
static void
read_rule (const OkapStandingRule *rule, const char *headers, JsonNode *root,
           OkapKeyStanding *standing)
{
  gboolean is_header = g_str_has_prefix (rule->place, HEADER_PREFIX);
  gboolean is_list = !is_header && strchr (rule->place, '*') != NULL;

  for (guint i = 0; standing->n_facts < OKAP_STANDING_MOST
                    && i < (is_list ? OKAP_STANDING_MOST : 1); i++)
    {
      OkapStandingFact fact = { .kind = rule->kind, .window = rule->window };
      double value;

      if (is_header ? !read_header (headers, rule->place + strlen (HEADER_PREFIX), &value)
                    : root == NULL || !read_node (find_node (root, rule->place, i), &value))
        continue;
      if ((rule->currency == NULL || set_currency (&fact, rule, root, i))
          && set_amount (&fact, value))
        standing->facts[standing->n_facts++] = fact;
    }
}

/**
 * okap_key_standing_read:
 * @headers: (nullable): lines of the answer's head
 * @body: (nullable): the answer, whole; one that was cut off tells nothing
 * @out_standing: (out): what was found, without the time
 */
void
okap_key_standing_read (const OkapProvider *provider, const char *headers, const char *body,
                        gsize length, OkapKeyStanding *out_standing)
{
  const GPtrArray *rules = okap_provider_get_standing (provider);
  g_autoptr (JsonNode) root = NULL;

  *out_standing = (OkapKeyStanding) { 0 };
  if (rules->len == 0)
    return;
  if (length > 0)
    root = okap_json_parse_strict (body, length, ANSWER_DEPTH, NULL);
  for (guint i = 0; i < rules->len; i++)
    read_rule (g_ptr_array_index (rules, i), headers, root, out_standing);
}
