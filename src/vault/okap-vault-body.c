/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is inside the vault, as values and as bytes. The bytes are records of u16 type, u32 length,
 * value, in ascending order of their types; a record of type 0 ends them and zeros fill up to a
 * multiple of 4096, so that the file's size tells little. A key is a record of fields, each u16
 * type, u16 length, value, again in ascending order. As in the header, types from 0x8000 on are
 * optional and kept, others must be known.
 *
 * Decoding takes each key from guarded memory straight into an OkapSecret; no general parser and
 * no ordinary memory ever sees one. The bytes are authentic when they come here, and are checked
 * all the same. */
#include "config.h"

#include "okap-vault-body.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-cursor.h"
#include "okap-error.h"
#include "okap-sealed-format.h"

#define ID_BYTES 32
#define TAIL_CHARS 4
#define TAIL_LEAST_CHARS 12   /* of a shorter key, four characters would tell too much */
#define LABEL_BYTES (OKAP_CAP_LABEL_CHARS * 4)

enum
{
  RECORD_END = 0,
  RECORD_KEY = 1,
  TYPE_OPTIONAL = 0x8000,
};

enum
{
  FIELD_ID = 1,
  FIELD_PROVIDER,
  FIELD_LABEL,
  FIELD_BASE_URL,   /* missing if the provider's own is used */
  FIELD_CREATED,
  FIELD_SECRET,
};

/** okap_vault_entry_new: (transfer full): takes references of its own */
OkapVaultEntry *
okap_vault_entry_new (OkapKeyInfo *info, OkapSecret *secret)
{
  OkapVaultEntry *entry = g_new0 (OkapVaultEntry, 1);

  g_atomic_ref_count_init (&entry->ref_count);
  entry->info = g_object_ref (info);
  entry->secret = okap_secret_ref (secret);
  return entry;
}

OkapVaultEntry *
okap_vault_entry_ref (OkapVaultEntry *entry)
{
  g_atomic_ref_count_inc (&entry->ref_count);
  return entry;
}

void
okap_vault_entry_unref (OkapVaultEntry *entry)
{
  if (!g_atomic_ref_count_dec (&entry->ref_count))
    return;
  g_object_unref (entry->info);
  okap_secret_unref (entry->secret);
  g_clear_pointer (&entry->extra, okap_secret_unref);
  g_free (entry);
}

/** okap_vault_entry_tail: (transfer full): what may be shown of @secret; often its last four
 * characters, empty if it is short */
char *
okap_vault_entry_tail (OkapSecret *secret)
{
  gsize length = okap_secret_get_length (secret);

  if (length < TAIL_LEAST_CHARS)
    return g_strdup ("");
  return g_strndup (okap_secret_get_text (secret) + length - TAIL_CHARS, TAIL_CHARS);
}

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
put_field (OkapWriter *writer, guint16 type, gconstpointer data, gsize length)
{
  okap_writer_put_u16 (writer, type);
  okap_writer_put_u16 (writer, (guint16) length);
  okap_writer_put (writer, data, length);
}

static void
put_text (OkapWriter *writer, guint16 type, const char *text)
{
  put_field (writer, type, text, strlen (text));
}

static void
encode_entry (const OkapVaultEntry *entry, OkapWriter *writer)
{
  const char *base_url = okap_key_info_get_base_url (entry->info);

  put_text (writer, FIELD_ID, okap_key_info_get_id (entry->info));
  put_text (writer, FIELD_PROVIDER, okap_key_info_get_provider (entry->info));
  put_text (writer, FIELD_LABEL, okap_key_info_get_label (entry->info));
  if (base_url != NULL)
    put_text (writer, FIELD_BASE_URL, base_url);
  okap_writer_put_u16 (writer, FIELD_CREATED);
  okap_writer_put_u16 (writer, 8);
  okap_writer_put_u64 (writer, (guint64) okap_key_info_get_created (entry->info));
  put_field (writer, FIELD_SECRET, okap_secret_get_data (entry->secret),
             okap_secret_get_length (entry->secret));
  if (entry->extra != NULL)
    okap_writer_put (writer, okap_secret_get_data (entry->extra),
                     okap_secret_get_length (entry->extra));
}

static void
encode_body (OkapVaultBody *body, OkapWriter *writer)
{
  for (guint i = 0; i < body->entries->len; i++)
    {
      const OkapVaultEntry *entry = g_ptr_array_index (body->entries, i);
      OkapWriter count;

      okap_writer_init (&count, NULL, 0);
      encode_entry (entry, &count);
      okap_writer_put_u16 (writer, RECORD_KEY);
      okap_writer_put_u32 (writer, (guint32) count.length);
      encode_entry (entry, writer);
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
refuse (GError **error, const char *what)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED,
               "The vault opened, but %s. It was probably written by a faulty program", what);
  return FALSE;
}

static gboolean
refuse_newer (GError **error, guint type)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_NEWER,
               "The vault holds something of kind %u that only a newer Okap knows. Update Okap to "
               "open it", type);
  return FALSE;
}

/* The fields of a key while they are read; text is copied, the secret is lent. */
typedef struct
{
  char *id;           /* (owned) */
  char *provider;     /* (owned) */
  char *label;        /* (owned) */
  char *base_url;     /* (owned) (nullable) */
  guint64 created_us;
  OkapSecret *secret; /* (owned) */
  OkapSecret *extra;  /* (owned) (nullable) */
} Fields;

static void
fields_clear (Fields *fields)
{
  g_free (fields->id);
  g_free (fields->provider);
  g_free (fields->label);
  g_free (fields->base_url);
  g_clear_pointer (&fields->secret, okap_secret_unref);
  g_clear_pointer (&fields->extra, okap_secret_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

static gboolean
take_text (const guint8 *data, gsize length, gsize most, char **out_text)
{
  if (length > most || !g_utf8_validate_len ((const char *) data, length, NULL))
    return FALSE;
  *out_text = g_strndup ((const char *) data, length);
  return TRUE;
}

/* Returns: whether the field is known and well-formed */
static gboolean
take_field (Fields *fields, guint16 type, const guint8 *data, gsize length)
{
  OkapReader reader;

  switch (type)
    {
    case FIELD_ID:
      return length > 0 && take_text (data, length, ID_BYTES, &fields->id);
    case FIELD_PROVIDER:
      return take_text (data, length, ID_BYTES, &fields->provider);
    case FIELD_LABEL:
      return take_text (data, length, LABEL_BYTES, &fields->label);
    case FIELD_BASE_URL:
      return length > 0 && take_text (data, length, OKAP_CAP_URL_BYTES, &fields->base_url);
    case FIELD_CREATED:
      okap_reader_init (&reader, data, length);
      return okap_reader_take_u64 (&reader, &fields->created_us) && reader.left == 0;
    default:
      if (length > OKAP_CAP_PROVIDER_KEY_BYTES)
        return FALSE;
      fields->secret = okap_secret_new (data, length);
      return TRUE;
    }
}

static gboolean
take_fields (Fields *fields, const guint8 *data, gsize length, GError **error)
{
  OkapReader reader;
  guint16 last = 0;

  okap_reader_init (&reader, data, length);
  while (reader.left > 0)
    {
      const guint8 *start = reader.p;
      gsize rest = reader.left;
      const guint8 *value;
      guint16 type, n;

      if (!okap_reader_take_u16 (&reader, &type) || !okap_reader_take_u16 (&reader, &n)
          || !okap_reader_take (&reader, n, &value) || type <= last)
        return refuse (error, "a key in it is malformed");
      last = type;
      if (type >= TYPE_OPTIONAL)
        {
          if (fields->extra == NULL)
            fields->extra = okap_secret_new (start, rest);
          continue;
        }
      if (type > FIELD_SECRET)
        return refuse_newer (error, type);
      if (!take_field (fields, type, value, n))
        return refuse (error, "a key in it has an impossible field");
    }
  if (fields->id == NULL || fields->provider == NULL || fields->label == NULL
      || fields->secret == NULL)
    return refuse (error, "a key in it has missing fields");
  return TRUE;
}

static OkapVaultEntry *
decode_entry (const guint8 *data, gsize length, GError **error)
{
  g_auto (Fields) fields = { NULL };
  g_autoptr (OkapKeyInfo) info = NULL;
  g_autofree char *tail = NULL;
  g_autofree char *base_url = NULL;
  OkapVaultEntry *entry;

  if (!take_fields (&fields, data, length, error))
    return NULL;
  if (fields.base_url != NULL)
    base_url = okap_vault_clean_base_url (fields.base_url, NULL);
  if ((fields.base_url != NULL && base_url == NULL)
      || !okap_vault_check_provider (fields.provider, NULL)
      || !okap_vault_check_key (fields.secret, base_url, NULL))
    {
      refuse (error, "a key in it could never have been added");
      return NULL;
    }
  tail = okap_vault_entry_tail (fields.secret);
  info = okap_key_info_new (fields.id, fields.provider, fields.label, tail, base_url,
                            (gint64) fields.created_us);
  entry = okap_vault_entry_new (info, fields.secret);
  entry->extra = g_steal_pointer (&fields.extra);
  return entry;
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
        return refuse (error, "its contents have no end");
      if (type == RECORD_END)
        return TRUE;
      if (type >= TYPE_OPTIONAL)
        {
          const guint8 *start = rest.p;

          if (!skip_optional (&rest, type, &end))
            return refuse (error, "its contents are malformed");
          body->extra = okap_secret_new (start, (gsize) (end - start));
          *reader = rest;
          return TRUE;
        }
      if (type != RECORD_KEY)
        return refuse_newer (error, type);
      if (!okap_reader_take_u32 (reader, &n) || !okap_reader_take (reader, n, &value))
        return refuse (error, "its contents are malformed");
      if (body->entries->len == OKAP_CAP_KEYS)
        return refuse (error, "it holds too many keys");
      entry = decode_entry (value, n, error);
      if (entry == NULL)
        return FALSE;
      if (okap_vault_body_find (body, okap_key_info_get_id (entry->info)) != NULL)
        return refuse (error, "two keys in it have the same name");
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
      refuse (error, "there is something behind its contents");
      return NULL;
    }
  return g_steal_pointer (&body);
}
