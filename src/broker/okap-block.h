/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A program that is not asked for now: a row of okap_broker_get_blocks(). Constant; a pause that
 * becomes longer is another row. Main thread. */
#define OKAP_TYPE_BLOCK (okap_block_get_type ())
G_DECLARE_FINAL_TYPE (OkapBlock, okap_block, OKAP, BLOCK, GObject)

#define OKAP_BLOCK_FOR_EVER G_MAXINT64

/* Why. */
typedef enum
{
  OKAP_BLOCK_DISMISSED,  /* two questions in a row were closed or not answered */
  OKAP_BLOCK_REFUSED,    /* three in a row were refused */
  OKAP_BLOCK_HOUR,       /* the user said so */
  OKAP_BLOCK_ALWAYS,     /* likewise; until the user ends it */
} OkapBlockReason;

OkapBlock      *okap_block_new          (const char *key, const char *name, const char *words,
                                         OkapBlockReason reason, gint64 since_us, gint64 until_us)
                                         G_GNUC_WARN_UNUSED_RESULT;
const char     *okap_block_get_key      (OkapBlock *self);
const char     *okap_block_get_name     (OkapBlock *self);
const char     *okap_block_get_words    (OkapBlock *self);
OkapBlockReason okap_block_get_reason   (OkapBlock *self);
char           *okap_block_dup_reason_words (OkapBlock *self) G_GNUC_WARN_UNUSED_RESULT;
gint64          okap_block_get_since    (OkapBlock *self);
gint64          okap_block_get_until    (OkapBlock *self);

G_END_DECLS
