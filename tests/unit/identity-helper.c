/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program to be looked at: does what its arguments say, one word after the other, and waits where
 * it is told to. It has no library, so that it can run in an empty root.
 *
 *   tcp PORT, unix PATH   connects; the socket stays open, through exec too
 *   close                 closes the last socket
 *   ready                 writes a line, so that the test goes on
 *   wait                  until the test writes a line; ends if there is none
 *   hide                  does not let itself be read any more
 *   fork                  a child that waits; this one goes on
 *   leave                 goes on in a child, and ends
 *   spawn PATH ARG        a child that runs another program
 *   exec PATH ...         becomes another program
 *   rename FROM TO, unlink PATH, touch PATH
 *   pass PATH             hands the last socket to who accepts there
 *   take PATH             accepts one and takes the socket that comes
 *   alone                 namespaces of its own: users, mounts
 *   root DIR              another root
 *   user N                another user */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int last = -1;

static void
check (int result, const char *what)
{
  if (result >= 0)
    return;
  dprintf (1, "failed: %s: %s\n", what, strerror (errno));
  _exit (3);
}

static unsigned
read_number (const char *text)
{
  unsigned number = 0;

  for (; *text >= '0' && *text <= '9'; text++)
    number = number * 10 + (unsigned) (*text - '0');
  return number;
}

static void
connect_tcp (const char *port)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

  at.sin_port = htons ((unsigned short) read_number (port));
  last = socket (AF_INET, SOCK_STREAM, 0);
  check (connect (last, (struct sockaddr *) &at, sizeof at), "connect");
}

static struct sockaddr_un
make_address (const char *path)
{
  struct sockaddr_un at = { .sun_family = AF_UNIX };

  memcpy (at.sun_path, path, strnlen (path, sizeof at.sun_path - 1));
  return at;
}

static int
connect_unix (const char *path)
{
  struct sockaddr_un at = make_address (path);
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  check (connect (fd, (struct sockaddr *) &at, sizeof at), "connect");
  return fd;
}

static void
move_socket (int through, int send)
{
  union
  {
    struct cmsghdr header;
    char room[CMSG_SPACE (sizeof (int))];
  } control = { .header = { .cmsg_len = CMSG_LEN (sizeof (int)), .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS } };
  char byte = 'x';
  struct iovec part = { .iov_base = &byte, .iov_len = 1 };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                            .msg_controllen = sizeof control };

  if (send)
    {
      memcpy (CMSG_DATA (&control.header), &last, sizeof last);
      check ((int) sendmsg (through, &message, 0), "pass");
      return;
    }
  check ((int) recvmsg (through, &message, 0), "take");
  memcpy (&last, CMSG_DATA (&control.header), sizeof last);
}

static void
take_socket (const char *path)
{
  struct sockaddr_un at = make_address (path);
  int listener = socket (AF_UNIX, SOCK_STREAM, 0);
  int from;

  check (bind (listener, (struct sockaddr *) &at, sizeof at), "bind");
  check (listen (listener, 1), "listen");
  check ((int) write (1, "ready\n", 6), "ready");
  from = accept (listener, NULL, NULL);
  check (from, "accept");
  move_socket (from, 0);
}

static void
wait_for_line (void)
{
  char c;

  do
    if (read (0, &c, 1) != 1)
      _exit (0);
  while (c != '\n');
}

/* A child that runs @program, if there is one; returns when it does. */
static void
fork_child (char **program)
{
  pid_t parent = getpid ();
  pid_t child;
  int done[2];
  char byte;

  check (pipe2 (done, O_CLOEXEC), "pipe");
  child = fork ();
  check (child, "fork");
  if (child != 0)
    {
      close (done[1]);
      if (program != NULL)
        check ((int) read (done[0], &byte, 1), "read");  /* its end is that of exec */
      close (done[0]);
      return;
    }
  prctl (PR_SET_PDEATHSIG, 9);
  if (getppid () != parent)
    _exit (0);
  if (program != NULL)
    {
      execv (program[0], program);
      _exit (4);
    }
  for (;;)
    pause ();
}

static void
leave (void)
{
  pid_t child = fork ();

  check (child, "fork");
  if (child != 0)
    _exit (0);
}

static void
become_alone (void)
{
  check (unshare (CLONE_NEWUSER | CLONE_NEWNS), "unshare");
}

/* How many words were used. */
static int
act (char **word)
{
  if (strcmp (*word, "ready") == 0)
    check ((int) write (1, "ready\n", 6), "ready");
  else if (strcmp (*word, "wait") == 0)
    wait_for_line ();
  else if (strcmp (*word, "close") == 0)
    check (close (last), "close");
  else if (strcmp (*word, "hide") == 0)
    check (prctl (PR_SET_DUMPABLE, 0), "hide");
  else if (strcmp (*word, "fork") == 0)
    fork_child (NULL);
  else if (strcmp (*word, "leave") == 0)
    leave ();
  else if (strcmp (*word, "alone") == 0)
    become_alone ();
  else
    return 0;
  return 1;
}

/* The same, with one argument. */
static int
act_with (char **word)
{
  const char *argument = word[1];

  if (argument == NULL)
    return 0;
  if (strcmp (*word, "tcp") == 0)
    connect_tcp (argument);
  else if (strcmp (*word, "unix") == 0)
    last = connect_unix (argument);
  else if (strcmp (*word, "pass") == 0)
    move_socket (connect_unix (argument), 1);
  else if (strcmp (*word, "take") == 0)
    take_socket (argument);
  else if (strcmp (*word, "unlink") == 0)
    check (unlink (argument), "unlink");
  else if (strcmp (*word, "touch") == 0)
    check (open (argument, O_CREAT | O_WRONLY | O_TRUNC, 0755), "touch");
  else if (strcmp (*word, "root") == 0)
    {
      check (chroot (argument), "chroot");
      check (chdir ("/"), "chdir");
    }
  else if (strcmp (*word, "user") == 0)
    {
      unsigned n = read_number (argument);

      check ((int) syscall (SYS_setresgid, n, n, n), "setresgid");
      check ((int) syscall (SYS_setresuid, n, n, n), "setresuid");
    }
  else
    return 0;
  return 2;
}

int
main (int argc, char **argv)
{
  prctl (PR_SET_PDEATHSIG, 9);
  for (char **word = argv + 1; *word != NULL;)
    {
      int used = act (word);

      if (used == 0)
        used = act_with (word);
      if (used == 0 && strcmp (*word, "exec") == 0 && word[1] != NULL)
        {
          execv (word[1], word + 1);
          check (-1, "exec");
        }
      if (used == 0 && strcmp (*word, "rename") == 0 && word[1] != NULL && word[2] != NULL)
        {
          check (rename (word[1], word[2]), "rename");
          used = 3;
        }
      if (used == 0 && strcmp (*word, "spawn") == 0 && word[1] != NULL && word[2] != NULL)
        {
          char *program[] = { word[1], word[2], NULL };

          fork_child (program);
          used = 3;
        }
      if (used == 0)
        {
          errno = EINVAL;
          check (-1, *word);
        }
      word += used;
    }
  return 0;
}
