/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON that Okap writes. json-glib prints a double with seventeen digits, so that an amount of
 * $0.10 would reach an app as 0.10000000000000001; here a number has as few digits as give the
 * same double back. The rest is RFC 8259: strings as UTF-8, what must be escaped and no more. */
#include "config.h"

#include "okap-json.h"

#include <math.h>
#include <string.h>

static void
print_string (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_validate (text, -1, NULL) ? NULL : g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (const char *p = valid != NULL ? valid : text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        {
          g_string_append_c (out, '\\');
          g_string_append_c (out, *p);
        }
      else if (*p == '\n')
        g_string_append (out, "\\n");
      else if ((guchar) *p < 0x20 || *p == 0x7F)
        g_string_append_printf (out, "\\u%04x", (guint) (guchar) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

/* A whole double keeps a fraction, so that it is read back as a double. */
static void
print_double (GString *out, double value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (out, "null");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      double back;

      g_ascii_formatd (text, sizeof text, formats[i], value);
      back = g_ascii_strtod (text, NULL);
      if (!(back < value) && !(back > value))
        break;
    }
  g_string_append (out, text);
  if (strpbrk (text, ".e") == NULL)
    g_string_append (out, ".0");
}

static void
print_value (GString *out, JsonNode *node)
{
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      print_string (out, json_node_get_string (node));
      break;
    case G_TYPE_DOUBLE:
      print_double (out, json_node_get_double (node));
      break;
    case G_TYPE_BOOLEAN:
      g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
      break;
    default:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
      break;
    }
}

static void
print_break (GString *out, gboolean pretty, guint level)
{
  if (!pretty)
    return;
  g_string_append_c (out, '\n');
  for (guint i = 0; i < level; i++)
    g_string_append (out, "  ");
}

static void print_node (GString *out, JsonNode *node, gboolean pretty, guint level);

static void
print_array (GString *out, JsonArray *array, gboolean pretty, guint level)
{
  guint length = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      print_break (out, pretty, level + 1);
      print_node (out, json_array_get_element (array, i), pretty, level + 1);
    }
  if (length > 0)
    print_break (out, pretty, level);
  g_string_append_c (out, ']');
}

static void
print_object (GString *out, JsonObject *object, gboolean pretty, guint level)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      if (!first)
        g_string_append_c (out, ',');
      first = FALSE;
      print_break (out, pretty, level + 1);
      print_string (out, name);
      g_string_append (out, pretty ? ": " : ":");
      print_node (out, member, pretty, level + 1);
    }
  if (!first)
    print_break (out, pretty, level);
  g_string_append_c (out, '}');
}

static void
print_node (GString *out, JsonNode *node, gboolean pretty, guint level)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      print_object (out, json_node_get_object (node), pretty, level);
      break;
    case JSON_NODE_ARRAY:
      print_array (out, json_node_get_array (node), pretty, level);
      break;
    case JSON_NODE_VALUE:
      print_value (out, node);
      break;
    case JSON_NODE_NULL:
    default:
      g_string_append (out, "null");
      break;
    }
}

/**
 * okap_json_print:
 * @pretty: with line breaks, for people
 *
 * Returns: (transfer full): @node as text in one line, or indented, without a break at the end.
 *   Members come in the order in which they were added. A number that is no number is null.
 */
char *
okap_json_print (JsonNode *node, gboolean pretty)
{
  GString *out = g_string_new (NULL);

  print_node (out, node, pretty, 0);
  return g_string_free (out, FALSE);
}
