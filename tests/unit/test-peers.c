/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is found at the other end of real connections of real processes. */
#include "identity-fixture.h"

#include "okap-caps.h"
#include "okap-known.h"
#include "okap-peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct
{
  GMainContext *context;
  OkapPeers *peers;
  int tcp, local;     /* listeners */
  char port[8];
  char *path;
  Files files;
} Fixture;

typedef struct
{
  OkapPeer *peer;
  int fd;
  gboolean at_once;
  guint n_news;
  OkapPeerNews news;  /* the last */
} Connection;

static void
set_up (Fixture *f, gconstpointer data)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct sockaddr_un local = { .sun_family = AF_UNIX };
  socklen_t length = sizeof at;

  make_files (&f->files);
  f->context = g_main_context_new ();
  f->peers = okap_peers_new (f->context);
  f->path = g_build_filename (f->files.folder, "socket", NULL);
  f->tcp = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (f->tcp, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint (listen (f->tcp, 128), ==, 0);
  g_assert_cmpint (getsockname (f->tcp, (struct sockaddr *) &at, &length), ==, 0);
  g_snprintf (f->port, sizeof f->port, "%u", ntohs (at.sin_port));
  f->local = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_strlcpy (local.sun_path, f->path, sizeof local.sun_path);
  g_assert_cmpint (bind (f->local, (struct sockaddr *) &local, sizeof local), ==, 0);
  g_assert_cmpint (listen (f->local, 128), ==, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  close (f->tcp);
  close (f->local);
  okap_peers_free (f->peers);
  g_main_context_unref (f->context);
  clear_files (&f->files);
  g_free (f->path);
}

static void
news_cb (OkapPeer *peer, OkapPeerNews news, gpointer user_data)
{
  Connection *connection = user_data;

  connection->news = news;
  connection->n_news++;
}

static void
accept_on (Fixture *f, int listener, Connection *connection)
{
  *connection = (Connection) { .fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC) };
  g_assert_cmpint (connection->fd, >=, 0);
  connection->peer = okap_peer_new (f->peers, connection->fd);
}

static void
wait_for_news (Fixture *f, Connection *connection, guint n)
{
  while (connection->n_news < n)
    g_main_context_iteration (f->context, TRUE);
}

/* (transfer none): who it is */
static OkapIdentity *
identify (Fixture *f, Connection *connection)
{
  g_assert_nonnull (connection->peer);
  connection->at_once = okap_peer_identify (connection->peer, news_cb, connection);
  if (!connection->at_once)
    wait_for_news (f, connection, 1);
  return okap_peer_get_caller (connection->peer)->identity;
}

static void
end (Connection *connection)
{
  g_clear_pointer (&connection->peer, okap_peer_free);
  close (connection->fd);
}

static int
connect_here (Fixture *f)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  at.sin_port = htons ((guint16) g_ascii_strtoull (f->port, NULL, 10));
  g_assert_cmpint (connect (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  return fd;
}

typedef struct
{
  const char *name;
  const char *words;        /* for the helper; T and U connect, H stands for its own path */
  gboolean gone;            /* wait for the end of what was started */
  OkapIdentityKind kind;
  OkapDoubt doubt;
  gboolean not_as_root;     /* from whom nobody hides */
} Case;

static const Case cases[] = {
  { "tcp", "T ready wait", FALSE, OKAP_IDENTITY_USER_PROGRAM, OKAP_DOUBT_NONE },
  { "unix", "U ready wait", FALSE, OKAP_IDENTITY_USER_PROGRAM, OKAP_DOUBT_NONE },
  { "tcp, forked", "T fork ready wait", FALSE, OKAP_IDENTITY_USER_PROGRAM, OKAP_DOUBT_NONE },
  { "unix, forked", "U fork ready wait", FALSE, OKAP_IDENTITY_USER_PROGRAM, OKAP_DOUBT_NONE },
  { "tcp, shared", "T spawn /bin/sleep 60 exec H ready wait", FALSE, OKAP_IDENTITY_UNKNOWN,
    OKAP_DOUBT_SHARED },
  { "unix, shared", "U spawn /bin/sleep 60 exec H ready wait", FALSE, OKAP_IDENTITY_UNKNOWN,
    OKAP_DOUBT_SHARED },
  { "tcp, left to a child", "T leave ready wait", FALSE, OKAP_IDENTITY_USER_PROGRAM,
    OKAP_DOUBT_NONE },
  { "unix, left to a child", "U leave ready wait", TRUE, OKAP_IDENTITY_UNKNOWN,
    OKAP_DOUBT_GONE },
  { "tcp, closed", "T close ready wait", FALSE, OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_GONE },
  { "unix, ended", "U ready", TRUE, OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_GONE },
  { "tcp, other program now", "T exec /bin/sleep 60", FALSE, OKAP_IDENTITY_INSTALLED,
    OKAP_DOUBT_NONE },
  { "tcp, own namespaces", "T alone ready wait", FALSE, OKAP_IDENTITY_UNKNOWN,
    OKAP_DOUBT_CONTAINER },
  { "tcp, removed", "T unlink H ready wait", FALSE, OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_REPLACED },
  { "tcp, hides", "T hide ready wait", FALSE, OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_HIDDEN, TRUE },
  { "unix, hides", "U hide ready wait", FALSE, OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_HIDDEN, TRUE },
  { "tcp, below one that hides", "T hide spawn /bin/sleep 60 ready wait", FALSE,
    OKAP_IDENTITY_UNKNOWN, OKAP_DOUBT_HIDDEN, TRUE },
};

static Process
start_words (Fixture *f, const char *words)
{
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  Process process;

  g_ptr_array_add (argv, f->files.helper);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (strcmp (parts[i], "T") == 0)
        {
          g_ptr_array_add (argv, (char *) "tcp");
          g_ptr_array_add (argv, f->port);
        }
      else if (strcmp (parts[i], "U") == 0)
        {
          g_ptr_array_add (argv, (char *) "unix");
          g_ptr_array_add (argv, f->path);
        }
      else
        g_ptr_array_add (argv, strcmp (parts[i], "H") == 0 ? f->files.helper : parts[i]);
    }
  g_ptr_array_add (argv, NULL);
  process = start_in (NULL, (char **) argv->pdata);
  return process;
}

static gboolean
runs (pid_t pid, const char *name)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", (int) pid);
  g_autofree char *program = g_file_read_link (link, NULL);

  return program != NULL && g_str_has_suffix (program, name);
}

static void
run_case (Fixture *f, const Case *c)
{
  Process process;
  Connection connection;
  OkapIdentity *seen;

  if (c->not_as_root && geteuid () == 0)
    return;
  g_test_message ("%s", c->name);
  copy_file (g_test_get_filename (G_TEST_BUILT, "identity-helper", NULL), f->files.helper);
  process = start_words (f, c->words);
  if (strstr (c->words, "ready") != NULL)
    {
      g_autofree char *line = read_line (&process);

      if (strstr (c->words, "alone") != NULL && strcmp (line, "ready") != 0)
        {
          g_test_message ("no user namespaces here");
          stop (&process);
          return;
        }
      g_assert_cmpstr (line, ==, "ready");
    }
  while (strstr (c->words, "exec /bin/sleep") != NULL && !runs (process.pid, "/sleep"))
    ;
  if (c->gone)
    g_assert_cmpint (waitid (P_PID, (id_t) process.pid, &(siginfo_t) { 0 }, WEXITED | WNOWAIT),
                     ==, 0);

  accept_on (f, strstr (c->words, "U ") == c->words ? f->local : f->tcp, &connection);
  if (connection.peer == NULL)
    g_assert_cmpint (c->doubt, ==, OKAP_DOUBT_GONE);  /* nobody's: dropped at the door */
  else
    {
      seen = identify (f, &connection);
      g_assert_cmpint (seen->doubt, ==, c->doubt);
      g_assert_cmpint (seen->kind, ==, c->kind);
      if (seen->kind == OKAP_IDENTITY_USER_PROGRAM)
        g_assert_cmpstr (seen->program, ==, f->files.helper);
    }
  end (&connection);
  stop (&process);
}

static void
test_cases (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    run_case (f, &cases[i]);
}

static void
test_cases_old (Fixture *f, gconstpointer data)
{
  okap_peers_set_old (f->peers);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    run_case (f, &cases[i]);
}

/* Without diagnostics nobody is sure who connected to the Unix socket. */
static void
test_cases_plain (Fixture *f, gconstpointer data)
{
  static const Case unsure = { "unix", "U ready wait", FALSE, OKAP_IDENTITY_UNKNOWN,
                               OKAP_DOUBT_NONE };

  okap_peers_set_plain (f->peers);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (!g_str_has_prefix (cases[i].name, "unix"))
      run_case (f, &cases[i]);
  run_case (f, &unsure);
}

/* A socket that is handed to another program is nobody's, whoever connected it. */
static void
test_handed_over (Fixture *f, gconstpointer data)
{
  const gboolean is_unix = GPOINTER_TO_INT (data);
  g_autofree char *meeting = g_build_filename (f->files.folder, "meeting", NULL);
  g_autofree char *thief = g_build_filename (f->files.folder, "thief", NULL);
  g_autofree char *first = NULL;
  Process taker, giver;
  Connection connection;
  OkapIdentity *seen;

  copy_file (f->files.helper, thief);
  taker = start (thief, (char *) "take", meeting, (char *) "ready", (char *) "wait");
  expect_ready (&taker);
  giver = start (f->files.helper, (char *) (is_unix ? "unix" : "tcp"),
                 is_unix ? f->path : f->port, (char *) "pass", meeting, (char *) "close",
                 (char *) "ready", (char *) "wait");
  expect_ready (&giver);
  expect_ready (&taker);
  accept_on (f, is_unix ? f->local : f->tcp, &connection);
  seen = identify (f, &connection);
  if (is_unix)
    g_assert_cmpint (seen->doubt, ==, OKAP_DOUBT_SHARED);
  else
    g_assert_cmpstr (seen->program, ==, thief);
  end (&connection);
  stop (&giver);
  stop (&taker);
}

/* The second connection of a program that is known is answered at once, and confirmed. */
static void
test_known (Fixture *f, gconstpointer data)
{
  int ends[3];
  Connection connections[3];

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      ends[i] = connect_here (f);
      accept_on (f, f->tcp, &connections[i]);
      g_assert_cmpint (identify (f, &connections[i])->kind, !=, OKAP_IDENTITY_UNKNOWN);
      g_assert_cmpint (connections[i].at_once, ==, i > 0);
      g_assert_cmpint (okap_peer_get_caller (connections[i].peer)->pid, ==, getpid ());
    }
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      end (&connections[i]);
      close (ends[i]);
    }
}

/* A known program starts another one that shares its connection: the answer came at once, and is
 * taken back. */
static void
test_taken_back (Fixture *f, gconstpointer data)
{
  Process process = start_words (f, "T ready wait T spawn /bin/sleep 60 ready wait");
  Connection first, second;

  expect_ready (&process);
  accept_on (f, f->tcp, &first);
  g_assert_cmpint (identify (f, &first)->kind, ==, OKAP_IDENTITY_USER_PROGRAM);
  go_on (&process);
  expect_ready (&process);
  accept_on (f, f->tcp, &second);
  g_assert_cmpint (identify (f, &second)->kind, ==, OKAP_IDENTITY_USER_PROGRAM);
  g_assert_true (second.at_once);
  wait_for_news (f, &second, 1);
  g_assert_cmpint (second.news, ==, OKAP_PEER_SHARED);
  g_assert_cmpint (okap_peer_get_caller (second.peer)->identity->doubt, ==, OKAP_DOUBT_SHARED);
  end (&first);
  end (&second);
  stop (&process);
}

/* A known process becomes another program: nothing that was known of it counts. */
static void
test_known_exec (Fixture *f, gconstpointer data)
{
  g_autofree char *other = g_build_filename (f->files.folder, "other", NULL);
  Process process;
  Connection first, second;

  copy_file (f->files.helper, other);
  process = start (f->files.helper, (char *) "tcp", f->port, (char *) "ready", (char *) "wait",
                   (char *) "exec", other, (char *) "tcp", f->port, (char *) "ready",
                   (char *) "wait");
  expect_ready (&process);
  accept_on (f, f->tcp, &first);
  g_assert_cmpstr (identify (f, &first)->program, ==, f->files.helper);
  go_on (&process);
  expect_ready (&process);
  accept_on (f, f->tcp, &second);
  g_assert_cmpstr (identify (f, &second)->program, ==, other);
  g_assert_false (second.at_once);
  end (&first);
  end (&second);
  stop (&process);
}

/* Parent and child of one set of typed commands are one program; its connection is the parent's. */
static void
test_commands (Fixture *f, gconstpointer data)
{
  const char *python = find_python ();
  g_autofree char *code = NULL;
  Process process;
  Connection connection;
  OkapIdentity *seen;

  if (python == NULL)
    return;
  code = g_strdup_printf ("import os,socket,sys,time\n"
                          "s=socket.create_connection(('127.0.0.1',%s))\n"
                          "os.set_inheritable(s.fileno(),True)\n"
                          "if os.fork()==0: sys.stdin.readline(); os._exit(0)\n"
                          "print('ready',flush=True); time.sleep(60)", f->port);
  process = start ((char *) python, (char *) "-c", code);
  expect_ready (&process);
  accept_on (f, f->tcp, &connection);
  seen = identify (f, &connection);
  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_SCRIPT);
  g_assert_null (seen->script);
  g_assert_cmpint (seen->process.pid, ==, process.pid);
  end (&connection);
  stop (&process);
}

/* A connection that ends while it is looked for, and a server that ends with it: nothing comes. */
static void
test_cancelled (Fixture *f, gconstpointer data)
{
  Connection connections[8];
  int ends[8];

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      ends[i] = connect_here (f);
      accept_on (f, f->tcp, &connections[i]);
      okap_peer_identify (connections[i].peer, news_cb, &connections[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      end (&connections[i]);
      close (ends[i]);
      g_assert_cmpuint (connections[i].n_news, ==, 0);
    }
}

/* Many at once are answered by few passes, each with its own program. */
static void
test_many (Fixture *f, gconstpointer data)
{
  Process processes[20];
  Connection connections[20];
  GHashTable *pids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    {
      processes[i] = start_words (f, "T ready wait");
      expect_ready (&processes[i]);
      accept_on (f, f->tcp, &connections[i]);
      okap_peer_identify (connections[i].peer, news_cb, &connections[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    {
      OkapCaller *caller;

      wait_for_news (f, &connections[i], 1);
      caller = okap_peer_get_caller (connections[i].peer);
      g_assert_cmpint (caller->pid, ==, processes[i].pid);
      g_assert_true (g_hash_table_add (pids, GINT_TO_POINTER (caller->pid)));
    }
  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    {
      end (&connections[i]);
      stop (&processes[i]);
    }
  g_hash_table_unref (pids);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/peers/cases", Fixture, NULL, set_up, test_cases, tear_down);
  g_test_add ("/peers/cases-old", Fixture, NULL, set_up, test_cases_old, tear_down);
  g_test_add ("/peers/cases-plain", Fixture, NULL, set_up, test_cases_plain, tear_down);
  g_test_add ("/peers/handed-over/tcp", Fixture, GINT_TO_POINTER (FALSE), set_up,
              test_handed_over, tear_down);
  g_test_add ("/peers/handed-over/unix", Fixture, GINT_TO_POINTER (TRUE), set_up,
              test_handed_over, tear_down);
  g_test_add ("/peers/known", Fixture, NULL, set_up, test_known, tear_down);
  g_test_add ("/peers/taken-back", Fixture, NULL, set_up, test_taken_back, tear_down);
  g_test_add ("/peers/known-exec", Fixture, NULL, set_up, test_known_exec, tear_down);
  g_test_add ("/peers/commands", Fixture, NULL, set_up, test_commands, tear_down);
  g_test_add ("/peers/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  g_test_add ("/peers/many", Fixture, NULL, set_up, test_many, tear_down);
  return g_test_run ();
}
