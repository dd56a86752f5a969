/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caps.h"
#include "okap-json.h"

G_BEGIN_DECLS

/* Told of each scalar, and of each object and array where it begins and where it ends. @path:
 * okap_json_tap_hash() of the names that lead to it, arrays left out: all elements of an array have
 * its path. @text: of scalars; NULL if it is longer than OKAP_CAP_MODEL_BYTES; @length: in bytes as
 * it came. */
typedef void (*OkapJsonTapFunc) (guint64 path, OkapJsonToken token, const char *text, gsize length,
                                 gpointer user_data);

/* Listens to JSON as its bytes pass, keeping one short scalar and the open levels. It is no
 * judge: text that is not JSON makes it silent until the next reset. */
typedef struct
{
  guint depth;                            /* objects and arrays that are open */
  /*< private >*/
  guint8 state;
  gboolean capturing;
  guint text_length;
  gsize length;                           /* of the running scalar */
  guint64 objects;                        /* one bit for each open level: object or array */
  guint64 name;                           /* path of the running member */
  guint64 paths[OKAP_CAP_BODY_DEPTH];     /* path of each open level */
  char text[OKAP_CAP_MODEL_BYTES];
} OkapJsonTap;

/* The path of the outermost value. */
#define OKAP_JSON_TAP_OUTERMOST G_GUINT64_CONSTANT (14695981039346656037)

void    okap_json_tap_init  (OkapJsonTap *tap);
void    okap_json_tap_reset (OkapJsonTap *tap);
void    okap_json_tap_feed  (OkapJsonTap *tap, const char *data, gsize length,
                             OkapJsonTapFunc func, gpointer user_data);
guint64 okap_json_tap_hash  (const char *path);
gboolean okap_json_tap_is_in_outer_array (const OkapJsonTap *tap);
gboolean okap_json_tap_is_whole  (const OkapJsonTap *tap);
gboolean okap_json_tap_is_broken (const OkapJsonTap *tap);

G_END_DECLS
