/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tree from JSON that came from outside. json-glib builds it, but lets too much through: any
 * depth, bytes after the value, two members of one name (who wins?), and whole numbers beyond 64
 * bits, which it turns into others (-99999999999999999999 would be read as 1). So the text is
 * walked before, and only what has one meaning reaches json-glib. */
#include "config.h"

#include "okap-json.h"

#include <math.h>
#include <string.h>

#include "okap-error.h"
#include "okap-text.h"

typedef struct
{
  GPtrArray *names;  /* (owned) (element-type GHashTable) members so far of each open object */
  char *last_name;   /* (owned) (nullable) for messages */
} Walk;

static void
walk_clear (Walk *walk)
{
  g_ptr_array_unref (walk->names);
  g_free (walk->last_name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Walk, walk_clear)

static gboolean
check_text (Walk *walk, const OkapJsonScanner *scanner, gboolean is_name, GError **error)
{
  g_autofree char *text = okap_json_scanner_dup (scanner);
  g_autofree char *shown = NULL;

  if (text == NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "A string in the JSON has an escape that is no character");
      return FALSE;
    }
  if (!is_name)
    return TRUE;
  if (!g_hash_table_add (g_ptr_array_index (walk->names, walk->names->len - 1), g_strdup (text)))
    {
      shown = okap_text_clean (text, 64);
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "The JSON has the member “%s” twice in one object", shown);
      return FALSE;
    }
  g_free (walk->last_name);
  walk->last_name = g_steal_pointer (&text);
  return TRUE;
}

/* Whole numbers must fit 64 bits, others a double; a sign does not count. */
static gboolean
number_fits (const char *text)
{
  guint64 magnitude;

  if (strpbrk (text, ".eE") != NULL)
    return isfinite (g_ascii_strtod (text, NULL));
  return g_ascii_string_to_unsigned (*text == '-' ? text + 1 : text, 10, 0, G_MAXINT64, &magnitude,
                                     NULL);
}

static gboolean
check_number (const Walk *walk, const OkapJsonScanner *scanner, GError **error)
{
  g_autofree char *text = okap_json_scanner_dup (scanner);
  g_autofree char *shown = NULL;

  if (number_fits (text))
    return TRUE;
  shown = okap_text_clean (walk->last_name != NULL ? walk->last_name : "", 64);
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
               "%s: expected a number that fits 64 bits, got a larger one", shown);
  return FALSE;
}

static gboolean
fail_invalid (const OkapJsonScanner *scanner, GError **error)
{
  if (scanner->depth >= scanner->most_depth)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "The JSON is nested deeper than %u levels, or not valid at byte %zu",
                 scanner->most_depth, okap_json_scanner_get_offset (scanner));
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "Expected JSON, but at byte %zu it is not valid",
                 okap_json_scanner_get_offset (scanner));
  return FALSE;
}

static gboolean
check_strict (OkapJsonScanner *scanner, GError **error)
{
  g_auto (Walk) walk = {
    .names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref),
  };
  gboolean valid = TRUE;

  while (valid)
    switch (okap_json_scanner_next (scanner))
      {
      case OKAP_JSON_END:
        return TRUE;
      case OKAP_JSON_INVALID:
        return fail_invalid (scanner, error);
      case OKAP_JSON_OBJECT:
        g_ptr_array_add (walk.names, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL));
        break;
      case OKAP_JSON_OBJECT_END:
        g_ptr_array_set_size (walk.names, (int) walk.names->len - 1);
        break;
      case OKAP_JSON_NAME:
        valid = check_text (&walk, scanner, TRUE, error);
        break;
      case OKAP_JSON_STRING:
        valid = check_text (&walk, scanner, FALSE, error);
        break;
      case OKAP_JSON_NUMBER:
        valid = check_number (&walk, scanner, error);
        break;
      case OKAP_JSON_ARRAY:
      case OKAP_JSON_ARRAY_END:
      case OKAP_JSON_TRUE:
      case OKAP_JSON_FALSE:
      case OKAP_JSON_NULL:
      default:
        break;
      }
  return FALSE;
}

/**
 * okap_json_parse_strict:
 * @data: text from outside, of any bytes
 * @error: %OKAP_ERROR_INVALID_REQUEST, saying what is wrong
 *
 * Returns: (transfer full) (nullable): the value, if it is valid, not too deep, no object in it
 *   has two members of one name, and every number in it is one that C can hold
 */
JsonNode *
okap_json_parse_strict (const char *data, gsize length, guint most_depth, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) local = NULL;
  OkapJsonScanner scanner;

  okap_json_scanner_init (&scanner, data, length, most_depth);
  if (!check_strict (&scanner, error))
    return NULL;

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, data, (gssize) length, &local))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, "The JSON could not be read");
      return NULL;
    }
  return json_parser_steal_root (parser);
}
