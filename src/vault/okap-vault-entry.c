/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A key in the vault, as a value and as bytes: fields of u16 type, u16 length, value, in ascending
 * order of their types, those from 0x8000 on optional and kept. A key that was never replaced has
 * just the fields of the first format, so that an Okap that cannot replace keys still opens a
 * vault in which none was; what it does not know of the others, it refuses.
 *
 * Decoding takes each key from guarded memory straight into an OkapSecret; no general parser and
 * no ordinary memory ever sees one. */
#include "config.h"

#include "okap-vault-entry.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"

#define ID_BYTES 32
#define TAIL_CHARS 4
#define TAIL_LEAST_CHARS 12   /* of a shorter key, four characters would tell too much */
#define LABEL_BYTES (OKAP_CAP_LABEL_CHARS * 4)
#define ROTATION_FIXED_BYTES 26

enum
{
  FIELD_ID = 1,
  FIELD_PROVIDER,
  FIELD_LABEL,
  FIELD_BASE_URL,   /* missing if the provider's own is used */
  FIELD_CREATED,
  FIELD_SECRET,     /* the key in use */
  FIELD_VERSION,    /* u32 its version, u64 since when; missing for the first one */
  FIELD_ROTATION,   /* the last one: see put_rotation(); missing if there was none */
  FIELD_OTHER,      /* while it is open, the key that is tested or was replaced */
  FIELD_LAST = FIELD_OTHER,
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

/** okap_vault_entry_rename: (transfer full): the same key, called otherwise */
OkapVaultEntry *
okap_vault_entry_rename (OkapVaultEntry *entry, const char *label)
{
  g_autoptr (OkapKeyInfo) info = okap_key_info_new_label (entry->info, label);
  OkapVaultEntry *renamed = okap_vault_entry_new (info, entry->secret);

  renamed->other = entry->other != NULL ? okap_secret_ref (entry->other) : NULL;
  renamed->extra = entry->extra != NULL ? okap_secret_ref (entry->extra) : NULL;
  return renamed;
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
  g_clear_pointer (&entry->other, okap_secret_unref);
  g_clear_pointer (&entry->extra, okap_secret_unref);
  g_free (entry);
}

/** okap_vault_entry_tail: (transfer full): what may be shown of @secret, of a pair its first value;
 * often its last four characters, empty if it is short */
char *
okap_vault_entry_tail (OkapSecret *secret)
{
  gsize length = strcspn (okap_secret_get_text (secret), "\n");

  if (length < TAIL_LEAST_CHARS)
    return g_strdup ("");
  return g_strndup (okap_secret_get_text (secret) + length - TAIL_CHARS, TAIL_CHARS);
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

/* u8 state, u8 reason, u32 old version, u32 new version, u64 begin, u64 last step, id */
static void
put_rotation (OkapWriter *writer, const OkapRotation *rotation)
{
  gsize id_length = strlen (rotation->id);

  okap_writer_put_u16 (writer, FIELD_ROTATION);
  okap_writer_put_u16 (writer, (guint16) (ROTATION_FIXED_BYTES + id_length));
  okap_writer_put_u8 (writer, (guint8) rotation->state);
  okap_writer_put_u8 (writer, (guint8) rotation->reason);
  okap_writer_put_u32 (writer, rotation->old_version);
  okap_writer_put_u32 (writer, rotation->new_version);
  okap_writer_put_u64 (writer, (guint64) rotation->started_us);
  okap_writer_put_u64 (writer, (guint64) rotation->changed_us);
  okap_writer_put (writer, rotation->id, id_length);
}

static void
put_version (OkapWriter *writer, guint version, gint64 since_us)
{
  okap_writer_put_u16 (writer, FIELD_VERSION);
  okap_writer_put_u16 (writer, 12);
  okap_writer_put_u32 (writer, version);
  okap_writer_put_u64 (writer, (guint64) since_us);
}

/** okap_vault_entry_encode: the value of its record */
void
okap_vault_entry_encode (const OkapVaultEntry *entry, OkapWriter *writer)
{
  const char *base_url = okap_key_info_get_base_url (entry->info);
  const OkapRotation *rotation = okap_key_info_get_rotation (entry->info);

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
  if (okap_key_info_get_version (entry->info) != 1)
    put_version (writer, okap_key_info_get_version (entry->info),
                 okap_key_info_get_since (entry->info));
  if (rotation != NULL)
    put_rotation (writer, rotation);
  if (entry->other != NULL)
    put_field (writer, FIELD_OTHER, okap_secret_get_data (entry->other),
               okap_secret_get_length (entry->other));
  if (entry->extra != NULL)
    okap_writer_put (writer, okap_secret_get_data (entry->extra),
                     okap_secret_get_length (entry->extra));
}

/** okap_vault_refuse: says that the vault holds @what; returns FALSE */
gboolean
okap_vault_refuse (GError **error, const char *what)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED,
               "The vault opened, but %s. It was probably written by a faulty program", what);
  return FALSE;
}

/** okap_vault_refuse_newer: says that it holds a record or field @type; returns FALSE */
gboolean
okap_vault_refuse_newer (GError **error, guint type)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_NEWER,
               "The vault holds something of kind %u that only a newer Okap knows. Update Okap to "
               "open it", type);
  return FALSE;
}

/* The fields of a key while they are read. */
typedef struct
{
  char *id;           /* (owned) */
  char *provider;     /* (owned) */
  char *label;        /* (owned) */
  char *base_url;     /* (owned) (nullable) */
  guint64 created_us;
  OkapSecret *secret; /* (owned) */
  guint32 version;
  guint64 since_us;
  OkapRotation rotation;  /* without id if there was none */
  OkapSecret *other;  /* (owned) (nullable) */
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
  g_clear_pointer (&fields->other, okap_secret_unref);
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

static gboolean
take_secret (const guint8 *data, gsize length, OkapSecret **out_secret)
{
  if (length > OKAP_CAP_PROVIDER_KEY_BYTES)
    return FALSE;
  *out_secret = okap_secret_new (data, length);
  return TRUE;
}

static gboolean
take_version (const guint8 *data, gsize length, Fields *fields)
{
  OkapReader reader;

  okap_reader_init (&reader, data, length);
  return okap_reader_take_u32 (&reader, &fields->version) && fields->version > 1
         && okap_reader_take_u64 (&reader, &fields->since_us) && reader.left == 0;
}

static gboolean
take_rotation (const guint8 *data, gsize length, OkapRotation *rotation)
{
  OkapReader reader;
  const guint8 *id;
  guint8 state, reason;
  guint32 old_version, new_version;
  guint64 started_us, changed_us;
  gsize id_length;

  okap_reader_init (&reader, data, length);
  if (!okap_reader_take_u8 (&reader, &state) || !okap_reader_take_u8 (&reader, &reason)
      || !okap_reader_take_u32 (&reader, &old_version)
      || !okap_reader_take_u32 (&reader, &new_version)
      || !okap_reader_take_u64 (&reader, &started_us)
      || !okap_reader_take_u64 (&reader, &changed_us))
    return FALSE;
  id_length = reader.left;
  if (!okap_reader_take (&reader, id_length, &id)
      || !okap_rotation_id_is_valid ((const char *) id, id_length)
      || state < OKAP_ROTATION_TESTING || state > OKAP_ROTATION_ROLLED_BACK
      || reason < OKAP_ROTATION_ASKED || reason > OKAP_ROTATION_WATCHED
      || old_version == 0 || new_version <= old_version)
    return FALSE;
  memcpy (rotation->id, id, id_length);
  rotation->state = (OkapRotationState) state;
  rotation->reason = (OkapRotationReason) reason;
  rotation->old_version = old_version;
  rotation->new_version = new_version;
  rotation->started_us = (gint64) started_us;
  rotation->changed_us = (gint64) changed_us;
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
    case FIELD_VERSION:
      return take_version (data, length, fields);
    case FIELD_ROTATION:
      return take_rotation (data, length, &fields->rotation);
    case FIELD_OTHER:
      return take_secret (data, length, &fields->other);
    default:
      return take_secret (data, length, &fields->secret);
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
        return okap_vault_refuse (error, "a key in it is malformed");
      last = type;
      if (type >= OKAP_VAULT_TYPE_OPTIONAL)
        {
          if (fields->extra == NULL)
            fields->extra = okap_secret_new (start, rest);
          continue;
        }
      if (type > FIELD_LAST)
        return okap_vault_refuse_newer (error, type);
      if (!take_field (fields, type, value, n))
        return okap_vault_refuse (error, "a key in it has an impossible field");
    }
  if (fields->id == NULL || fields->provider == NULL || fields->label == NULL
      || fields->secret == NULL)
    return okap_vault_refuse (error, "a key in it has missing fields");
  return TRUE;
}

/* Whether the version in use and the number of keys are those of the rotation's state. */
static gboolean
is_consistent (const Fields *fields)
{
  const OkapRotation *rotation = fields->rotation.id[0] != '\0' ? &fields->rotation : NULL;

  if (rotation == NULL)
    return fields->version == 1 && fields->other == NULL;
  if (okap_rotation_is_open (rotation) != (fields->other != NULL))
    return FALSE;
  return fields->version == (rotation->state == OKAP_ROTATION_WATCHING
                             || rotation->state == OKAP_ROTATION_RETIRED
                             ? rotation->new_version : rotation->old_version);
}

/**
 * okap_vault_entry_decode:
 * @data: guarded memory with what okap_vault_entry_encode() made
 * @error: %OKAP_ERROR_VAULT_DAMAGED, %OKAP_ERROR_VAULT_NEWER
 *
 * Returns: (transfer full) (nullable): the key; its secrets are copies of their own
 */
OkapVaultEntry *
okap_vault_entry_decode (const guint8 *data, gsize length, GError **error)
{
  g_auto (Fields) fields = { .version = 1 };
  g_autoptr (OkapKeyInfo) first = NULL;
  g_autoptr (OkapKeyInfo) info = NULL;
  g_autofree char *tail = NULL;
  g_autofree char *other_tail = NULL;
  g_autofree char *base_url = NULL;
  OkapVaultEntry *entry;

  if (!take_fields (&fields, data, length, error))
    return NULL;
  if (fields.base_url != NULL)
    base_url = okap_vault_clean_base_url (fields.base_url, NULL);
  if ((fields.base_url != NULL && base_url == NULL)
      || !okap_vault_check_provider (fields.provider, NULL)
      || !okap_vault_check_key (fields.secret, base_url, NULL)
      || (fields.other != NULL && !okap_vault_check_key (fields.other, base_url, NULL)))
    {
      okap_vault_refuse (error, "a key in it could never have been added");
      return NULL;
    }
  if (!is_consistent (&fields))
    {
      okap_vault_refuse (error, "a key in it is half replaced");
      return NULL;
    }
  tail = okap_vault_entry_tail (fields.secret);
  other_tail = fields.other != NULL ? okap_vault_entry_tail (fields.other) : NULL;
  first = okap_key_info_new (fields.id, fields.provider, fields.label, tail, base_url,
                             (gint64) fields.created_us);
  info = okap_key_info_new_version (first, tail, other_tail, fields.version,
                                    (gint64) (fields.version == 1 ? fields.created_us
                                                                  : fields.since_us),
                                    fields.rotation.id[0] != '\0' ? &fields.rotation : NULL);
  entry = okap_vault_entry_new (info, fields.secret);
  entry->other = g_steal_pointer (&fields.other);
  entry->extra = g_steal_pointer (&fields.extra);
  return entry;
}
