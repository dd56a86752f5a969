/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A pull scanner over JSON text in place: no allocation, no copy, nesting bounded, grammar and
 * UTF-8 checked (RFC 8259). It reads what programs send; okap_json_print() writes what we send. */
typedef enum
{
  OKAP_JSON_INVALID,
  OKAP_JSON_END,
  OKAP_JSON_OBJECT,      /* { */
  OKAP_JSON_OBJECT_END,  /* } */
  OKAP_JSON_ARRAY,       /* [ */
  OKAP_JSON_ARRAY_END,   /* ] */
  OKAP_JSON_NAME,        /* a member's name; its value comes next */
  OKAP_JSON_STRING,
  OKAP_JSON_NUMBER,
  OKAP_JSON_TRUE,
  OKAP_JSON_FALSE,
  OKAP_JSON_NULL,
} OkapJsonToken;

#define OKAP_JSON_DEPTH_MOST 64

typedef struct
{
  const char *text;    /* where the last token stands; a string or name without its quotes */
  gsize length;        /* its length in bytes, escapes undecoded */
  gboolean escaped;    /* whether the string or name has escapes */
  guint depth;         /* objects and arrays that are open */
  /*< private >*/
  const char *data;
  const char *p;
  const char *end;
  guint most_depth;
  guint state;
  guint64 in_object;   /* one bit per open level: object or array */
} OkapJsonScanner;

void          okap_json_scanner_init       (OkapJsonScanner *scanner, const char *data,
                                            gsize length, guint most_depth);
OkapJsonToken okap_json_scanner_next       (OkapJsonScanner *scanner);
gboolean      okap_json_scanner_skip       (OkapJsonScanner *scanner, OkapJsonToken token);
gboolean      okap_json_scanner_is         (const OkapJsonScanner *scanner, const char *text);
char         *okap_json_scanner_dup        (const OkapJsonScanner *scanner);
gboolean      okap_json_scanner_get_int    (const OkapJsonScanner *scanner, gint64 *out_value);
gsize         okap_json_scanner_get_offset (const OkapJsonScanner *scanner);

JsonNode     *okap_json_parse_strict       (const char *data, gsize length, guint most_depth,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
char         *okap_json_print              (JsonNode *node, gboolean pretty);

G_END_DECLS
