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
  copy->extra = body->extra != NULL ? okap_secret_ref (body->extra) : NULL;
  return copy;
}

/** okap_vault_body_with: (transfer full): @body and @entry behind it */
OkapVaultBody *
okap_vault_body_with (OkapVaultBody *body, OkapVaultEntry *entry)
{
  OkapVaultBody *copy = body_copy_without (body, NULL);

  g_ptr_array_add (copy->entries, okap_vault_entry_ref (entry));
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
decode_records (OkapVaultBody *body, OkapReader *reader, GError **error)
{
  for (;;)
    {
      g_autoptr (OkapVaultEntry) entry = NULL;
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
      if (type != RECORD_KEY)
        return okap_vault_refuse_newer (error, type);
      if (!okap_reader_take_u32 (reader, &n) || !okap_reader_take (reader, n, &value))
        return okap_vault_refuse (error, "its contents are malformed");
      if (body->entries->len == OKAP_CAP_KEYS)
        return okap_vault_refuse (error, "it holds too many keys");
      entry = okap_vault_entry_decode (value, n, error);
      if (entry == NULL)
        return FALSE;
      if (okap_vault_body_find (body, okap_key_info_get_id (entry->info)) != NULL)
        return okap_vault_refuse (error, "two keys in it have the same name");
      g_ptr_array_add (body->entries, g_steal_pointer (&entry));
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
