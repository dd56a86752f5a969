/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other end of a TCP connection from /proc/net, where the kernel has no socket diagnostics for
 * us. It is a text of all connections, so this is slow where there are many. Any thread. */
#include "config.h"

#include "okap-socket-proc.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TCP_STATE_ESTABLISHED 1

/* Columns of /proc/net/tcp. */
enum
{
  PROC_LOCAL = 1,
  PROC_REMOTE = 2,
  PROC_STATE = 3,
  PROC_UID = 7,
  PROC_INODE = 9,
  PROC_FIELDS = 10,
};

/* An address as /proc/net writes it: words of the host's byte order in hex, a colon, the port. */
static void
print_address (const OkapAddress *address, gboolean as_v6, char *out, gsize room)
{
  guint32 words[4] = { 0, 0, htonl (0xFFFF), 0 };
  guint16 port;

  if (address->any.sa_family == AF_INET)
    {
      memcpy (&words[3], &address->v4.sin_addr, sizeof words[3]);
      port = ntohs (address->v4.sin_port);
    }
  else
    {
      memcpy (words, &address->v6.sin6_addr, sizeof words);
      port = ntohs (address->v6.sin6_port);
    }
  if (as_v6)
    g_snprintf (out, room, "%08X%08X%08X%08X:%04X", words[0], words[1], words[2], words[3], port);
  else
    g_snprintf (out, room, "%08X:%04X", words[3], port);
}

/* Splits a row in place. */
static gboolean
split_row (char *row, char *fields[PROC_FIELDS])
{
  for (guint i = 0; i < PROC_FIELDS; i++)
    {
      fields[i] = row + strspn (row, " \t\n");
      row = fields[i] + strcspn (fields[i], " \t\n");
      if (row == fields[i])
        return FALSE;
      if (*row != '\0')
        *row++ = '\0';
    }
  return TRUE;
}

/**
 * okap_socket_proc_ask:
 * @file: "/proc/net/tcp" or its brother for IPv6
 * @as_v6: whether its addresses are long ones
 */
OkapSocketAnswer
okap_socket_proc_ask (const char *file, gboolean as_v6, const OkapSocket *socket, uid_t *out_uid,
                      guint64 *out_inode)
{
  g_autofree char *line = NULL;
  char from[48], to[48];
  gsize room = 0;
  OkapSocketAnswer answer = OKAP_SOCKET_UNKNOWN;
  FILE *stream = fopen (file, "re");

  if (stream == NULL)
    return OKAP_SOCKET_UNAVAILABLE;
  print_address (&socket->theirs, as_v6, from, sizeof from);
  print_address (&socket->ours, as_v6, to, sizeof to);
  while (getline (&line, &room, stream) > 0)
    {
      char *fields[PROC_FIELDS];

      if (!split_row (line, fields)
          || strcmp (fields[PROC_LOCAL], from) != 0 || strcmp (fields[PROC_REMOTE], to) != 0)
        continue;
      *out_inode = g_ascii_strtoull (fields[PROC_INODE], NULL, 10);
      if (*out_inode == 0
          || g_ascii_strtoull (fields[PROC_STATE], NULL, 16) != TCP_STATE_ESTABLISHED)
        break;
      *out_uid = (uid_t) g_ascii_strtoull (fields[PROC_UID], NULL, 10);
      answer = OKAP_SOCKET_FOUND;
      break;
    }
  fclose (stream);
  return answer;
}
