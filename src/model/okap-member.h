/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A JSON object from outside, and where it stands in its body, for messages about its members. */
typedef struct
{
  JsonObject *object;  /* lent */
  const char *path;    /* lent; empty for the body itself */
} OkapMembers;

char    *okap_members_dup_path   (const OkapMembers *members, const char *name);
char    *okap_members_describe   (JsonNode *node);
void     okap_members_set_error  (const OkapMembers *members, const char *name,
                                  const char *expected, const char *got, GError **error);
void     okap_members_set_type_error (const OkapMembers *members, const char *name,
                                      const char *expected, GError **error);
char    *okap_members_quote      (const char *text);

gboolean okap_members_get_string (const OkapMembers *members, const char *name,
                                  const char *expected, const char **out_text, GError **error);
gboolean okap_members_get_array  (const OkapMembers *members, const char *name,
                                  const char *expected, JsonArray **out_array, GError **error);
gboolean okap_members_get_object (const OkapMembers *members, const char *name,
                                  const char *expected, JsonObject **out_object, GError **error);
gboolean okap_members_get_number (const OkapMembers *members, const char *name,
                                  const char *expected, double *out_number, GError **error);
gboolean okap_members_dup_text   (const OkapMembers *members, const char *name, glong most_chars,
                                  char **out_text, GError **error);

G_END_DECLS
