/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From bytes to the structure of a sealed file and back. Pure: no file, no clock, no secret.
 *
 * Everything here runs on bytes that anyone may have written, before any key exists. So each
 * number is compared with its bound before it is used, and what unlocking would cost is judged
 * before any of that work is done: a crafted file can be refused, it cannot stall the program or
 * eat the machine's memory. A refusal says which number was too big. */
#include "config.h"

#include "okap-sealed-format.h"

#include <sodium.h>
#include <string.h>

#include "okap-cursor.h"
#include "okap-error.h"

#define MAGIC_BYTES 8
#define CHECKED_BYTES 20   /* of the prologue, which the checksum covers */
#define CHECKSUM_BYTES 8
#define EXTRA_MOST (32 * 1024)   /* so that what we add always fits */
#define ALGORITHM_ARGON2ID13 1
#define COST_PARAMS_BYTES (1 + 8 + 4 + OKAP_SEALED_SALT_BYTES)

static const guint8 magic[MAGIC_BYTES] = "OKAPVLT";

enum
{
  RECORD_VAULT_ID = 0x0001,
  RECORD_GENERATION = 0x0002,
  RECORD_CREATED = 0x0003,
  RECORD_SAVED = 0x0004,
  RECORD_SLOT = 0x0010,
  RECORD_WRITER = 0x8001,   /* the first optional one */
};

static gboolean
refuse (GError **error, OkapError code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Sets @error and returns FALSE. */
static gboolean
refuse (GError **error, OkapError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, OKAP_ERROR, (int) code, message);
  return FALSE;
}

static gboolean
refuse_damaged (GError **error, const char *what)
{
  return refuse (error, OKAP_ERROR_VAULT_DAMAGED,
                 "The vault file is damaged (%s). Earlier versions lie beside it, with .1 to .3 "
                 "behind the name", what);
}

/** okap_sealed_header_new: (transfer full): a header without slots, all zero */
OkapSealedHeader *
okap_sealed_header_new (void)
{
  return g_new0 (OkapSealedHeader, 1);
}

OkapSealedHeader *
okap_sealed_header_copy (const OkapSealedHeader *header)
{
  OkapSealedHeader *copy = g_memdup2 (header, sizeof *header);

  if (copy->extra != NULL)
    g_bytes_ref (copy->extra);
  return copy;
}

/** okap_sealed_header_has: whether there is a slot of @kind */
gboolean
okap_sealed_header_has (const OkapSealedHeader *header, OkapSlotKind kind)
{
  for (guint i = 0; i < header->n_slots; i++)
    if (header->slots[i].kind == kind)
      return TRUE;
  return FALSE;
}

void
okap_sealed_header_free (OkapSealedHeader *header)
{
  if (header == NULL)
    return;
  g_clear_pointer (&header->extra, g_bytes_unref);
  g_free (header);
}

void
okap_sealed_file_clear (OkapSealedFile *file)
{
  g_clear_pointer (&file->header, okap_sealed_header_free);
}

/**
 * okap_sealed_checksum:
 * @prologue: at least the first 20 bytes of it
 *
 * Computes the checksum that stands in the prologue.
 */
void
okap_sealed_checksum (const guint8 *prologue, const guint8 *header, gsize header_length,
                      guint8 out_checksum[CHECKSUM_BYTES])
{
  guint8 digest[crypto_generichash_BYTES_MIN];
  crypto_generichash_state state;

  (void) crypto_generichash_init (&state, NULL, 0, sizeof digest);
  (void) crypto_generichash_update (&state, prologue, CHECKED_BYTES);
  (void) crypto_generichash_update (&state, header, header_length);
  (void) crypto_generichash_final (&state, digest, sizeof digest);
  memcpy (out_checksum, digest, CHECKSUM_BYTES);
}

/** okap_slot_get_own_params: how many bytes of its parameters belong to the kind of @slot, which is
 * one that we know; what is behind them is a public key or nothing */
gsize
okap_slot_get_own_params (const OkapSlot *slot)
{
  return slot->kind == OKAP_SLOT_PASSPHRASE ? COST_PARAMS_BYTES : OKAP_SEALED_SALT_BYTES;
}

static gboolean
has_known_length (const OkapSlot *slot)
{
  gsize own = okap_slot_get_own_params (slot);

  return slot->params_length == own || slot->params_length == own + OKAP_SEALED_PUBLIC_BYTES;
}

/**
 * okap_slot_get_cost:
 * @out_salt: (out) (transfer none): within @slot
 *
 * Returns: whether @slot is a passphrase slot whose parameters this Okap understands
 */
gboolean
okap_slot_get_cost (const OkapSlot *slot, guint64 *out_memory_bytes, guint32 *out_passes,
                    const guint8 **out_salt)
{
  OkapReader reader;
  guint8 algorithm;

  okap_reader_init (&reader, slot->params, slot->params_length);
  return slot->kind == OKAP_SLOT_PASSPHRASE && has_known_length (slot)
         && okap_reader_take_u8 (&reader, &algorithm)
         && algorithm == ALGORITHM_ARGON2ID13
         && okap_reader_take_u64 (&reader, out_memory_bytes)
         && okap_reader_take_u32 (&reader, out_passes)
         && okap_reader_take (&reader, OKAP_SEALED_SALT_BYTES, out_salt);
}

/** okap_slot_set_cost: writes the parameters of a passphrase slot */
void
okap_slot_set_cost (OkapSlot *slot, guint64 memory_bytes, guint32 passes,
                    const guint8 salt[OKAP_SEALED_SALT_BYTES])
{
  OkapWriter writer;

  okap_writer_init (&writer, slot->params, sizeof slot->params);
  okap_writer_put_u8 (&writer, ALGORITHM_ARGON2ID13);
  okap_writer_put_u64 (&writer, memory_bytes);
  okap_writer_put_u32 (&writer, passes);
  okap_writer_put (&writer, salt, OKAP_SEALED_SALT_BYTES);
  slot->params_length = (guint8) writer.length;
}

static gboolean
check_cost (const OkapSlot *slot, guint64 memory_most_bytes, guint64 *work, GError **error)
{
  guint64 memory_bytes;
  guint32 passes;
  const guint8 *salt;

  if (slot->kind == OKAP_SLOT_RECOVERY || slot->kind == OKAP_SLOT_KEYRING)
    return has_known_length (slot)
           || refuse_damaged (error, "an unlock slot of the wrong length");
  if (slot->kind != OKAP_SLOT_PASSPHRASE)
    return TRUE;
  if (!okap_slot_get_cost (slot, &memory_bytes, &passes, &salt))
    return refuse_damaged (error, "a passphrase slot with unknown parameters");

  if (memory_bytes < OKAP_SEALED_MEMORY_LEAST || memory_bytes > memory_most_bytes)
    return refuse (error, OKAP_ERROR_VAULT_HOSTILE,
                   "The vault file asks for %" G_GUINT64_FORMAT " KiB of memory to check a "
                   "passphrase; on this computer %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                   " KiB are allowed. It was not opened",
                   memory_bytes >> 10, OKAP_SEALED_MEMORY_LEAST >> 10, memory_most_bytes >> 10);
  if (passes < 1 || passes > OKAP_SEALED_PASSES_MOST)
    return refuse (error, OKAP_ERROR_VAULT_HOSTILE,
                   "The vault file asks for %u passes to check a passphrase; 1 to %d are allowed. "
                   "It was not opened", passes, OKAP_SEALED_PASSES_MOST);

  *work += memory_bytes * passes;   /* at most 16 slots of 10 passes of 1 GiB */
  if (*work > OKAP_SEALED_WORK_MOST)
    return refuse (error, OKAP_ERROR_VAULT_HOSTILE,
                   "The vault file asks for passes over %" G_GUINT64_FORMAT " MiB in all its "
                   "slots; at most %" G_GUINT64_FORMAT " are allowed. It was not opened",
                   *work >> 20, OKAP_SEALED_WORK_MOST >> 20);
  return TRUE;
}

/* A text of one length byte and as many bytes, into @out_text of 65 bytes. */
static gboolean
take_label (OkapReader *reader, char *out_text)
{
  guint8 length;

  if (!okap_reader_take_u8 (reader, &length) || length > OKAP_SEALED_LABEL_BYTES
      || !okap_reader_take_into (reader, out_text, length)
      || !g_utf8_validate_len (out_text, length, NULL))
    return FALSE;
  out_text[length] = '\0';
  return TRUE;
}

static gboolean
parse_slot (OkapSlot *slot, OkapReader *value, GError **error)
{
  guint64 created_us;

  if (!okap_reader_take_into (value, slot->id, sizeof slot->id)
      || !okap_reader_take_u8 (value, &slot->kind)
      || !take_label (value, slot->label)
      || !okap_reader_take_u64 (value, &created_us)
      || !okap_reader_take_u8 (value, &slot->params_length)
      || slot->params_length > sizeof slot->params
      || !okap_reader_take_into (value, slot->params, slot->params_length)
      || !okap_reader_take_into (value, slot->nonce, sizeof slot->nonce)
      || !okap_reader_take_into (value, slot->wrapped, sizeof slot->wrapped)
      || value->left != 0)
    return refuse_damaged (error, "an unlock slot is malformed");
  slot->created_us = (gint64) created_us;
  return TRUE;
}

static void
format_slot (const OkapSlot *slot, OkapWriter *writer)
{
  gsize label_length = strlen (slot->label);

  okap_writer_put (writer, slot->id, sizeof slot->id);
  okap_writer_put_u8 (writer, slot->kind);
  okap_writer_put_u8 (writer, (guint8) label_length);
  okap_writer_put (writer, slot->label, label_length);
  okap_writer_put_u64 (writer, (guint64) slot->created_us);
  okap_writer_put_u8 (writer, slot->params_length);
  okap_writer_put (writer, slot->params, slot->params_length);
  okap_writer_put (writer, slot->nonce, sizeof slot->nonce);
  okap_writer_put (writer, slot->wrapped, sizeof slot->wrapped);
}

/* A record other than a slot. */
static gboolean
parse_value (OkapSealedHeader *header, guint16 type, OkapReader *value, GError **error)
{
  guint64 number = 0;

  switch (type)
    {
    case RECORD_VAULT_ID:
      return (okap_reader_take_into (value, header->vault_id, sizeof header->vault_id)
              && value->left == 0)
             || refuse_damaged (error, "the vault's name is malformed");
    case RECORD_GENERATION:
    case RECORD_CREATED:
    case RECORD_SAVED:
      if (!okap_reader_take_u64 (value, &number) || value->left != 0)
        return refuse_damaged (error, "a number of the header is malformed");
      if (type == RECORD_GENERATION)
        header->generation = number;
      else if (type == RECORD_CREATED)
        header->created_us = (gint64) number;
      else
        header->saved_us = (gint64) number;
      return TRUE;
    case RECORD_WRITER:
      return (take_label (value, header->writer) && value->left == 0)
             || refuse_damaged (error, "the writer's name is malformed");
    default:
      return refuse (error, OKAP_ERROR_VAULT_NEWER,
                     "The vault uses feature %u of a newer Okap. Update Okap to open it", type);
    }
}

static gboolean
parse_header (OkapSealedHeader *header, const guint8 *data, gsize length, guint64 memory_most_bytes,
              GError **error)
{
  static const guint16 required[] = { RECORD_VAULT_ID, RECORD_GENERATION, RECORD_CREATED,
                                      RECORD_SAVED };
  OkapReader reader, value;
  guint64 work = 0;
  guint16 last = 0;
  guint n_required = 0;

  okap_reader_init (&reader, data, length);
  while (reader.left > 0)
    {
      const guint8 *start = reader.p;
      const guint8 *bytes;
      guint16 type, n;

      if (!okap_reader_take_u16 (&reader, &type) || !okap_reader_take_u16 (&reader, &n)
          || !okap_reader_take (&reader, n, &bytes)
          || type < last || (type == last && type != RECORD_SLOT))
        return refuse_damaged (error, "the records of the header are malformed");
      last = type;
      if (type > RECORD_WRITER)
        {
          /* Optional and unknown, and so are all that follow. */
          gsize extra = length - (gsize) (start - data);

          if (extra > EXTRA_MOST)
            return refuse (error, OKAP_ERROR_VAULT_HOSTILE,
                           "The vault file has %zu bytes of unknown records; at most %d are "
                           "allowed. It was not opened", extra, EXTRA_MOST);
          header->extra = g_bytes_new (start, extra);
          for (OkapReader rest = reader; rest.left > 0; last = type)
            if (!okap_reader_take_u16 (&rest, &type) || !okap_reader_take_u16 (&rest, &n)
                || !okap_reader_take (&rest, n, &bytes) || type <= last)
              return refuse_damaged (error, "the records of the header are malformed");
          break;
        }

      okap_reader_init (&value, bytes, n);
      if (type == RECORD_SLOT)
        {
          if (header->n_slots == OKAP_SEALED_SLOTS_MOST)
            return refuse (error, OKAP_ERROR_VAULT_HOSTILE,
                           "The vault file has more than %d unlock slots. It was not opened",
                           OKAP_SEALED_SLOTS_MOST);
          if (!parse_slot (&header->slots[header->n_slots], &value, error)
              || !check_cost (&header->slots[header->n_slots], memory_most_bytes, &work, error))
            return FALSE;
          header->n_slots++;
          continue;
        }
      if (n_required < G_N_ELEMENTS (required) && type == required[n_required])
        n_required++;
      if (!parse_value (header, type, &value, error))
        return FALSE;
    }
  if (n_required != G_N_ELEMENTS (required) || header->n_slots == 0)
    return refuse_damaged (error, "a record of the header is missing");
  return TRUE;
}

static gboolean
parse_prologue (OkapReader *reader, gsize length, guint16 *minor, guint32 *header_length,
                guint32 *body_length, GError **error)
{
  const guint8 *bytes;
  const guint8 *rest;
  guint16 major;

  if (!okap_reader_take (reader, MAGIC_BYTES, &bytes) || memcmp (bytes, magic, MAGIC_BYTES) != 0
      || !okap_reader_take_u16 (reader, &major) || !okap_reader_take_u16 (reader, minor)
      || !okap_reader_take_u32 (reader, header_length)
      || !okap_reader_take_u32 (reader, body_length)
      || !okap_reader_take (reader, OKAP_SEALED_PROLOGUE_BYTES - CHECKED_BYTES, &rest))
    return refuse_damaged (error, "it does not begin like a vault of Okap");
  if (major > OKAP_SEALED_MAJOR)
    return refuse (error, OKAP_ERROR_VAULT_NEWER,
                   "The vault has format %u; this Okap reads formats up to %d. Update Okap to "
                   "open it", major, OKAP_SEALED_MAJOR);
  if (major == 0)
    return refuse_damaged (error, "its format is 0");
  if (*header_length > OKAP_SEALED_HEADER_MOST || *body_length > OKAP_SEALED_BODY_MOST)
    return refuse (error, OKAP_ERROR_VAULT_HOSTILE,
                   "The vault file claims a header of %u and a body of %u bytes; at most %d and "
                   "%d are allowed. It was not opened", *header_length, *body_length,
                   OKAP_SEALED_HEADER_MOST, OKAP_SEALED_BODY_MOST);
  if (length != OKAP_SEALED_PROLOGUE_BYTES + *header_length + OKAP_SEALED_TAG_BYTES + *body_length)
    return refuse (error, OKAP_ERROR_VAULT_DAMAGED,
                   "The vault file has %zu bytes instead of %u; it was probably cut off. Earlier "
                   "versions lie beside it, with .1 to .3 behind the name", length,
                   OKAP_SEALED_PROLOGUE_BYTES + *header_length + OKAP_SEALED_TAG_BYTES
                   + *body_length);
  return TRUE;
}

/**
 * okap_sealed_file_parse:
 * @file: (out caller-allocates): refers to @data; okap_sealed_file_clear() it in any case
 * @memory_most_bytes: the most memory that a slot may ask for on this machine
 * @error: %OKAP_ERROR_VAULT_DAMAGED, %OKAP_ERROR_VAULT_NEWER or %OKAP_ERROR_VAULT_HOSTILE
 *
 * Checks structure and bounds. Says nothing about who wrote the bytes.
 */
gboolean
okap_sealed_file_parse (OkapSealedFile *file, gconstpointer data, gsize length,
                        guint64 memory_most_bytes, GError **error)
{
  const guint8 *bytes = data;
  guint8 expected[OKAP_SEALED_PROLOGUE_BYTES - CHECKED_BYTES] = { 0 };
  guint32 header_length, body_length;
  OkapReader reader;

  memset (file, 0, sizeof *file);
  file->header = okap_sealed_header_new ();
  okap_reader_init (&reader, bytes, length);
  if (!parse_prologue (&reader, length, &file->header->minor, &header_length, &body_length, error))
    return FALSE;

  file->head = bytes;
  file->head_length = OKAP_SEALED_PROLOGUE_BYTES + header_length;
  file->tag = bytes + file->head_length;
  file->body = file->tag + OKAP_SEALED_TAG_BYTES;
  file->body_length = body_length;

  okap_sealed_checksum (bytes, reader.p, header_length, expected);
  if (memcmp (bytes + CHECKED_BYTES, expected, sizeof expected) != 0)
    return refuse_damaged (error, "its header does not match its checksum");
  if (body_length < OKAP_SEALED_NONCE_BYTES + OKAP_SEALED_PAD_BYTES + OKAP_SEALED_MAC_BYTES
      || (body_length - OKAP_SEALED_NONCE_BYTES - OKAP_SEALED_MAC_BYTES) % OKAP_SEALED_PAD_BYTES
           != 0)
    return refuse_damaged (error, "its body has an impossible length");
  return parse_header (file->header, reader.p, header_length,
                       MIN (memory_most_bytes, OKAP_SEALED_MEMORY_MOST), error);
}

static void
put_number (OkapWriter *writer, guint16 type, guint64 value)
{
  okap_writer_put_u16 (writer, type);
  okap_writer_put_u16 (writer, 8);
  okap_writer_put_u64 (writer, value);
}

static void
format_records (const OkapSealedHeader *header, OkapWriter *writer)
{
  gsize writer_length = strlen (header->writer);

  okap_writer_put_u16 (writer, RECORD_VAULT_ID);
  okap_writer_put_u16 (writer, sizeof header->vault_id);
  okap_writer_put (writer, header->vault_id, sizeof header->vault_id);
  put_number (writer, RECORD_GENERATION, header->generation);
  put_number (writer, RECORD_CREATED, (guint64) header->created_us);
  put_number (writer, RECORD_SAVED, (guint64) header->saved_us);
  for (guint i = 0; i < header->n_slots; i++)
    {
      OkapWriter count;

      okap_writer_init (&count, NULL, 0);
      format_slot (&header->slots[i], &count);
      okap_writer_put_u16 (writer, RECORD_SLOT);
      okap_writer_put_u16 (writer, (guint16) count.length);
      format_slot (&header->slots[i], writer);
    }
  okap_writer_put_u16 (writer, RECORD_WRITER);
  okap_writer_put_u16 (writer, (guint16) (writer_length + 1));
  okap_writer_put_u8 (writer, (guint8) writer_length);
  okap_writer_put (writer, header->writer, writer_length);
  if (header->extra != NULL)
    okap_writer_put (writer, g_bytes_get_data (header->extra, NULL),
                     g_bytes_get_size (header->extra));
}

/**
 * okap_sealed_header_format:
 * @header: at least one slot
 * @body_length: bytes of the body that will follow
 *
 * Returns: (transfer full): prologue and header
 */
GByteArray *
okap_sealed_header_format (const OkapSealedHeader *header, gsize body_length)
{
  GByteArray *bytes = g_byte_array_new ();
  OkapWriter count, writer;
  gsize header_length;

  okap_writer_init (&count, NULL, 0);
  format_records (header, &count);
  header_length = count.length;
  g_assert (header_length <= OKAP_SEALED_HEADER_MOST && body_length <= OKAP_SEALED_BODY_MOST);

  g_byte_array_set_size (bytes, (guint) (OKAP_SEALED_PROLOGUE_BYTES + header_length));
  memset (bytes->data, 0, bytes->len);
  okap_writer_init (&writer, bytes->data, OKAP_SEALED_PROLOGUE_BYTES);
  okap_writer_put (&writer, magic, MAGIC_BYTES);
  okap_writer_put_u16 (&writer, OKAP_SEALED_MAJOR);
  okap_writer_put_u16 (&writer, header->minor);
  okap_writer_put_u32 (&writer, (guint32) header_length);
  okap_writer_put_u32 (&writer, (guint32) body_length);

  okap_writer_init (&writer, bytes->data + OKAP_SEALED_PROLOGUE_BYTES, header_length);
  format_records (header, &writer);
  okap_sealed_checksum (bytes->data, bytes->data + OKAP_SEALED_PROLOGUE_BYTES, header_length,
                        bytes->data + CHECKED_BYTES);
  return bytes;
}
