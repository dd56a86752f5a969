/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of processes that are given to others at the worst moments, in a pid namespace of the
 * test's own, where the next number can be chosen. Whoever connected is this program, whoever has
 * the number afterwards is another one: that one must never be named. */
#include "okap-peers.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBER 300  /* of the process that is replaced */
#define OTHER "/bin/sleep"

/* What happens to the process that connected before it is looked at. */
typedef enum
{
  FATE_ENDS,        /* it has ended, and its number is another program's */
  FATE_LEAVES,      /* likewise, but a child of it has the connection still */
  FATE_RACES,       /* it ends while it is looked at */
  N_FATES,
} Fate;

typedef struct
{
  GMainContext *context;
  OkapPeers *peers[3];       /* as the kernel is, as an older one, and without diagnostics */
  int listeners[2];          /* TCP, Unix */
  struct sockaddr_storage addresses[2];
  socklen_t lengths[2];
  guint n_attempts, n_reused, n_known, n_doubts, n_dropped, n_wrong;
} World;

static gboolean
write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean done = fd >= 0 && write (fd, text, strlen (text)) == (gssize) strlen (text);

  if (fd >= 0)
    close (fd);
  return done;
}

static void
choose_next (int number)
{
  g_autofree char *text = g_strdup_printf ("%d", number - 1);

  g_assert_true (write_text ("/proc/sys/kernel/ns_last_pid", text));
}

/* A child that connects and does what its fate is; its first byte on @out says that it has. */
static pid_t
fork_connector (World *world, guint door, Fate fate, int out)
{
  pid_t child = fork ();
  int fd;

  if (child != 0)
    return child;
  fd = socket (door == 0 ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
  if (connect (fd, (struct sockaddr *) &world->addresses[door], world->lengths[door]) != 0)
    _exit (2);
  if (fate == FATE_LEAVES && fork () == 0)
    {
      (void) !write (out, "x", 1);
      for (;;)
        pause ();
    }
  if (fate != FATE_LEAVES)
    (void) !write (out, "x", 1);
  if (fate == FATE_RACES)
    for (;;)
      pause ();
  _exit (0);
}

static pid_t
fork_other (void)
{
  char *argv[] = { (char *) OTHER, (char *) "60", NULL };
  pid_t child;

  choose_next (NUMBER);
  child = fork ();
  if (child == 0)
    {
      execv (argv[0], argv);
      _exit (1);
    }
  return child;
}

static void
news_cb (OkapPeer *peer, OkapPeerNews news, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
count (World *world, const OkapIdentity *seen)
{
  if (seen->program != NULL && g_str_has_suffix (seen->program, "/sleep"))
    world->n_wrong++;
  else if (seen->kind == OKAP_IDENTITY_UNKNOWN)
    world->n_doubts++;
  else
    world->n_known++;
}

static void
attempt (World *world, guint i)
{
  guint door = i % 2, n_news = 0;
  OkapPeers *peers = world->peers[i / 2 % 3];
  Fate fate = i / 6 % N_FATES;
  pid_t connector, other = 0;
  OkapPeer *peer;
  int ready[2], fd;
  char byte;

  g_assert_cmpint (pipe2 (ready, O_CLOEXEC), ==, 0);
  choose_next (NUMBER);
  connector = fork_connector (world, door, fate, ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  if (fate != FATE_RACES)
    {
      g_assert_cmpint (waitpid (connector, NULL, 0), ==, connector);
      other = fork_other ();
    }
  fd = accept4 (world->listeners[door], NULL, NULL, SOCK_CLOEXEC);
  peer = okap_peer_new (peers, fd);
  if (peer == NULL)
    world->n_dropped++;
  else
    {
      gboolean at_once = okap_peer_identify (peer, news_cb, &n_news);

      if (fate == FATE_RACES)
        {
          g_usleep ((gulong) g_test_rand_int_range (0, 1500));
          kill (connector, SIGKILL);
          g_assert_cmpint (waitpid (connector, NULL, 0), ==, connector);
          other = fork_other ();
        }
      while (!at_once && n_news == 0)
        g_main_context_iteration (world->context, TRUE);
      count (world, okap_peer_get_caller (peer)->identity);
      okap_peer_free (peer);
    }
  world->n_attempts++;
  world->n_reused += other == connector && connector == NUMBER;
  close (fd);
  close (ready[0]);
  close (ready[1]);
  kill (-1, SIGKILL);  /* all of this namespace but its first process, which this one is */
  while (waitpid (-1, NULL, 0) > 0)
    ;
}

static void
listen_all (World *world)
{
  struct sockaddr_in *tcp = (struct sockaddr_in *) &world->addresses[0];
  struct sockaddr_un *local = (struct sockaddr_un *) &world->addresses[1];

  tcp->sin_family = AF_INET;
  tcp->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  local->sun_family = AF_UNIX;
  g_snprintf (local->sun_path + 1, sizeof local->sun_path - 1, "okap-reuse-%u",
              (guint) g_test_rand_int ());
  world->lengths[0] = sizeof *tcp;
  world->lengths[1] = sizeof *local;
  for (guint i = 0; i < 2; i++)
    {
      world->listeners[i] = socket (i == 0 ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (bind (world->listeners[i], (struct sockaddr *) &world->addresses[i],
                             world->lengths[i]), ==, 0);
      g_assert_cmpint (listen (world->listeners[i], 16), ==, 0);
      g_assert_cmpint (getsockname (world->listeners[i],
                                    (struct sockaddr *) &world->addresses[i],
                                    &world->lengths[i]), ==, 0);
    }
}

/* The first process of the namespace. */
static int
live (guint n)
{
  World world = { .context = g_main_context_new () };

  listen_all (&world);
  for (guint i = 0; i < G_N_ELEMENTS (world.peers); i++)
    world.peers[i] = okap_peers_new (world.context);
  okap_peers_set_old (world.peers[1]);
  okap_peers_set_plain (world.peers[2]);
  for (guint i = 0; i < n; i++)
    attempt (&world, i);
  for (guint i = 0; i < G_N_ELEMENTS (world.peers); i++)
    okap_peers_free (world.peers[i]);
  g_main_context_unref (world.context);
  g_print ("# %u attempts, the number given to another program in %u: its own program in %u, "
           "a doubt in %u, dropped %u, wrong %u\n", world.n_attempts, world.n_reused,
           world.n_known, world.n_doubts, world.n_dropped, world.n_wrong);
  if (world.n_reused < n * 9 / 10 || world.n_known == 0 || world.n_doubts == 0)
    return 3;  /* it would have shown nothing */
  return world.n_wrong == 0 ? 0 : 4;
}

static gboolean
may_count (void)
{
  return mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("proc", "/proc", "proc", 0, NULL) == 0;
}

static void
test_reuse (void)
{
  int status;
  pid_t outer = fork ();

  if (outer == 0)
    {
      pid_t first;

      if (unshare (CLONE_NEWPID | CLONE_NEWNS | (geteuid () != 0 ? CLONE_NEWUSER : 0)) != 0)
        _exit (77);
      first = fork ();
      if (first == 0)
        {
          int code = may_count () ? live (g_test_slow () ? 6000 : 360) : 77;

          fflush (NULL);
          _exit (code);
        }
      if (waitpid (first, &status, 0) != first || !WIFEXITED (status))
        _exit (5);
      _exit (WEXITSTATUS (status));
    }
  g_assert_cmpint (waitpid (outer, &status, 0), ==, outer);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("no pid namespaces for this user here");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peers-reuse/numbers", test_reuse);
  return g_test_run ();
}
