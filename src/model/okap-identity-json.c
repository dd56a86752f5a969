/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Okap saw of a program, as the text that a grant keeps. Paths need not be UTF-8, so strings
 * are kept escaped as C does it. Ancestors and parents are of the moment and not kept; nor is the
 * command line, in which prompts and passwords may stand. */
#include "config.h"

#include "okap-identity.h"

#include <stddef.h>

static const struct
{
  const char *name;
  gsize offset;
} strings[] = {
  { "program", offsetof (OkapIdentity, program) },
  { "script", offsetof (OkapIdentity, script) },
  { "digest", offsetof (OkapIdentity, digest) },
  { "folder", offsetof (OkapIdentity, folder) },
  { "engine", offsetof (OkapIdentity, engine) },
  { "app_id", offsetof (OkapIdentity, app_id) },
  { "origin", offsetof (OkapIdentity, origin) },
  { "unit", offsetof (OkapIdentity, unit) },
};

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/** okap_identity_build: an object; where a value can stand */
void
okap_identity_build (const OkapIdentity *identity, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "kind");
  json_builder_add_string_value (builder, okap_identity_kind_get_name (identity->kind));
  add_int (builder, "doubt", identity->doubt);
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      const char *value = G_STRUCT_MEMBER (const char *, identity, strings[i].offset);
      g_autofree char *escaped = value != NULL ? g_strescape (value, NULL) : NULL;

      if (escaped == NULL)
        continue;
      json_builder_set_member_name (builder, strings[i].name);
      json_builder_add_string_value (builder, escaped);
    }
  add_int (builder, "pid", identity->process.pid);
  add_int (builder, "started", (gint64) identity->process.started);
  add_int (builder, "changed_us", identity->changed_us);
  json_builder_end_object (builder);
}

static OkapIdentityKind
read_kind (const char *name)
{
  for (guint i = 0; i <= OKAP_IDENTITY_RUN; i++)
    if (g_strcmp0 (okap_identity_kind_get_name (i), name) == 0)
      return (OkapIdentityKind) i;
  return OKAP_IDENTITY_UNKNOWN;
}

/**
 * okap_identity_from_json:
 * @node: (nullable): what okap_identity_build() made; its tag was checked by the caller
 *
 * Returns: (transfer full): sealed; an unknown one if there is none
 */
OkapIdentity *
okap_identity_from_json (JsonNode *node)
{
  JsonObject *object;
  OkapIdentity *identity;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return okap_identity_new_unknown (OKAP_DOUBT_NONE);
  object = json_node_get_object (node);
  identity = okap_identity_new (read_kind (json_object_get_string_member_with_default (object,
                                                                                       "kind",
                                                                                       NULL)));
  identity->doubt = (OkapDoubt) CLAMP (json_object_get_int_member_with_default (object, "doubt", 0),
                                       0, OKAP_N_DOUBTS - 1);
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      const char *value = json_object_get_string_member_with_default (object, strings[i].name,
                                                                      NULL);

      if (value != NULL)
        G_STRUCT_MEMBER (char *, identity, strings[i].offset) = g_strcompress (value);
    }
  identity->process.pid = (pid_t) json_object_get_int_member_with_default (object, "pid", 0);
  identity->process.started = (guint64) json_object_get_int_member_with_default (object, "started",
                                                                                 0);
  identity->changed_us = json_object_get_int_member_with_default (object, "changed_us", 0);
  return okap_identity_seal (identity);
}
