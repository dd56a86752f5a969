/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-block.h"
#include "okap-caller.h"
#include "okap-clock.h"

G_BEGIN_DECLS

/* How often which program may have a person asked. Main thread, no I/O. */
typedef struct _OkapFlood OkapFlood;

typedef enum
{
  OKAP_FLOOD_PASS,
  OKAP_FLOOD_THROTTLED,  /* later */
  OKAP_FLOOD_BLOCKED,    /* until the user ends it */
} OkapFloodVerdict;

/* What came of a question. */
typedef enum
{
  OKAP_FLOOD_ALLOWED,
  OKAP_FLOOD_DISMISSED,  /* or not answered */
  OKAP_FLOOD_REFUSED,
  OKAP_FLOOD_HOUR,       /* refused, and an hour of peace */
  OKAP_FLOOD_ALWAYS,     /* and no question ever again */
} OkapFloodAnswer;

/* Told of each pause or block that begins (@began) or ends. */
typedef void (*OkapFloodFunc) (OkapBlock *block, gboolean began, gpointer user_data);

OkapFlood       *okap_flood_new         (OkapClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void             okap_flood_free        (OkapFlood *flood);
void             okap_flood_set_func    (OkapFlood *flood, OkapFloodFunc func, gpointer user_data);

char            *okap_flood_dup_key     (const OkapCaller *caller) G_GNUC_WARN_UNUSED_RESULT;
OkapFloodVerdict okap_flood_check       (OkapFlood *flood, const OkapCaller *caller,
                                         guint *out_retry_s);
void             okap_flood_note_shown  (OkapFlood *flood, const OkapCaller *caller);
void             okap_flood_note_answer (OkapFlood *flood, const OkapCaller *caller,
                                         OkapFloodAnswer answer);
gboolean         okap_flood_is_nagging  (OkapFlood *flood, const OkapCaller *caller);
gboolean         okap_flood_take_again  (OkapFlood *flood, const OkapCaller *caller,
                                         guint *out_retry_s);

GListModel      *okap_flood_get_blocks  (OkapFlood *flood);
gboolean         okap_flood_restore     (OkapFlood *flood, OkapBlock *block);
void             okap_flood_end_block   (OkapFlood *flood, const char *key);
gint64           okap_flood_end_past    (OkapFlood *flood);
guint            okap_flood_get_size    (OkapFlood *flood);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapFlood, okap_flood_free)

G_END_DECLS
