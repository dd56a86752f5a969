/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must never open, and what must open for ever. Most cases go through a recovery slot, which
 * costs microseconds, so that every byte of a file can be tried. */
#include "vault-fixture.h"

#include <sodium.h>

#include "okap-sealed-crypto.h"
#include "okap-vault-body.h"

#define MEMORY_MOST (G_GUINT64_CONSTANT (1) << 30)
#define REFUSAL_MOST_US (50 * 1000)   /* without any key derivation */

/* A small vault with one key, all in memory. */
typedef struct
{
  OkapSealedHeader *header;
  OkapSecret *vault_key;
  OkapSecret *code_bits;
  GBytes *file;
} Sample;

static GBytes *
seal_keys (OkapSealedHeader *header, OkapSecret *vault_key, const char *key)
{
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (key);
  g_autoptr (OkapKeyInfo) info = okap_key_info_new ("k_1", "openai", "label", "", NULL, NOW_US);
  g_autoptr (OkapVaultEntry) entry = okap_vault_entry_new (info, secret);
  g_autoptr (OkapVaultBody) empty = okap_vault_body_new ();
  g_autoptr (OkapVaultBody) body = okap_vault_body_with (empty, entry);
  g_autoptr (OkapGuarded) plain = okap_vault_body_encode (body);

  return okap_sealed_seal (header, vault_key, plain);
}

static void
sample_init (Sample *s, OkapSecret *vault_key, OkapSecret *code_bits)
{
  g_autoptr (OkapSecret) passphrase = okap_secret_new_from_string (PASSPHRASE);
  const guint8 salt[OKAP_SEALED_SALT_BYTES] = "0123456789abcdef";
  g_autoptr (GError) error = NULL;

  s->vault_key = vault_key != NULL ? okap_secret_ref (vault_key) : okap_secret_new_random (32);
  s->code_bits = code_bits != NULL ? okap_secret_ref (code_bits) : okap_secret_new_random (26);
  s->header = okap_sealed_header_new ();
  randombytes_buf (s->header->vault_id, sizeof s->header->vault_id);
  s->header->generation = 7;
  s->header->created_us = s->header->saved_us = NOW_US;
  g_strlcpy (s->header->writer, "test", sizeof s->header->writer);
  s->header->n_slots = 2;
  okap_slot_init (&s->header->slots[0], OKAP_SLOT_PASSPHRASE, "mine", NOW_US);
  okap_slot_set_cost (&s->header->slots[0], OKAP_SEALED_MEMORY_LEAST, 1, salt);
  okap_slot_init (&s->header->slots[1], OKAP_SLOT_RECOVERY, "", NOW_US);
  g_assert_true (okap_slot_wrap (&s->header->slots[0], s->header->vault_id, passphrase,
                                 s->vault_key, NULL, &error));
  g_assert_true (okap_slot_wrap (&s->header->slots[1], s->header->vault_id, s->code_bits,
                                 s->vault_key, NULL, &error));
  s->file = seal_keys (s->header, s->vault_key, "sk-sample");
}

static void
sample_clear (Sample *s)
{
  okap_sealed_header_free (s->header);
  okap_secret_unref (s->vault_key);
  okap_secret_unref (s->code_bits);
  g_bytes_unref (s->file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sample, sample_clear)

/* Opens @data with the recovery code, as far as it goes. */
static gboolean
opens (const guint8 *data, gsize length, OkapSecret *code_bits, GError **error)
{
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (GError) slot_error = NULL;

  if (!okap_sealed_file_parse (&file, data, length, MEMORY_MOST, error))
    return FALSE;
  for (guint i = 0; i < file.header->n_slots; i++)
    {
      g_autoptr (OkapSecret) vault_key = NULL;
      g_autoptr (OkapGuarded) plain = NULL;
      g_autoptr (OkapVaultBody) body = NULL;

      if (file.header->slots[i].kind != OKAP_SLOT_RECOVERY)
        continue;
      g_clear_error (&slot_error);
      vault_key = okap_slot_unwrap (&file.header->slots[i], file.header->vault_id, code_bits,
                                    NULL, &slot_error);
      if (vault_key == NULL)
        continue;
      plain = okap_sealed_open (&file, vault_key, error);
      if (plain == NULL)
        return FALSE;
      body = okap_vault_body_decode (plain->data, plain->length, error);
      return body != NULL;
    }
  if (slot_error != NULL)
    g_propagate_error (error, g_steal_pointer (&slot_error));
  else
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE, "no slot");
  return FALSE;
}

static gboolean
bytes_open (GBytes *bytes, OkapSecret *code_bits, GError **error)
{
  return opens (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), code_bits, error);
}

/* Makes the checksum fit what somebody changed, as an attacker would. */
static void
fix_checksum (guint8 *data, gsize length)
{
  guint32 header_length = data[12] | (guint32) data[13] << 8 | (guint32) data[14] << 16
                          | (guint32) data[15] << 24;

  if (header_length <= length - OKAP_SEALED_PROLOGUE_BYTES)
    okap_sealed_checksum (data, data + OKAP_SEALED_PROLOGUE_BYTES, header_length, data + 20);
}

static void
assert_refused (GError **error, guint what)
{
  g_assert_nonnull (*error);
  if (!g_error_matches (*error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED)
      && !g_error_matches (*error, OKAP_ERROR, OKAP_ERROR_VAULT_NEWER)
      && !g_error_matches (*error, OKAP_ERROR, OKAP_ERROR_VAULT_HOSTILE)
      && !g_error_matches (*error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE))
    g_error ("case %u: %s", what, (*error)->message);
  g_clear_error (error);
}

static void
test_truncated (void)
{
  g_auto (Sample) s = { NULL };
  g_autoptr (GError) error = NULL;
  gsize length;
  const guint8 *data;

  sample_init (&s, NULL, NULL);
  data = g_bytes_get_data (s.file, &length);
  g_assert_true (bytes_open (s.file, s.code_bits, &error));
  for (gsize i = 0; i < length; i++)
    {
      g_autofree guint8 *cut = g_memdup2 (data, i);   /* of its own, so that ASan sees overruns */

      g_assert_false (opens (cut, i, s.code_bits, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
      g_clear_error (&error);
    }
}

static void
test_flipped (void)
{
  g_auto (Sample) s = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *copy = NULL;
  gsize length;
  const guint8 *data;

  sample_init (&s, NULL, NULL);
  data = g_bytes_get_data (s.file, &length);
  copy = g_memdup2 (data, length);
  for (gsize i = 0; i < length; i++)
    {
      guint8 mask = (guint8) (1u << g_random_int_range (0, 8));

      copy[i] ^= mask;
      g_assert_false (opens (copy, length, s.code_bits, &error));
      assert_refused (&error, (guint) i);
      fix_checksum (copy, length);
      if (i < 20 || i >= 28)   /* the checksum itself would be mended */
        {
          g_assert_false (opens (copy, length, s.code_bits, &error));
          assert_refused (&error, (guint) i);
        }
      memcpy (copy, data, length);
    }
}

/* Damage anywhere in the header is called damage, not a wrong passphrase. */
static void
test_damage_is_told (void)
{
  g_auto (Sample) s = { NULL };
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *copy = NULL;
  gsize length;
  const guint8 *data;

  sample_init (&s, NULL, NULL);
  data = g_bytes_get_data (s.file, &length);
  g_assert_true (okap_sealed_file_parse (&file, data, length, MEMORY_MOST, &error));
  copy = g_memdup2 (data, length);
  for (gsize i = OKAP_SEALED_PROLOGUE_BYTES; i < length; i++)
    {
      copy[i] ^= 0x10;
      g_assert_false (opens (copy, length, s.code_bits, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
      g_clear_error (&error);
      copy[i] ^= 0x10;
    }
}

/* Puts head, tag and body of different files together. */
static GBytes *
splice (GBytes *head, GBytes *tag, GBytes *body)
{
  GBytes *parts[] = { head, tag, body };
  GByteArray *all = g_byte_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_auto (OkapSealedFile) file = { NULL };

      g_assert_true (okap_sealed_file_parse (&file, g_bytes_get_data (parts[i], NULL),
                                             g_bytes_get_size (parts[i]), MEMORY_MOST, NULL));
      if (i == 0)
        g_byte_array_append (all, file.head, (guint) file.head_length);
      else if (i == 1)
        g_byte_array_append (all, file.tag, OKAP_SEALED_TAG_BYTES);
      else
        g_byte_array_append (all, file.body, (guint) file.body_length);
    }
  return g_byte_array_free_to_bytes (all);
}

static void
test_spliced (void)
{
  g_auto (Sample) a = { NULL };
  g_auto (Sample) b = { NULL };
  g_auto (Sample) same_key = { NULL };
  g_autoptr (GBytes) next = NULL;
  GBytes *files[4];
  guint tried = 0;

  /* Another vault, one with even the same key, and the next generation of the first one. */
  sample_init (&a, NULL, NULL);
  sample_init (&b, NULL, a.code_bits);
  sample_init (&same_key, a.vault_key, a.code_bits);
  a.header->generation++;
  next = seal_keys (a.header, a.vault_key, "sk-next");
  files[0] = a.file;
  files[1] = b.file;
  files[2] = same_key.file;
  files[3] = next;
  for (guint i = 0; i < 64; i++)
    {
      guint h = i % 4, t = i / 4 % 4, k = i / 16;
      g_autoptr (GBytes) spliced = splice (files[h], files[t], files[k]);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (bytes_open (spliced, a.code_bits, &error), ==, h == t && t == k);
      if (error != NULL)
        assert_refused (&error, i);
      tried++;
    }
  g_assert_cmpint (tried, ==, 64);
}

/* Slots: moved to another vault, with a lower cost, under another name or kind. */
static void
test_slots_bound (void)
{
  g_auto (Sample) a = { NULL };
  g_auto (Sample) b = { NULL };
  g_autoptr (OkapSecret) passphrase = okap_secret_new_from_string (PASSPHRASE);
  g_autoptr (OkapSecret) vault_key = NULL;
  g_autoptr (GBytes) moved = NULL;
  g_autoptr (GError) error = NULL;
  OkapSlot slot;

  sample_init (&a, NULL, NULL);
  sample_init (&b, NULL, NULL);
  vault_key = okap_slot_unwrap (&a.header->slots[0], a.header->vault_id, passphrase, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (okap_secret_equal (vault_key, a.vault_key));

  g_assert_null (okap_slot_unwrap (&a.header->slots[0], b.header->vault_id, passphrase, NULL,
                                   &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  for (guint i = 0; i < 4; i++)
    {
      slot = a.header->slots[i == 2];
      if (i == 0)
        slot.id[3] ^= 1;
      else if (i == 1)
        slot.params[9] ^= 3;   /* passes: 1 becomes 2 */
      else if (i == 2)
        slot.params[0] ^= 1;
      else
        slot.nonce[0] ^= 1;
      g_assert_null (okap_slot_unwrap (&slot, a.header->vault_id, i == 2 ? a.code_bits : passphrase,
                                       NULL, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
      g_clear_error (&error);
    }

  /* A slot of vault b in front of vault a, by somebody who cannot make the tag. */
  a.header->slots[1] = b.header->slots[1];
  moved = seal_keys (a.header, b.vault_key, "sk-moved");
  g_assert_false (bytes_open (moved, b.code_bits, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
}

static void
test_hostile (void)
{
  static const struct
  {
    guint64 memory_bytes;
    guint32 passes;
    guint n_slots;
    guint64 memory_most;
    const char *says;   /* the number that was too big */
  } cases[] = {
    { G_GUINT64_CONSTANT (2) << 30, 1, 1, MEMORY_MOST, "2097152 KiB" },
    { G_MAXUINT64, 1, 1, MEMORY_MOST, "18014398509481983 KiB" },
    { G_GUINT64_CONSTANT (512) << 20, 3, 1, G_GUINT64_CONSTANT (256) << 20, "524288 KiB" },
    { G_GUINT64_CONSTANT (1) << 20, 3, 1, MEMORY_MOST, "1024 KiB" },
    { 0, 3, 1, MEMORY_MOST, "0 KiB" },
    { G_GUINT64_CONSTANT (64) << 20, 11, 1, MEMORY_MOST, "11 passes" },
    { G_GUINT64_CONSTANT (64) << 20, 0, 1, MEMORY_MOST, "0 passes" },
    { G_GUINT64_CONSTANT (64) << 20, G_MAXUINT32, 1, MEMORY_MOST, "4294967295 passes" },
    { G_GUINT64_CONSTANT (1) << 30, 10, 16, MEMORY_MOST, "20480 MiB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Sample) s = { NULL };
      g_auto (OkapSealedFile) file = { NULL };
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      const guint8 salt[OKAP_SEALED_SALT_BYTES] = { 0 };
      gint64 start;

      sample_init (&s, NULL, NULL);
      s.header->n_slots = cases[i].n_slots;
      for (guint k = 0; k < cases[i].n_slots; k++)
        {
          okap_slot_init (&s.header->slots[k], OKAP_SLOT_PASSPHRASE, "", 0);
          okap_slot_set_cost (&s.header->slots[k], cases[i].memory_bytes, cases[i].passes, salt);
        }
      bytes = seal_keys (s.header, s.vault_key, "sk-hostile");
      start = g_get_monotonic_time ();
      g_assert_false (okap_sealed_file_parse (&file, g_bytes_get_data (bytes, NULL),
                                              g_bytes_get_size (bytes), cases[i].memory_most,
                                              &error));
      g_assert_cmpint (g_get_monotonic_time () - start, <, REFUSAL_MOST_US);
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_HOSTILE);
      g_assert_nonnull (strstr (error->message, cases[i].says));
    }
}

/* Lengths and counts in the file that lie. */
static void
test_hostile_numbers (void)
{
  static const struct
  {
    gsize at;
    guint8 bytes[4];
    OkapError code;
  } cases[] = {
    { 8, { 2, 0, 0, 0 }, OKAP_ERROR_VAULT_NEWER },      /* major */
    { 8, { 0xff, 0xff, 0, 0 }, OKAP_ERROR_VAULT_NEWER },
    { 8, { 0, 0, 0, 0 }, OKAP_ERROR_VAULT_DAMAGED },
    { 12, { 0xff, 0xff, 0xff, 0xff }, OKAP_ERROR_VAULT_HOSTILE },  /* header length */
    { 12, { 1, 0, 1, 0 }, OKAP_ERROR_VAULT_HOSTILE },
    { 12, { 0, 0, 0, 0 }, OKAP_ERROR_VAULT_DAMAGED },
    { 16, { 0xff, 0xff, 0xff, 0xff }, OKAP_ERROR_VAULT_HOSTILE },  /* body length */
    { 16, { 1, 0, 0, 1 }, OKAP_ERROR_VAULT_HOSTILE },
    { 16, { 0, 0, 0, 0 }, OKAP_ERROR_VAULT_DAMAGED },
    { 28, { 1, 0, 0, 0 }, OKAP_ERROR_VAULT_DAMAGED },   /* what must be zero */
    { 34, { 0xff, 0xff, 1, 1 }, OKAP_ERROR_VAULT_DAMAGED },  /* length of the first record */
  };
  g_auto (Sample) s = { NULL };

  sample_init (&s, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = g_bytes_get_size (s.file);
      g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (s.file, NULL), length);
      g_autoptr (GError) error = NULL;

      memcpy (copy + cases[i].at, cases[i].bytes, 4);
      fix_checksum (copy, length);
      g_assert_false (opens (copy, length, s.code_bits, &error));
      g_assert_error (error, OKAP_ERROR, (int) cases[i].code);
    }
}

/* What a newer Okap adds: optional records survive a save, critical ones refuse. */
static void
test_newer_records (void)
{
  const guint8 optional[] = { 0x10, 0x80, 3, 0, 'a', 'b', 'c', 0x11, 0x80, 0, 0 };
  const guint8 disordered[] = { 0x10, 0x80, 0, 0, 0x10, 0x80, 0, 0 };
  const guint8 cut[] = { 0x10, 0x80, 9, 0, 'a' };
  g_auto (Sample) s = { NULL };
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (GBytes) with = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GBytes) bad = NULL;
  g_autoptr (GBytes) bad_cut = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *critical = NULL;
  gsize length;

  sample_init (&s, NULL, NULL);
  s.header->minor = 9;
  s.header->extra = g_bytes_new_static (optional, sizeof optional);
  with = seal_keys (s.header, s.vault_key, "sk-1");
  g_assert_true (bytes_open (with, s.code_bits, &error));
  g_assert_true (okap_sealed_file_parse (&file, g_bytes_get_data (with, NULL),
                                         g_bytes_get_size (with), MEMORY_MOST, &error));
  g_assert_cmpint (file.header->minor, ==, 9);
  again = seal_keys (file.header, s.vault_key, "sk-2");
  g_assert_true (bytes_open (again, s.code_bits, &error));
  g_assert_cmpmem (g_bytes_get_data (again, NULL), file.head_length, file.head, file.head_length);

  g_bytes_unref (s.header->extra);
  s.header->extra = g_bytes_new_static (disordered, sizeof disordered);
  bad = seal_keys (s.header, s.vault_key, "sk-1");
  g_assert_false (bytes_open (bad, s.code_bits, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
  g_clear_error (&error);
  g_bytes_unref (s.header->extra);
  s.header->extra = g_bytes_new_static (cut, sizeof cut);
  bad_cut = seal_keys (s.header, s.vault_key, "sk-1");
  g_assert_false (bytes_open (bad_cut, s.code_bits, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
  g_clear_error (&error);

  /* The record of saving becomes one that we do not know: id, generation and created go before. */
  length = g_bytes_get_size (s.file);
  critical = g_memdup2 (g_bytes_get_data (s.file, NULL), length);
  critical[OKAP_SEALED_PROLOGUE_BYTES + 20 + 12 + 12] = 0x05;
  fix_checksum (critical, length);
  g_assert_false (opens (critical, length, s.code_bits, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_NEWER);
}

/* A slot of a kind that we do not know is kept and does not stand in the way. */
static void
test_unknown_slot (void)
{
  g_auto (Sample) s = { NULL };
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (GBytes) with = NULL;
  g_autoptr (GError) error = NULL;
  OkapSlot *other;

  sample_init (&s, NULL, NULL);
  other = &s.header->slots[s.header->n_slots++];
  *other = s.header->slots[1];
  other->kind = 77;
  other->params_length = OKAP_SEALED_PARAMS_BYTES;
  memset (other->label, 'l', OKAP_SEALED_LABEL_BYTES);
  with = seal_keys (s.header, s.vault_key, "sk-1");
  g_assert_true (bytes_open (with, s.code_bits, &error));
  g_assert_true (okap_sealed_file_parse (&file, g_bytes_get_data (with, NULL),
                                         g_bytes_get_size (with), MEMORY_MOST, &error));
  g_assert_cmpmem (&file.header->slots[2], sizeof *other, other, sizeof *other);
}

/* A body that a newer Okap wrote, and bodies that nobody should have written. */
static void
test_body (void)
{
  static const struct
  {
    const char *name;
    guint8 bytes[48];
    gsize length;
    int code;   /* -1 if it decodes */
  } cases[] = {
    { "empty", { 0, 0 }, 2, -1 },
    { "no end", { 0 }, 1, OKAP_ERROR_VAULT_DAMAGED },
    { "critical", { 4, 0, 0, 0, 0, 0, 0, 0 }, 8, OKAP_ERROR_VAULT_NEWER },
    { "optional", { 1, 0x80, 2, 0, 0, 0, 'x', 'y', 0, 0 }, 10, -1 },
    { "optional, cut", { 1, 0x80, 9, 0, 0, 0, 'x', 'y', 0, 0 }, 10, OKAP_ERROR_VAULT_DAMAGED },
    { "optional, huge", { 1, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0 }, 8, OKAP_ERROR_VAULT_DAMAGED },
    { "behind the end", { 0, 0, 0, 1 }, 4, OKAP_ERROR_VAULT_DAMAGED },
    { "empty key", { 1, 0, 0, 0, 0, 0, 0, 0 }, 8, OKAP_ERROR_VAULT_DAMAGED },
    { "key, cut", { 1, 0, 9, 0, 0, 0, 1, 0 }, 8, OKAP_ERROR_VAULT_DAMAGED },
    { "key, critical field", { 1, 0, 4, 0, 0, 0, 10, 0, 0, 0, 0, 0 }, 12, OKAP_ERROR_VAULT_NEWER },
    { "key, short version", { 1, 0, 8, 0, 0, 0, 7, 0, 4, 0, 2, 0, 0, 0, 0, 0 }, 16,
      OKAP_ERROR_VAULT_DAMAGED },
    { "key, no rotation", { 1, 0, 6, 0, 0, 0, 8, 0, 2, 0, 1, 1, 0, 0 }, 14,
      OKAP_ERROR_VAULT_DAMAGED },
    { "key, zero field", { 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 12, OKAP_ERROR_VAULT_DAMAGED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapVaultBody) body = okap_vault_body_decode (cases[i].bytes, cases[i].length,
                                                               &error);

      g_test_message ("%s", cases[i].name);
      if (cases[i].code < 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, OKAP_ERROR, cases[i].code);
      if (body != NULL && body->extra != NULL)
        {
          g_autoptr (OkapGuarded) plain = okap_vault_body_encode (body);

          g_assert_cmpmem (plain->data, cases[i].length, cases[i].bytes, cases[i].length);
          g_assert_cmpint (plain->length, ==, OKAP_SEALED_PAD_BYTES);
        }
    }
}

/* Format 1 as it was when it was new. If this fails, readers of old vaults are lost. */
static void
test_known_answer (Fixture *f, gconstpointer data)
{
  static const char *const secrets[] = { PASSPHRASE, "GX3ZS-D55DJ-7WR13-4JAQF-23GCX-PGZ26" };
  g_autoptr (GError) error = NULL;

  g_free (f->path);
  f->path = g_test_build_filename (G_TEST_DIST, "..", "data", "vault", "v1.okap", NULL);
  fixture_reopen (f);
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      g_autoptr (OkapSecret) openai = NULL;
      g_autoptr (OkapSecret) ollama = NULL;
      g_autoptr (OkapSecret) derived = NULL;
      g_autoptr (OkapKeyInfo) second = NULL;
      g_autofree char *hex = NULL;

      g_assert_true (vault_unlock (f->vault, secrets[i], &error));
      g_assert_no_error (error);
      g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 3);
      g_assert_cmpint (vault_n_keys (f->vault), ==, 2);
      openai = okap_vault_dup_key (f->vault, "k_2bx93rrsge7u", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (okap_secret_get_text (openai), ==, "sk-proj-known-answer-0001");
      second = g_list_model_get_item (okap_vault_get_keys (f->vault), 1);
      g_assert_cmpstr (okap_key_info_get_provider (second), ==, "ollama");
      g_assert_cmpstr (okap_key_info_get_label (second), ==, "Küche");
      g_assert_cmpstr (okap_key_info_get_base_url (second), ==, "http://127.0.0.1:11434");
      g_assert_cmpint (okap_key_info_get_created (second), ==, NOW_US);
      ollama = okap_vault_dup_key (f->vault, okap_key_info_get_id (second), &error);
      g_assert_cmpint (okap_secret_get_length (ollama), ==, 0);
      derived = okap_vault_derive (f->vault, OKAP_DERIVED_TOKEN_HASH, &error);
      hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, okap_secret_get_data (derived), 32);
      g_assert_cmpstr (hex, ==,
                       "1009d84752dbdd95ae1f464eef8aecd01696b5584090f081ef99074964609cd6");
      okap_vault_lock (f->vault);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sealed/truncated", test_truncated);
  g_test_add_func ("/sealed/flipped", test_flipped);
  g_test_add_func ("/sealed/damage-is-told", test_damage_is_told);
  g_test_add_func ("/sealed/spliced", test_spliced);
  g_test_add_func ("/sealed/slots-bound", test_slots_bound);
  g_test_add_func ("/sealed/hostile", test_hostile);
  g_test_add_func ("/sealed/hostile-numbers", test_hostile_numbers);
  g_test_add_func ("/sealed/newer-records", test_newer_records);
  g_test_add_func ("/sealed/unknown-slot", test_unknown_slot);
  g_test_add_func ("/sealed/body", test_body);
  g_test_add ("/sealed/known-answer", Fixture, NULL, fixture_set_up, test_known_answer,
              fixture_tear_down);
  return g_test_run ();
}
