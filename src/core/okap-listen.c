/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which port. Apps keep base URLs, so the port is the same each time: the one that the user named
 * for this start, else the one of the preferences, else the one that is remembered in settings.ini,
 * else 6527 (OKAP on a phone's keypad). If it is taken, a free one is used and, unless the user
 * wants a certain one, remembered; and the user is told. */
#include "config.h"

#include "okap-listen.h"

#include <gio/gio.h>
#include <string.h>

#include "okap-error.h"
#include "okap-paths.h"

#define DEFAULT_PORT 6527
#define SETTINGS_GROUP "listen"
#define SETTINGS_PORT "port"

static gboolean
parse_listen (const char *listen, char **out_address, guint16 *out_port, GError **error)
{
  const char *colon = strrchr (listen, ':');
  g_autofree char *address = NULL;
  g_autoptr (GInetAddress) inet = NULL;
  guint64 port;

  if (colon != NULL && g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
    {
      address = *listen == '[' && colon > listen && colon[-1] == ']'
                ? g_strndup (listen + 1, (gsize) (colon - listen) - 2)
                : g_strndup (listen, (gsize) (colon - listen));
      inet = g_inet_address_new_from_string (address);
    }
  if (inet == NULL || !g_inet_address_get_is_loopback (inet))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected a loopback address and a port, such as 127.0.0.1:6527, not “%s”. "
                   "Okap serves this computer only.", listen);
      return FALSE;
    }
  *out_address = g_steal_pointer (&address);
  *out_port = (guint16) port;
  return TRUE;
}

static guint16
load_port (void)
{
  g_autofree char *path = okap_paths_dup_settings ();
  g_autoptr (GKeyFile) settings = g_key_file_new ();
  int port = 0;

  if (g_key_file_load_from_file (settings, path, G_KEY_FILE_NONE, NULL))
    port = g_key_file_get_integer (settings, SETTINGS_GROUP, SETTINGS_PORT, NULL);
  return port > 0 && port <= G_MAXUINT16 ? (guint16) port : DEFAULT_PORT;
}

/* Failing to remember is not failing to serve: the next start looks again. */
static void
save_port (guint16 port)
{
  g_autofree char *path = okap_paths_dup_settings ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GKeyFile) settings = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  (void) g_key_file_load_from_file (settings, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  g_key_file_set_integer (settings, SETTINGS_GROUP, SETTINGS_PORT, port);
  if (!okap_paths_make_private (folder, &error)
      || !g_key_file_save_to_file (settings, path, &error))
    g_message ("The port could not be remembered: %s", error->message);
}

static char *
format_origin (const char *address, guint16 port)
{
  return strchr (address, ':') != NULL ? g_strdup_printf ("http://[%s]:%u", address, port)
                                       : g_strdup_printf ("http://%s:%u", address, port);
}

static char *
bind_given (OkapHttpServer *server, const char *listen, GError **error)
{
  g_autofree char *address = NULL;
  guint16 port, bound;

  if (!parse_listen (listen, &address, &port, error)
      || !okap_http_server_listen_tcp (server, address, port, &bound, error))
    return NULL;
  return format_origin (address, bound);
}

/**
 * okap_listen_bind:
 * @listen: (nullable): address and port that the user named; only that one is tried
 * @port: the one of the preferences; 0: none
 * @out_moved: (out): whether another port than the remembered one is used
 *
 * Listens on 127.0.0.1 and, if the machine has it, on ::1 with the same port.
 *
 * Returns: (transfer full) (nullable): the origin, such as "http://127.0.0.1:6527"
 */
char *
okap_listen_bind (OkapHttpServer *server, const char *listen, guint16 port, gboolean *out_moved,
                  GError **error)
{
  gboolean remembers = port == 0;
  guint16 wanted = remembers ? load_port () : port;

  *out_moved = FALSE;
  if (listen != NULL)
    return bind_given (server, listen, error);

  if (!okap_http_server_listen_tcp (server, "127.0.0.1", wanted, &port, NULL))
    {
      if (!okap_http_server_listen_tcp (server, "127.0.0.1", 0, &port, error))
        return NULL;
      *out_moved = TRUE;
      if (remembers)
        save_port (port);
    }
  /* Without IPv6, or with the port taken there, 127.0.0.1 alone serves. */
  (void) okap_http_server_listen_tcp (server, "::1", port, NULL, NULL);
  return format_origin ("127.0.0.1", port);
}
