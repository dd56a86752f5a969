/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The sealed file, as bytes. All numbers are little-endian.
 *
 *   prologue  32  "OKAPVLT\0", u16 major, u16 minor, u32 header length, u32 body length,
 *                 8 bytes checksum over the first 20 bytes and the header, 4 zero bytes
 *   header     n  records of u16 type, u16 length, value; types in ascending order
 *   tag       32  keyed hash over prologue and header, under a key from the vault key
 *   body       n  nonce (24), ciphertext (a multiple of 4096), authenticator (16)
 *
 * Types below 0x8000 are critical: who does not know one must not open the file. Others are kept
 * as they are when the file is saved. The checksum tells damage from a wrong passphrase; it is
 * no protection, the tag is. */
#define OKAP_SEALED_MAJOR          1
#define OKAP_SEALED_MINOR          2   /* 1: keys may have versions; 2: slots may be changed */
#define OKAP_SEALED_PROLOGUE_BYTES 32
#define OKAP_SEALED_TAG_BYTES      32
#define OKAP_SEALED_NONCE_BYTES    24
#define OKAP_SEALED_MAC_BYTES      16
#define OKAP_SEALED_KEY_BYTES      32
#define OKAP_SEALED_PAD_BYTES      4096

#define OKAP_SEALED_HEADER_MOST    (64 * 1024)
#define OKAP_SEALED_BODY_MOST      (16 * 1024 * 1024)
#define OKAP_SEALED_FILE_MOST \
  (OKAP_SEALED_PROLOGUE_BYTES + OKAP_SEALED_HEADER_MOST + OKAP_SEALED_TAG_BYTES \
   + OKAP_SEALED_BODY_MOST)
#define OKAP_SEALED_SLOTS_MOST     16
#define OKAP_SEALED_LABEL_BYTES    64
#define OKAP_SEALED_PARAMS_BYTES   128

/* What unlocking may cost: memory and passes of one slot, and their product over all slots. */
#define OKAP_SEALED_MEMORY_LEAST   (G_GUINT64_CONSTANT (8) << 20)
#define OKAP_SEALED_MEMORY_MOST    (G_GUINT64_CONSTANT (1) << 30)
#define OKAP_SEALED_PASSES_MOST    10
#define OKAP_SEALED_WORK_MOST      (G_GUINT64_CONSTANT (16) << 30)

#define OKAP_SEALED_ID_BYTES       16
#define OKAP_SEALED_SALT_BYTES     16
#define OKAP_SEALED_PUBLIC_BYTES   32

/* Other kinds may stand in a file; they are kept and not tried. Behind the parameters of a slot
 * that got a new vault key without its secret there is a public key (32), see okap-slot.c. */
typedef enum
{
  OKAP_SLOT_PASSPHRASE = 1,  /* params: u8 1 (Argon2id 1.3), u64 bytes, u32 passes, salt (16) */
  OKAP_SLOT_RECOVERY = 2,    /* params: salt (16) */
  OKAP_SLOT_KEYRING = 3,     /* params: salt (16); the secret is 32 bytes in the login keyring */
} OkapSlotKind;

/* One way to the vault key. */
typedef struct
{
  guint8 id[OKAP_SEALED_ID_BYTES];
  guint8 kind;
  char label[OKAP_SEALED_LABEL_BYTES + 1];
  gint64 created_us;
  guint8 params[OKAP_SEALED_PARAMS_BYTES];
  guint8 params_length;
  guint8 nonce[OKAP_SEALED_NONCE_BYTES];
  guint8 wrapped[OKAP_SEALED_KEY_BYTES + OKAP_SEALED_MAC_BYTES];
} OkapSlot;

typedef struct
{
  guint16 minor;
  guint8 vault_id[OKAP_SEALED_ID_BYTES];
  guint64 generation;   /* one more with each save */
  gint64 created_us;
  gint64 saved_us;
  char writer[OKAP_SEALED_LABEL_BYTES + 1];
  guint n_slots;
  OkapSlot slots[OKAP_SEALED_SLOTS_MOST];
  GBytes *extra;        /* (owned) (nullable) records that a newer Okap wrote */
} OkapSealedHeader;

/* A file whose structure holds; nothing in it is authentic yet. */
typedef struct
{
  OkapSealedHeader *header;  /* (owned) */
  const guint8 *head;        /* prologue and header, within the parsed memory */
  gsize head_length;
  const guint8 *tag;
  const guint8 *body;
  gsize body_length;
} OkapSealedFile;

gboolean          okap_sealed_file_parse    (OkapSealedFile *file, gconstpointer data, gsize length,
                                             guint64 memory_most_bytes, GError **error);
void              okap_sealed_file_clear    (OkapSealedFile *file);

OkapSealedHeader *okap_sealed_header_new    (void) G_GNUC_WARN_UNUSED_RESULT;
OkapSealedHeader *okap_sealed_header_copy   (const OkapSealedHeader *header)
                                             G_GNUC_WARN_UNUSED_RESULT;
gboolean          okap_sealed_header_has    (const OkapSealedHeader *header, OkapSlotKind kind);
void              okap_sealed_header_free   (OkapSealedHeader *header);
GByteArray       *okap_sealed_header_format (const OkapSealedHeader *header, gsize body_length);
void              okap_sealed_checksum      (const guint8 *prologue, const guint8 *header,
                                             gsize header_length, guint8 out_checksum[8]);

gsize             okap_slot_get_own_params  (const OkapSlot *slot);
gboolean          okap_slot_get_cost        (const OkapSlot *slot, guint64 *out_memory_bytes,
                                             guint32 *out_passes, const guint8 **out_salt);
void              okap_slot_set_cost        (OkapSlot *slot, guint64 memory_bytes, guint32 passes,
                                             const guint8 salt[OKAP_SEALED_SALT_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapSealedHeader, okap_sealed_header_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapSealedFile, okap_sealed_file_clear)

G_END_DECLS
