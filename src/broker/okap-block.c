/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pause or a block, as it is shown. */
#include "config.h"

#include "okap-block.h"

#include <glib/gi18n-lib.h>

struct _OkapBlock
{
  GObject parent_instance;

  char *key;               /* (owned) (immutable) of the identity */
  char *name;              /* (owned) (immutable) of the program, short */
  char *words;             /* (owned) (immutable) what Okap saw of it */
  OkapBlockReason reason;  /* (immutable) */
  gint64 since_us;         /* (immutable) */
  gint64 until_us;         /* (immutable) OKAP_BLOCK_FOR_EVER: until the user ends it */
};

G_DEFINE_FINAL_TYPE (OkapBlock, okap_block, G_TYPE_OBJECT)

static void
okap_block_finalize (GObject *object)
{
  OkapBlock *self = OKAP_BLOCK (object);

  g_free (self->key);
  g_free (self->name);
  g_free (self->words);
  G_OBJECT_CLASS (okap_block_parent_class)->finalize (object);
}

static void
okap_block_class_init (OkapBlockClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_block_finalize;
}

static void
okap_block_init (OkapBlock *self)
{
}

/** okap_block_new: @key: of the identity; @until_us: OKAP_BLOCK_FOR_EVER until the user ends it */
OkapBlock *
okap_block_new (const char *key, const char *name, const char *words, OkapBlockReason reason,
                gint64 since_us, gint64 until_us)
{
  OkapBlock *self = g_object_new (OKAP_TYPE_BLOCK, NULL);

  self->key = g_strdup (key);
  self->name = g_strdup (name);
  self->words = g_strdup (words);
  self->reason = reason;
  self->since_us = since_us;
  self->until_us = until_us;
  return self;
}

const char *
okap_block_get_key (OkapBlock *self)
{
  return self->key;
}

/** okap_block_get_name: of the program; clean, but no markup */
const char *
okap_block_get_name (OkapBlock *self)
{
  return self->name;
}

const char *
okap_block_get_words (OkapBlock *self)
{
  return self->words;
}

OkapBlockReason
okap_block_get_reason (OkapBlock *self)
{
  return self->reason;
}

/** okap_block_dup_reason_words: (transfer full): why, in a sentence */
char *
okap_block_dup_reason_words (OkapBlock *self)
{
  switch (self->reason)
    {
    case OKAP_BLOCK_DISMISSED:
      return g_strdup (_("It asked twice without getting an answer."));
    case OKAP_BLOCK_REFUSED:
      return g_strdup (_("It was refused three times."));
    case OKAP_BLOCK_HOUR:
      return g_strdup (_("You did not want to be asked for an hour."));
    case OKAP_BLOCK_ALWAYS:
    default:
      return g_strdup (_("You do not want to be asked again."));
    }
}

gint64
okap_block_get_since (OkapBlock *self)
{
  return self->since_us;
}

/** okap_block_get_until: wall time; OKAP_BLOCK_FOR_EVER: until the user ends it */
gint64
okap_block_get_until (OkapBlock *self)
{
  return self->until_us;
}
