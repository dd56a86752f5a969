/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is inside the vault, as values and as bytes. The bytes are records of u16 type, u32 length,
 * value, in ascending order of their types; a record of type 0 ends them and zeros fill up to a
 * multiple of 4096, so that the file's size tells little. A key is one record, see
 * okap-vault-entry.c. As in the header, types from 0x8000 on are optional and kept, others must be
 * known. The bytes are authentic when they come here, and are checked all the same. */
#include "config.h"

#include "okap-vault-body.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-sealed-format.h"
#include "okap-vault-entry.h"

enum
{
  RECORD_END = 0,
  RECORD_KEY = 1,
  RECORD_ROOT = 2,
  RECORD_PUBLIC = 3,   /* of one slot */
};

/** okap_vault_body_new: (transfer full): a body without keys */
OkapVaultBody *
okap_vault_body_new (void)
{
  OkapVaultBody *body = g_new0 (OkapVaultBody, 1);

  g_atomic_ref_count_init (&body->ref_count);
  body->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_vault_entry_unref);
  return body;
}

OkapVaultBody *
okap_vault_body_ref (OkapVaultBody *body)
{
  g_atomic_ref_count_inc (&body->ref_count);
  return body;
}

void
okap_vault_body_unref (OkapVaultBody *body)
{
  if (!g_atomic_ref_count_dec (&body->ref_count))
    return;
  g_ptr_array_unref (body->entries);
  g_clear_pointer (&body->root, okap_secret_unref);
  g_clear_pointer (&body->extra, okap_secret_unref);
  g_free (body);
}

/* A copy without the key @id. */
static OkapVaultBody *
body_copy_without (OkapVaultBody *body, const char *id)
{
  OkapVaultBody *copy = okap_vault_body_new ();

  for (guint i = 0; i < body->entries->len; i++)
    {
      OkapVaultEntry *entry = g_ptr_array_index (body->entries, i);

      if (id == NULL || strcmp (okap_key_info_get_id (entry->info), id) != 0)
        g_ptr_array_add (copy->entries, okap_vault_entry_ref (entry));
    }
  copy->root = body->root != NULL ? okap_secret_ref (body->root) : NULL;
  memcpy (copy->publics, body->publics, sizeof copy->publics);
  copy->n_publics = body->n_publics;
  copy->extra = body->extra != NULL ? okap_secret_ref (body->extra) : NULL;
  return copy;
}

/** okap_vault_body_copy: (transfer full): to be changed as long as nobody else has it */
OkapVaultBody *
okap_vault_body_copy (OkapVaultBody *body)
{
  return body_copy_without (body, NULL);
}

/** okap_vault_body_get_public: (transfer none) (nullable): of the slot @slot_id */
const guint8 *
okap_vault_body_get_public (OkapVaultBody *body, const guint8 *slot_id)
{
  for (guint i = 0; i < body->n_publics; i++)
    if (memcmp (body->publics[i].slot_id, slot_id, OKAP_SEALED_ID_BYTES) == 0)
      return body->publics[i].key;
  return NULL;
}

/** okap_vault_body_set_public: into a copy that nobody else has */
void
okap_vault_body_set_public (OkapVaultBody *body, const guint8 *slot_id, const guint8 *key)
{
  OkapSlotPublic *at;

  okap_vault_body_drop_public (body, slot_id);
  g_return_if_fail (body->n_publics < G_N_ELEMENTS (body->publics));
  at = &body->publics[body->n_publics++];
  memcpy (at->slot_id, slot_id, sizeof at->slot_id);
  memcpy (at->key, key, sizeof at->key);
}

/** okap_vault_body_drop_public: from a copy that nobody else has */
void
okap_vault_body_drop_public (OkapVaultBody *body, const guint8 *slot_id)
{
  for (guint i = 0; i < body->n_publics; i++)
    if (memcmp (body->publics[i].slot_id, slot_id, OKAP_SEALED_ID_BYTES) == 0)
      {
        body->publics[i] = body->publics[--body->n_publics];
        return;
      }
}

/** okap_vault_body_with: (transfer full): @body and @entry behind it */
OkapVaultBody *
okap_vault_body_with (OkapVaultBody *body, OkapVaultEntry *entry)
{
  OkapVaultBody *copy = body_copy_without (body, NULL);

  g_ptr_array_add (copy->entries, okap_vault_entry_ref (entry));
  return copy;
}

/** okap_vault_body_with_all: (transfer full): @body and @entries (of OkapVaultEntry) behind it */
OkapVaultBody *
okap_vault_body_with_all (OkapVaultBody *body, GPtrArray *entries)
{
  OkapVaultBody *copy = okap_vault_body_copy (body);

  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (copy->entries, okap_vault_entry_ref (g_ptr_array_index (entries, i)));
  return copy;
}

/** okap_vault_body_replace: (transfer full): @body with @entry where the key of that id was */
OkapVaultBody *
okap_vault_body_replace (OkapVaultBody *body, OkapVaultEntry *entry)
{
  OkapVaultBody *copy = body_copy_without (body, NULL);
  const char *id = okap_key_info_get_id (entry->info);

  for (guint i = 0; i < copy->entries->len; i++)
    if (strcmp (okap_key_info_get_id (((OkapVaultEntry *) copy->entries->pdata[i])->info), id) == 0)
      {
        okap_vault_entry_unref (copy->entries->pdata[i]);
        copy->entries->pdata[i] = okap_vault_entry_ref (entry);
      }
  return copy;
}

/** okap_vault_body_without: (transfer full): @body without the key @id */
OkapVaultBody *
okap_vault_body_without (OkapVaultBody *body, const char *id)
{
  return body_copy_without (body, id);
}

/** okap_vault_body_find: (transfer none) (nullable) */
OkapVaultEntry *
okap_vault_body_find (OkapVaultBody *body, const char *id)
{
  for (guint i = 0; i < body->entries->len; i++)
    {
      OkapVaultEntry *entry = g_ptr_array_index (body->entries, i);

      if (strcmp (okap_key_info_get_id (entry->info), id) == 0)
        return entry;
    }
  return NULL;
}

static void
encode_body (OkapVaultBody *body, OkapWriter *writer)
{
  for (guint i = 0; i < body->entries->len; i++)
    {
      const OkapVaultEntry *entry = g_ptr_array_index (body->entries, i);
      OkapWriter count;

      okap_writer_init (&count, NULL, 0);
      okap_vault_entry_encode (entry, &count);
      okap_writer_put_u16 (writer, RECORD_KEY);
      okap_writer_put_u32 (writer, (guint32) count.length);
      okap_vault_entry_encode (entry, writer);
    }
  if (body->root != NULL)
    {
      okap_writer_put_u16 (writer, RECORD_ROOT);
      okap_writer_put_u32 (writer, OKAP_SEALED_KEY_BYTES);
      okap_writer_put (writer, okap_secret_get_data (body->root), OKAP_SEALED_KEY_BYTES);
    }
  for (guint i = 0; i < body->n_publics; i++)
    {
      okap_writer_put_u16 (writer, RECORD_PUBLIC);
      okap_writer_put_u32 (writer, sizeof body->publics[i].slot_id + sizeof body->publics[i].key);
      okap_writer_put (writer, body->publics[i].slot_id, sizeof body->publics[i].slot_id);
      okap_writer_put (writer, body->publics[i].key, sizeof body->publics[i].key);
    }
  if (body->extra != NULL)
    okap_writer_put (writer, okap_secret_get_data (body->extra),
                     okap_secret_get_length (body->extra));
  okap_writer_put_u16 (writer, RECORD_END);
}

/** okap_vault_body_encode: (transfer full): the bytes to seal, a multiple of 4096 */
OkapGuarded *
okap_vault_body_encode (OkapVaultBody *body)
{
  OkapGuarded *plain;
  OkapWriter writer;

  okap_writer_init (&writer, NULL, 0);
  encode_body (body, &writer);
  plain = okap_guarded_new ((writer.length + OKAP_SEALED_PAD_BYTES - 1) / OKAP_SEALED_PAD_BYTES
                            * OKAP_SEALED_PAD_BYTES);
  okap_writer_init (&writer, plain->data, plain->length);
  encode_body (body, &writer);
  return plain;
}

static gboolean
is_zero (const guint8 *data, gsize length)
{
  guint8 sum = 0;

  for (gsize i = 0; i < length; i++)
    sum |= data[i];
  return sum == 0;
}

/* Steps over optional records up to the end and returns where it stands. */
static gboolean
skip_optional (OkapReader *reader, guint16 last, const guint8 **out_end)
{
  const guint8 *value;
  guint16 type;
  guint32 n;

  for (;;)
    {
      *out_end = reader->p;
      if (!okap_reader_take_u16 (reader, &type))
        return FALSE;
      if (type == RECORD_END)
        return TRUE;
      if (type < last || !okap_reader_take_u32 (reader, &n)
          || !okap_reader_take (reader, n, &value))
        return FALSE;
      last = type;
    }
}

static gboolean
decode_key (OkapVaultBody *body, const guint8 *value, gsize length, GError **error)
{
  g_autoptr (OkapVaultEntry) entry = NULL;

  if (body->entries->len == OKAP_CAP_KEYS)
    return okap_vault_refuse (error, "it holds too many keys");
  entry = okap_vault_entry_decode (value, length, error);
  if (entry == NULL)
    return FALSE;
  if (okap_vault_body_find (body, okap_key_info_get_id (entry->info)) != NULL)
    return okap_vault_refuse (error, "two keys in it have the same name");
  g_ptr_array_add (body->entries, g_steal_pointer (&entry));
  return TRUE;
}

/* A record that stands behind the keys. */
static gboolean
decode_about_slots (OkapVaultBody *body, guint16 type, const guint8 *value, gsize length,
                    GError **error)
{
  if (type == RECORD_ROOT)
    {
      if (length != OKAP_SEALED_KEY_BYTES || body->root != NULL)
        return okap_vault_refuse (error, "its root key is malformed");
      body->root = okap_secret_new (value, length);
      return TRUE;
    }
  if (length != OKAP_SEALED_ID_BYTES + OKAP_SEALED_PUBLIC_BYTES
      || body->n_publics == G_N_ELEMENTS (body->publics)
      || okap_vault_body_get_public (body, value) != NULL)
    return okap_vault_refuse (error, "what it says of its slots is malformed");
  okap_vault_body_set_public (body, value, value + OKAP_SEALED_ID_BYTES);
  return TRUE;
}

static gboolean
decode_records (OkapVaultBody *body, OkapReader *reader, GError **error)
{
  guint16 last = 0;

  for (;;)
    {
      OkapReader rest = *reader;
      const guint8 *value;
      const guint8 *end;
      guint16 type;
      guint32 n;

      if (!okap_reader_take_u16 (reader, &type))
        return okap_vault_refuse (error, "its contents have no end");
      if (type == RECORD_END)
        return TRUE;
      if (type >= OKAP_VAULT_TYPE_OPTIONAL)
        {
          const guint8 *start = rest.p;

          if (!skip_optional (&rest, type, &end))
            return okap_vault_refuse (error, "its contents are malformed");
          body->extra = okap_secret_new (start, (gsize) (end - start));
          *reader = rest;
          return TRUE;
        }
      if (type > RECORD_PUBLIC)
        return okap_vault_refuse_newer (error, type);
      if (type < last || !okap_reader_take_u32 (reader, &n)
          || !okap_reader_take (reader, n, &value))
        return okap_vault_refuse (error, "its contents are malformed");
      last = type;
      if (type == RECORD_KEY ? !decode_key (body, value, n, error)
                             : !decode_about_slots (body, type, value, n, error))
        return FALSE;
    }
}

/**
 * okap_vault_body_decode:
 * @data: guarded memory with what okap_vault_body_encode() made
 * @error: %OKAP_ERROR_VAULT_DAMAGED, %OKAP_ERROR_VAULT_NEWER
 *
 * Returns: (transfer full) (nullable): the body; its secrets are copies of their own
 */
OkapVaultBody *
okap_vault_body_decode (const guint8 *data, gsize length, GError **error)
{
  g_autoptr (OkapVaultBody) body = okap_vault_body_new ();
  OkapReader reader;

  okap_reader_init (&reader, data, length);
  if (!decode_records (body, &reader, error))
    return NULL;
  if (!is_zero (reader.p, reader.left))
    {
      okap_vault_refuse (error, "there is something behind its contents");
      return NULL;
    }
  return g_steal_pointer (&body);
}
