/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules about asking as text: a line with a tag under a key derived from the vault key, then
 * JSON. Pure.
 *
 * Pauses and blocks count before the vault is open, when nobody can check the tag: they can only
 * refuse. When it opens, a text whose tag does not fit is dropped whole. So a program that edits
 * it can lose its own pause, which it can by removing the file, too; and it can have others
 * refused until the vault opens. It gains no more than that. A text of yesterday, put back with its
 * tag, counts again. */
#include "config.h"

#include "okap-asking-file.h"

#include <sodium.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-json.h"
#include "okap-policy-tag.h"
#include "okap-store.h"
#include "okap-text.h"

#define HEX_CHARS (2 * OKAP_STORE_TAG_BYTES)
#define DEPTH 4
#define N_AMOUNTS 3
#define WORDS_CHARS 5000  /* a path is among them */

static char *
dup_tag (const char *json, const OkapSecret *key)
{
  guint8 tag[OKAP_STORE_TAG_BYTES];
  char *hex = g_malloc (HEX_CHARS + 1);

  okap_policy_tag_asking (json, key, tag);
  sodium_bin2hex (hex, HEX_CHARS + 1, tag, sizeof tag);
  return hex;
}

static void
build_block (JsonBuilder *builder, OkapBlock *block)
{
  const char *key = okap_block_get_key (block);
  g_autofree char *coded = g_base64_encode ((const guchar *) key, strlen (key));

  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, coded);  /* a path need not be UTF-8 */
  json_builder_add_string_value (builder, okap_block_get_name (block));
  json_builder_add_string_value (builder, okap_block_get_words (block));
  json_builder_add_int_value (builder, okap_block_get_reason (block));
  json_builder_add_int_value (builder, okap_block_get_since (block));
  json_builder_add_int_value (builder, okap_block_get_until (block));
  json_builder_end_array (builder);
}

/** okap_asking_file_format: (transfer full) */
char *
okap_asking_file_format (const OkapThreshold *threshold, GListModel *blocks, const OkapSecret *key)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;
  g_autofree char *tag = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "threshold");
  json_builder_begin_array (builder);
  json_builder_add_int_value (builder, threshold->daily_nusd);
  json_builder_add_int_value (builder, threshold->monthly_nusd);
  json_builder_add_int_value (builder, threshold->total_nusd);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "blocks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (blocks); i++)
    {
      g_autoptr (OkapBlock) block = g_list_model_get_item (blocks, i);

      build_block (builder, block);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json = okap_json_print (root, FALSE);
  tag = dup_tag (json, key);
  return g_strconcat (tag, "\n", json, NULL);
}

/** okap_asking_file_is_sound: whether this vault wrote it */
gboolean
okap_asking_file_is_sound (const char *text, const OkapSecret *key)
{
  g_autofree char *tag = NULL;

  if (strlen (text) <= HEX_CHARS || text[HEX_CHARS] != '\n')
    return FALSE;
  tag = dup_tag (text + HEX_CHARS + 1, key);
  return sodium_memcmp (text, tag, HEX_CHARS) == 0;
}

static gboolean
get_int (JsonArray *array, guint i, gint64 *out_value)
{
  JsonNode *node = json_array_get_element (array, i);

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *out_value = json_node_get_int (node);
  return *out_value >= 0;
}

static const char *
get_string (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

/* (transfer full) (nullable) */
static OkapBlock *
read_block (JsonNode *node)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autofree char *key = NULL;
  g_autofree char *name = NULL;
  g_autofree char *words = NULL;
  gint64 reason, since_us, until_us;
  gsize length;

  if (array == NULL || json_array_get_length (array) != 6 || get_string (array, 0) == NULL
      || get_string (array, 1) == NULL || get_string (array, 2) == NULL
      || !get_int (array, 3, &reason) || reason > OKAP_BLOCK_ALWAYS
      || !get_int (array, 4, &since_us) || !get_int (array, 5, &until_us))
    return NULL;
  key = (char *) g_base64_decode (get_string (array, 0), &length);
  name = okap_text_clean (get_string (array, 1), OKAP_CAP_NAME_CHARS);  /* by whomever it was put */
  words = okap_text_clean (get_string (array, 2), WORDS_CHARS);
  return length > 0 && strlen (key) == length
         ? okap_block_new (key, name, words, (OkapBlockReason) reason, since_us, until_us) : NULL;
}

/**
 * okap_asking_file_parse:
 * @out_blocks: (out) (transfer full) (element-type OkapBlock)
 *
 * Says nothing about who wrote it.
 */
gboolean
okap_asking_file_parse (const char *text, OkapThreshold *out_threshold, GPtrArray **out_blocks)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func (g_object_unref);
  const char *json = strchr (text, '\n');
  g_autoptr (JsonNode) root = json != NULL ? okap_json_parse_strict (json + 1, strlen (json + 1),
                                                                     DEPTH, NULL) : NULL;
  JsonObject *object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root)
                                                                      : NULL;
  JsonNode *threshold = object != NULL ? json_object_get_member (object, "threshold") : NULL;
  JsonNode *rows = object != NULL ? json_object_get_member (object, "blocks") : NULL;
  JsonArray *amounts;

  if (threshold == NULL || rows == NULL || !JSON_NODE_HOLDS_ARRAY (threshold)
      || !JSON_NODE_HOLDS_ARRAY (rows))
    return FALSE;
  amounts = json_node_get_array (threshold);
  if (json_array_get_length (amounts) != N_AMOUNTS
      || !get_int (amounts, 0, &out_threshold->daily_nusd)
      || !get_int (amounts, 1, &out_threshold->monthly_nusd)
      || !get_int (amounts, 2, &out_threshold->total_nusd))
    return FALSE;
  for (guint i = 0; i < MIN (json_array_get_length (json_node_get_array (rows)),
                             OKAP_CAP_FLOOD_PROGRAMS); i++)
    {
      OkapBlock *block = read_block (json_array_get_element (json_node_get_array (rows), i));

      if (block == NULL)
        return FALSE;
      g_ptr_array_add (blocks, block);
    }
  *out_blocks = g_steal_pointer (&blocks);
  return TRUE;
}
