/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets that listen. TCP only on the two loopback addresses; the Unix socket in a folder
 * that nobody else can enter, and never in place of one on which somebody answers. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "okap-http-private.h"
#include "okap-paths.h"

static OkapHttpListener *
listener_new (int fd)
{
  OkapHttpListener *listener = g_new0 (OkapHttpListener, 1);

  listener->watch = OKAP_HTTP_WATCH_LISTENER;
  listener->fd = fd;
  return listener;
}

/* Removes the file of the socket, unless another one has its place by now. */
static void
remove_path (OkapHttpListener *listener)
{
  struct stat st;

  if (listener->path != NULL && lstat (listener->path, &st) == 0 && st.st_dev == listener->dev
      && st.st_ino == listener->ino)
    (void) unlink (listener->path);
}

void
okap_http_listener_free (OkapHttpListener *listener)
{
  remove_path (listener);
  close (listener->fd);
  g_free (listener->path);
  g_free (listener);
}

static gboolean
fail (GError **error, const char *place, const char *what)
{
  int saved = errno;

  g_set_error (error, OKAP_ERROR,
               saved == EADDRINUSE ? OKAP_ERROR_CONFLICT : OKAP_ERROR_INTERNAL,
               "Listening on %s failed (%s): %s", place, what, g_strerror (saved));
  return FALSE;
}

static gboolean
parse_address (const char *address, guint16 port, struct sockaddr_storage *out,
               socklen_t *out_length)
{
  struct sockaddr_in *v4 = (struct sockaddr_in *) out;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) out;

  memset (out, 0, sizeof *out);
  if (strcmp (address, "127.0.0.1") == 0)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons (port);
      v4->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      *out_length = sizeof *v4;
      return TRUE;
    }
  if (strcmp (address, "::1") == 0)
    {
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons (port);
      v6->sin6_addr = in6addr_loopback;
      *out_length = sizeof *v6;
      return TRUE;
    }
  return FALSE;
}

static gboolean
bind_tcp (int fd, const char *address, struct sockaddr_storage *at, socklen_t length,
          GError **error)
{
  const int on = 1;

  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
      || setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0  /* the accepted inherit */
      || (at->ss_family == AF_INET6
          && setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0))
    return fail (error, address, "options");
  if (bind (fd, (struct sockaddr *) at, length) != 0)
    return fail (error, address, "bind");
  if (listen (fd, SOMAXCONN) != 0)
    return fail (error, address, "listen");
  if (getsockname (fd, (struct sockaddr *) at, &length) != 0)
    return fail (error, address, "getsockname");
  return TRUE;
}

/**
 * okap_http_listener_new_tcp:
 * @out_port: the port; 0 if the machine has no such address
 * @error: %OKAP_ERROR_CONFLICT if somebody else has the port, %OKAP_ERROR_INVALID_REQUEST for an
 *   address that is not loopback
 *
 * Returns: (transfer full) (nullable): NULL with an error, or without one if @out_port is 0
 */
OkapHttpListener *
okap_http_listener_new_tcp (const char *address, guint16 port, guint16 *out_port, GError **error)
{
  g_autoptr (GError) local = NULL;
  OkapHttpListener *listener;
  struct sockaddr_storage at;
  socklen_t length;
  int fd;

  *out_port = 0;
  if (!parse_address (address, port, &at, &length))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected the address 127.0.0.1 or ::1 to listen on, not %s", address);
      return NULL;
    }
  fd = socket (at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 && errno == EAFNOSUPPORT && at.ss_family == AF_INET6)
    return NULL;
  if (fd < 0)
    return fail (error, address, "socket"), NULL;
  if (!bind_tcp (fd, address, &at, length, &local))
    {
      int saved = errno;

      close (fd);
      if (saved != EADDRNOTAVAIL)
        g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }

  *out_port = ntohs (at.ss_family == AF_INET ? ((struct sockaddr_in *) &at)->sin_port
                                             : ((struct sockaddr_in6 *) &at)->sin6_port);
  listener = listener_new (fd);
  okap_http_names_init_tcp (&listener->names, *out_port);
  return listener;
}

/* Makes room at the path: a socket that an ended process left behind goes. */
static gboolean
remove_stale (const char *path, const struct sockaddr_un *at, GError **error)
{
  struct stat st;
  gboolean stale;
  int fd;

  if (lstat (path, &st) != 0)
    return TRUE;
  if (!S_ISSOCK (st.st_mode))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                   "Expected a socket or nothing at %s; move what is there away", path);
      return FALSE;
    }
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return fail (error, path, "socket");
  stale = connect (fd, (const struct sockaddr *) at, sizeof *at) != 0 && errno == ECONNREFUSED;
  close (fd);
  if (!stale)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                   "Another Okap answers at %s; end it first", path);
      return FALSE;
    }
  if (unlink (path) != 0)
    return fail (error, path, "unlink");
  return TRUE;
}

/* The mode is set before the name exists, so that there is no moment with a wider one. */
static gboolean
bind_unix (int fd, const char *path, const struct sockaddr_un *at, struct stat *st, GError **error)
{
  if (fchmod (fd, 0600) != 0)
    return fail (error, path, "fchmod");
  if (bind (fd, (const struct sockaddr *) at, sizeof *at) != 0)
    return fail (error, path, "bind");
  if (chmod (path, 0600) != 0 || lstat (path, st) != 0)
    return fail (error, path, "chmod");
  if (listen (fd, SOMAXCONN) != 0)
    return fail (error, path, "listen");
  return TRUE;
}

/**
 * okap_http_listener_new_unix:
 * @path: its folder is made, and made private
 * @error: %OKAP_ERROR_CONFLICT if somebody answers there, %OKAP_ERROR_STORAGE for the folder
 *
 * Returns: (transfer full) (nullable):
 */
OkapHttpListener *
okap_http_listener_new_unix (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct sockaddr_un at = { .sun_family = AF_UNIX };
  OkapHttpListener *listener;
  struct stat st;
  int fd;

  if (strlen (path) >= sizeof at.sun_path)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected the path of a socket with at most %zu bytes, not %s",
                   sizeof at.sun_path - 1, path);
      return NULL;
    }
  g_strlcpy (at.sun_path, path, sizeof at.sun_path);
  if (!okap_paths_make_private (folder, error) || !remove_stale (path, &at, error))
    return NULL;

  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return fail (error, path, "socket"), NULL;
  if (!bind_unix (fd, path, &at, &st, error))
    {
      close (fd);
      return NULL;
    }
  listener = listener_new (fd);
  listener->path = g_strdup (path);
  listener->dev = st.st_dev;
  listener->ino = st.st_ino;
  okap_http_names_init_socket (&listener->names);
  return listener;
}
