/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a vault file, as the contents of one, and as a typed recovery code or passphrase;
 * the first byte chooses. What must hold: a refusal has one of the vault's codes and readable
 * words; what is accepted stays within its bounds, and writes back as the same bytes. */
#include "config.h"

#include <string.h>

#include "okap-error.h"
#include "okap-fuzz.h"
#include "okap-passphrase.h"
#include "okap-recovery-code.h"
#include "okap-sealed-format.h"
#include "okap-vault-body.h"

#define MEMORY_MOST (G_GUINT64_CONSTANT (256) << 20)

static void
assert_refusal (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == OKAP_ERROR);
  g_assert_true (error->code == OKAP_ERROR_VAULT_DAMAGED || error->code == OKAP_ERROR_VAULT_NEWER
                 || error->code == OKAP_ERROR_VAULT_HOSTILE
                 || error->code == OKAP_ERROR_INVALID_REQUEST);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* The sum of what all slots would cost. */
static void
assert_affordable (const OkapSealedHeader *header)
{
  guint64 work = 0;

  g_assert_cmpuint (header->n_slots, >=, 1);
  g_assert_cmpuint (header->n_slots, <=, OKAP_SEALED_SLOTS_MOST);
  for (guint i = 0; i < header->n_slots; i++)
    {
      const guint8 *salt;
      guint64 memory_bytes;
      guint32 passes;

      if (!okap_slot_get_cost (&header->slots[i], &memory_bytes, &passes, &salt))
        {
          g_assert_cmpint (header->slots[i].kind, !=, OKAP_SLOT_PASSPHRASE);
          continue;
        }
      g_assert_cmpuint (memory_bytes, <=, MEMORY_MOST);
      g_assert_cmpuint (passes, <=, OKAP_SEALED_PASSES_MOST);
      work += memory_bytes * passes;
    }
  g_assert_cmpuint (work, <=, OKAP_SEALED_WORK_MOST);
}

static void
try_file (const guint8 *data, gsize size)
{
  g_auto (OkapSealedFile) file = { NULL };
  g_auto (OkapSealedFile) again = { NULL };
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize head_length;

  if (!okap_sealed_file_parse (&file, data, size, MEMORY_MOST, &error))
    {
      assert_refusal (error);
      return;
    }
  g_assert_true (file.head == data && file.tag == data + file.head_length
                 && file.body + file.body_length == data + size);
  assert_affordable (file.header);

  /* A missing writer is added, so the first writing may differ from what was read. */
  bytes = okap_sealed_header_format (file.header, file.body_length);
  head_length = bytes->len;
  g_byte_array_append (bytes, file.tag, OKAP_SEALED_TAG_BYTES);
  g_byte_array_append (bytes, file.body, (guint) file.body_length);
  if (!okap_sealed_file_parse (&again, bytes->data, bytes->len, MEMORY_MOST, &error))
    g_error ("what was written is refused: %s", error->message);
  g_clear_pointer (&bytes, g_byte_array_unref);
  bytes = okap_sealed_header_format (again.header, file.body_length);
  g_assert_cmpuint (bytes->len, ==, head_length);
}

/* As an attacker would, who can compute the checksum. */
static void
try_mended_file (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  guint32 header_length;

  if (size < OKAP_SEALED_PROLOGUE_BYTES)
    return;
  header_length = copy[12] | (guint32) copy[13] << 8 | (guint32) copy[14] << 16
                  | (guint32) copy[15] << 24;
  if (header_length <= size - OKAP_SEALED_PROLOGUE_BYTES)
    {
      memset (copy + 20, 0, 12);
      okap_sealed_checksum (copy, copy + OKAP_SEALED_PROLOGUE_BYTES, header_length, copy + 20);
    }
  try_file (copy, size);
}

static void
try_body (const guint8 *data, gsize size)
{
  g_autoptr (OkapVaultBody) body = NULL;
  g_autoptr (OkapVaultBody) again = NULL;
  g_autoptr (OkapGuarded) plain = NULL;
  g_autoptr (OkapGuarded) second = NULL;
  g_autoptr (GError) error = NULL;

  body = okap_vault_body_decode (data, size, &error);
  if (body == NULL)
    {
      assert_refusal (error);
      return;
    }
  plain = okap_vault_body_encode (body);
  again = okap_vault_body_decode (plain->data, plain->length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->entries->len, ==, body->entries->len);
  second = okap_vault_body_encode (again);
  g_assert_cmpmem (plain->data, plain->length, second->data, second->length);
}

static void
try_typed (const guint8 *data, gsize size)
{
  g_autoptr (OkapSecret) typed = okap_secret_new (data, size);
  g_autoptr (OkapSecret) bits = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) normal = okap_passphrase_normalize (typed, &error);
  g_autofree char *expected = NULL;

  if (normal == NULL)
    {
      assert_refusal (error);
      return;
    }
  expected = g_utf8_normalize (okap_secret_get_text (typed), -1, G_NORMALIZE_NFC);
  g_assert_cmpstr (okap_secret_get_text (normal), ==, expected);
  g_assert_true ((okap_recovery_code_parse (normal, &bits) == OKAP_RECOVERY_CODE)
                 == (bits != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  switch (data[0] % 4)
    {
    case 0:
      try_file (data + 1, size - 1);
      break;
    case 1:
      try_mended_file (data + 1, size - 1);
      break;
    case 2:
      try_body (data + 1, size - 1);
      break;
    default:
      try_typed (data + 1, size - 1);
    }
  return 0;
}
