/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libcurl's multi interface under a main context. All of its sockets hang on one epoll descriptor
 * that one GSource polls; its timer is that source's time-out. Nothing is called on the way in:
 * okap_transfer_start() only queues, and every callback comes from the source's dispatch (or from
 * okap_transfer_resume()), so that callers need not expect to be called from within their own call.
 *
 *   dispatch: sockets that are ready → timer → flush heads → finished ones → what was put off
 *
 * While libcurl is on the stack it must not be entered again; what a callback asks for meanwhile
 * is put off to the end of the dispatch.
 *
 * Sockets stay registered with epoll while their connection idles between two requests, which
 * saves two system calls a request; the first event in that time unregisters them.
 *
 * One request at a time runs on a connection, with HTTP/2 too: this libcurl stops reading a shared
 * connection while one of its streams is paused, so that a slow app would stop all others. */
#include "config.h"

#include "okap-upstream.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "okap-transfer-private.h"

#define EVENTS_AT_ONCE 64
#define IDLE_CONNECTIONS_MOST 128
#define NEVER G_MAXINT64

typedef struct
{
  guint8 registered;  /* with epoll: CURL_POLL_IN, _OUT or both */
  guint8 wanted;      /* by libcurl */
  gboolean ours;      /* we open and close it */
} Socket;

typedef struct
{
  GSource source;
  OkapUpstream *upstream;
} Source;

static Socket *
find_socket (OkapUpstream *upstream, int fd)
{
  if ((guint) fd >= upstream->sockets->len)
    g_array_set_size (upstream->sockets, (guint) fd + 64);
  return &g_array_index (upstream->sockets, Socket, fd);
}

static void
register_socket (OkapUpstream *upstream, int fd, Socket *sock, guint8 events)
{
  struct epoll_event event = { .data.fd = fd };

  if (events == sock->registered)
    return;
  event.events = (events & CURL_POLL_IN ? (guint32) EPOLLIN : 0)
                 | (events & CURL_POLL_OUT ? (guint32) EPOLLOUT : 0);
  if (epoll_ctl (upstream->epoll_fd,
                 events == 0 ? EPOLL_CTL_DEL
                             : sock->registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                 fd, &event) < 0 && events != 0)
    g_warning ("Watching a connection failed: %s", g_strerror (errno));
  sock->registered = events;
}

static int
socket_cb (CURL *easy, curl_socket_t fd, int what, void *user_data, void *socket_data)
{
  OkapUpstream *upstream = user_data;
  Socket *sock = find_socket (upstream, fd);

  sock->wanted = what == CURL_POLL_REMOVE ? 0 : (guint8) what;
  if (sock->wanted == 0 && sock->ours && sock->registered == CURL_POLL_IN)
    return 0;
  register_socket (upstream, fd, sock, sock->wanted);
  return 0;
}

static int
timer_cb (CURLM *multi, long timeout_ms, void *user_data)
{
  OkapUpstream *upstream = user_data;

  if (timeout_ms < 0)
    upstream->timer_us = NEVER;
  else if (timeout_ms == 0)
    upstream->timer_us = 0;
  else
    upstream->timer_us = g_get_monotonic_time () + timeout_ms * 1000;
  return 0;
}

/** okap_upstream_open_socket: libcurl's way to a new socket (CURLOPT_OPENSOCKETFUNCTION) */
curl_socket_t
okap_upstream_open_socket (void *user_data, curlsocktype purpose, struct curl_sockaddr *address)
{
  OkapUpstream *upstream = user_data;
  int fd = socket (address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

  if (fd >= 0)
    *find_socket (upstream, fd) = (Socket) { .ours = TRUE };
  return fd;
}

/** okap_upstream_close_socket: and to its end (CURLOPT_CLOSESOCKETFUNCTION) */
int
okap_upstream_close_socket (void *user_data, curl_socket_t fd)
{
  OkapUpstream *upstream = user_data;

  *find_socket (upstream, fd) = (Socket) { 0 };  /* epoll forgets a closed descriptor */
  return close (fd);
}

static void
act_on_socket (OkapUpstream *upstream, const struct epoll_event *event)
{
  int fd = event->data.fd;
  Socket *sock = find_socket (upstream, fd);
  int running;
  int mask = (event->events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0)
             | (event->events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
             | (event->events & EPOLLERR ? CURL_CSELECT_ERR : 0);

  if (sock->wanted == 0)
    register_socket (upstream, fd, sock, 0);
  else
    (void) curl_multi_socket_action (upstream->multi, fd, mask, &running);
}

static void
act_on_sockets (OkapUpstream *upstream)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  int n = epoll_wait (upstream->epoll_fd, events, EVENTS_AT_ONCE, 0);

  for (int i = 0; i < n; i++)
    act_on_socket (upstream, &events[i]);
}

static void
act_on_timer (OkapUpstream *upstream, gint64 now_us)
{
  int running;

  if (upstream->timer_us > now_us)
    return;
  upstream->timer_us = NEVER;
  (void) curl_multi_socket_action (upstream->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static void
flush_heads (OkapUpstream *upstream)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&upstream->flushes)) != NULL)
    okap_transfer_flush (link->data);
}

static void
read_messages (OkapUpstream *upstream)
{
  CURLMsg *message;
  int left;

  while ((message = curl_multi_info_read (upstream->multi, &left)) != NULL)
    {
      OkapTransfer *transfer = NULL;
      CURLcode code = message->data.result;

      (void) curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, &transfer);
      okap_transfer_finish (transfer, code);
    }
}

/* Those that were cancelled while libcurl was on the stack. */
static void
free_cancelled (OkapUpstream *upstream)
{
  for (GList *l = upstream->transfers.head; upstream->n_cancelled > 0 && l != NULL;)
    {
      OkapTransfer *transfer = l->data;

      l = l->next;
      if (transfer->handler != NULL)
        continue;
      upstream->n_cancelled--;
      okap_transfer_recycle (transfer);
    }
}

/* Ends those whose provider has been silent for too long. */
static void
check_silence (OkapUpstream *upstream, gint64 now_us)
{
  if (now_us < upstream->tick_us)
    return;
  upstream->tick_us = now_us + upstream->silence_us / 4;
  for (GList *l = upstream->transfers.head; l != NULL;)
    {
      OkapTransfer *transfer = l->data;

      l = l->next;
      if (!transfer->paused && !transfer->read_waits
          && now_us - transfer->active_us > upstream->silence_us)
        okap_transfer_finish (transfer, CURLE_OPERATION_TIMEDOUT);
    }
}

static gint64
next_due (OkapUpstream *upstream)
{
  if (upstream->n_cancelled > 0)
    return 0;
  return MIN (upstream->timer_us,
              g_queue_is_empty (&upstream->transfers) ? NEVER : upstream->tick_us);
}

static gboolean
source_prepare (GSource *source, int *timeout_ms)
{
  gint64 due_us = next_due (((Source *) source)->upstream);
  gint64 now_us;

  *timeout_ms = -1;
  if (due_us == NEVER)
    return FALSE;
  if (due_us == 0)
    return TRUE;
  now_us = g_source_get_time (source);
  if (due_us <= now_us)
    return TRUE;
  *timeout_ms = (int) MIN ((due_us - now_us + 999) / 1000, 60 * 1000);
  return FALSE;
}

static gboolean
source_check (GSource *source)
{
  OkapUpstream *upstream = ((Source *) source)->upstream;

  return g_source_query_unix_fd (source, upstream->epoll_tag) != 0
         || next_due (upstream) <= g_source_get_time (source);
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  OkapUpstream *upstream = ((Source *) source)->upstream;
  gint64 now_us = g_source_get_time (source);

  upstream->in_curl = TRUE;
  if (g_source_query_unix_fd (source, upstream->epoll_tag) != 0)
    act_on_sockets (upstream);
  act_on_timer (upstream, now_us);
  upstream->in_curl = FALSE;

  flush_heads (upstream);
  read_messages (upstream);
  check_silence (upstream, now_us);
  free_cancelled (upstream);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {
  .prepare = source_prepare,
  .check = source_check,
  .dispatch = source_dispatch,
};

/** okap_upstream_new: (transfer full): its transfers will run in @context */
OkapUpstream *
okap_upstream_new (GMainContext *context)
{
  OkapUpstream *upstream = g_new0 (OkapUpstream, 1);

  okap_curl_init ();
  upstream->timer_us = NEVER;
  upstream->tick_us = NEVER;
  upstream->silence_us = OKAP_CAP_UPSTREAM_SILENCE_S * G_USEC_PER_SEC;
  upstream->sockets = g_array_new (FALSE, TRUE, sizeof (Socket));
  upstream->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (upstream->epoll_fd < 0)
    g_error ("No descriptor for connections: %s", g_strerror (errno));

  upstream->multi = curl_multi_init ();
  curl_multi_setopt (upstream->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
  curl_multi_setopt (upstream->multi, CURLMOPT_SOCKETDATA, upstream);
  curl_multi_setopt (upstream->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
  curl_multi_setopt (upstream->multi, CURLMOPT_TIMERDATA, upstream);
  curl_multi_setopt (upstream->multi, CURLMOPT_PIPELINING, (long) CURLPIPE_NOTHING);
  curl_multi_setopt (upstream->multi, CURLMOPT_MAXCONNECTS, (long) IDLE_CONNECTIONS_MOST);

  upstream->source = g_source_new (&source_funcs, sizeof (Source));
  ((Source *) upstream->source)->upstream = upstream;
  g_source_set_static_name (upstream->source, "okap-upstream");
  upstream->epoll_tag = g_source_add_unix_fd (upstream->source, upstream->epoll_fd, G_IO_IN);
  g_source_attach (upstream->source, context);
  return upstream;
}

/** okap_upstream_free: ends what runs with an error */
void
okap_upstream_free (OkapUpstream *upstream)
{
  GList *link;

  g_source_destroy (upstream->source);
  while ((link = upstream->transfers.head) != NULL)
    okap_transfer_finish (link->data, CURLE_ABORTED_BY_CALLBACK);
  while ((link = g_queue_pop_head_link (&upstream->spare)) != NULL)
    okap_transfer_free (link->data);
  curl_multi_cleanup (upstream->multi);
  g_source_unref (upstream->source);
  close (upstream->epoll_fd);
  g_array_unref (upstream->sockets);
  g_free (upstream);
}

/** okap_upstream_has_sent: for done(): whether anything of that request reached a connection to
 *   the provider, which may have worked on it */
gboolean
okap_upstream_has_sent (const OkapUpstream *upstream)
{
  return upstream->has_sent;
}

/** okap_upstream_set_silence: how long a provider may send nothing while an answer is awaited */
void
okap_upstream_set_silence (OkapUpstream *upstream, gint64 most_us)
{
  upstream->silence_us = most_us;
}
