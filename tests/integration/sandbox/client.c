/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client PORT|SOCKET: sends what it reads, if that is anything, and writes what comes back. Linked
 * statically, so that it runs in roots that have nothing else in them. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* How much there was. */
static long
copy (int from, int to)
{
  char room[4096];
  long all = 0;
  ssize_t n;

  while ((n = read (from, room, sizeof room)) > 0 && write (to, room, (size_t) n) == n)
    all += n;
  return all;
}

int
main (int argc, char **argv)
{
  struct sockaddr_in port = { .sin_family = AF_INET };
  struct sockaddr_un path = { .sun_family = AF_UNIX };
  int is_path = argc > 1 && argv[1][0] == '/';
  int fd;

  if (argc != 2 || strlen (argv[1]) >= sizeof path.sun_path)
    return 2;
  strcpy (path.sun_path, argv[1]);
  port.sin_port = htons ((unsigned short) atoi (argv[1]));
  port.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fd = socket (is_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
  if (fd < 0
      || connect (fd, is_path ? (struct sockaddr *) &path : (struct sockaddr *) &port,
                  is_path ? sizeof path : sizeof port) != 0)
    {
      perror ("client");
      return 1;
    }
  return copy (STDIN_FILENO, fd) > 0 && copy (fd, STDOUT_FILENO) > 0 ? 0 : 1;
}
