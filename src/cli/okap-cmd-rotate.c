/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap keys rotate: the new key goes to the Okap that runs, which tests it, swaps, and watches. The
 * replacement has an id of its own, made here or given, so that a call whose answer got lost can be
 * made again. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-client.h"
#include "okap-commands.h"
#include "okap-error.h"
#include "okap-id.h"
#include "okap-keys-input.h"
#include "okap-process.h"

typedef struct
{
  char *from_file;   /* (owned) (nullable) */
  char *rotation;    /* (owned) (nullable) */
  gboolean no_test;
  gboolean back;
  gboolean keep;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->from_file);
  g_free (options->rotation);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/** okap_keys_dup_health: (transfer full): of a key as the Okap that runs told it */
char *
okap_keys_dup_health (JsonObject *key)
{
  JsonObject *health = get_object (key, "health");
  const char *words, *until;

  if (health == NULL)
    return g_strdup ("");
  words = json_object_get_string_member_with_default (health, "words", "");
  until = json_object_get_string_member_with_default (health, "until", NULL);
  return until != NULL ? g_strdup_printf ("%s, until %s", words, until) : g_strdup (words);
}

/** okap_keys_dup_version: (transfer full): its number, and what its replacement does */
char *
okap_keys_dup_version (JsonObject *key)
{
  gint64 version = json_object_get_int_member_with_default (key, "version", 1);
  JsonObject *rotation = get_object (key, "rotation");
  const char *state = rotation != NULL
                      ? json_object_get_string_member_with_default (rotation, "state", "") : "";

  if (strcmp (state, "watching") == 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT ", new, watched", version);
  if (strcmp (state, "testing") == 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT ", a new one is tested", version);
  if (strcmp (state, "rolled_back") == 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT ", a new one was taken back", version);
  return g_strdup_printf ("%" G_GINT64_FORMAT, version);
}

static OkapSecret *
read_new_key (const Options *options, GError **error)
{
  OkapSecret *key;
  int fd;

  if (options->from_file == NULL)
    return okap_keys_read (_("New key: "), error);
  fd = g_open (options->from_file, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND, "%s cannot be read: %s",
                   options->from_file, g_strerror (errno));
      return NULL;
    }
  key = okap_secret_new_from_fd (fd, OKAP_CAP_PROVIDER_KEY_BYTES, error);
  (void) g_close (fd, NULL);
  return key;
}

static OkapReply *
send_key (const Options *options, const char *id, GError **error)
{
  g_autofree char *rotation = options->rotation != NULL ? g_strdup (options->rotation)
                                                        : okap_id_new ("rot");
  g_autofree char *path = okap_client_dup_path ("/okap/control/keys/rotate", "id", id, "rotation",
                                                rotation, "test", options->no_test ? "0" : NULL,
                                                NULL);
  g_autoptr (OkapSecret) key = read_new_key (options, error);

  return key != NULL ? okap_client_post_secret (path, key, error) : NULL;
}

static OkapReply *
settle (const Options *options, const char *id, GError **error)
{
  g_autofree char *path = okap_client_dup_path ("/okap/control/keys/settle", "id", id, "with",
                                                options->keep ? "new" : "old", NULL);

  return okap_client_post (path, error);
}

static void
print_key (JsonObject *reply)
{
  JsonObject *key = get_object (reply, "key");
  JsonObject *rotation = key != NULL ? get_object (key, "rotation") : NULL;
  const char *state = rotation != NULL
                      ? json_object_get_string_member_with_default (rotation, "state", "") : "";

  if (strcmp (json_object_get_string_member_with_default (reply, "result", ""), "unchanged") == 0)
    printf ("Nothing was changed: no new key came, or it is the one in use.\n");
  else if (strcmp (state, "watching") == 0)
    printf ("The new key is in use and watched. Back to the old one: okap keys rotate --back %s\n",
            json_object_get_string_member_with_default (key, "id", "ID"));
  else if (strcmp (state, "retired") == 0)
    printf ("The new key stays; the old one is wiped.\n");
  else
    printf ("The old key is in use; the new one is wiped.\n");
}

static gboolean
check_options (const OkapCommand *command, const Options *options, int *out_exit)
{
  if (options->back && options->keep)
    *out_exit = okap_cli_misuse (command, "--back and --keep exclude each other");
  else if ((options->back || options->keep) && (options->from_file != NULL || options->no_test))
    *out_exit = okap_cli_misuse (command, "--back and --keep take no new key");
  else
    return TRUE;
  return FALSE;
}

int
okap_cmd_keys_rotate (const OkapCommand *command, int argc, char *argv[])
{
  g_auto (Options) o = { NULL };
  const GOptionEntry entries[] = {
    { "from-file", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &o.from_file,
      N_("Read the new key from a file"), "FILE" },
    { "no-test", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &o.no_test,
      N_("Use the new key without asking its provider first"), NULL },
    { "back", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &o.back,
      N_("Go back to the old key while the new one is watched"), NULL },
    { "keep", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &o.keep,
      N_("Stay with the new key and wipe the old one now"), NULL },
    { "rotation", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &o.rotation,
      N_("An id of your own; the same one again changes nothing"), "ID" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &o.json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *id = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_keys_check_no_key (command, argc, argv, &status)
      || !okap_cli_parse_one_id (command, entries, argc, argv, &id, &status)
      || !check_options (command, &o, &status))
    return status;
  reply = o.back || o.keep ? settle (&o, id, &error) : send_key (&o, id, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (o.json)
    okap_cli_print_json (reply->root);
  else
    print_key (okap_reply_get_object (reply));
  return OKAP_EXIT_DONE;
}
