/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vault.json in the runtime folder: address, socket and version, while Okap runs. */
#include "config.h"

#include "okap-discovery.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "okap-error.h"
#include "okap-paths.h"

struct _OkapDiscovery
{
  char *path;  /* (owned) */
};

static char *
format (const char *origin, const char *socket)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "okap");
  json_builder_add_string_value (builder, "1.0");
  json_builder_set_member_name (builder, "url");
  json_builder_add_string_value (builder, origin);
  json_builder_set_member_name (builder, "socket");
  json_builder_add_string_value (builder, socket);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, OKAP_VERSION);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  return json_to_string (node, TRUE);
}

/** okap_discovery_publish: @error: %OKAP_ERROR_STORAGE */
OkapDiscovery *
okap_discovery_publish (const char *origin, const char *socket, GError **error)
{
  g_autofree char *path = okap_paths_dup_discovery ();
  g_autofree char *text = format (origin, socket);
  g_autoptr (GError) local = NULL;
  OkapDiscovery *discovery;

  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &local))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "The file %s could not be written: %s",
                   path, local->message);
      return NULL;
    }
  discovery = g_new0 (OkapDiscovery, 1);
  discovery->path = g_steal_pointer (&path);
  return discovery;
}

/** okap_discovery_withdraw: removes the file and frees */
void
okap_discovery_withdraw (OkapDiscovery *discovery)
{
  (void) g_unlink (discovery->path);  /* gone already is as good */
  g_free (discovery->path);
  g_free (discovery);
}
