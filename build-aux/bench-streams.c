/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams for build-aux/bench: how much later does an event arrive behind a proxy?
 *
 * One thread on one epoll is both ends: the provider, which answers each request with a stream of
 * events that carry the time at which they were written, and the apps, which read that time when
 * the event arrives. Both read one clock, so the difference is the delay. The events of all
 * streams are spread evenly over the time between two events of one.
 *
 *   bench-streams UPSTREAM_PORT TARGET_PORT PATH TOKEN STREAMS EVENTS_A_SECOND SECONDS
 *
 * With TARGET_PORT = UPSTREAM_PORT there is no proxy between them. Prints one line of JSON. */
#define MODEL "llama-3.1-8b-instant"  /* that has a price at the provider */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define STREAMS_MOST 4096
#define HEAD_MOST 8192
#define CARRY_MOST 64
#define TICK_NS 500000
#define GRACE_NS 5000000000
#define MARK "\"t\":"

typedef enum { APP, PROVIDER } Kind;

typedef struct
{
  Kind kind;
  int fd;
  char head[HEAD_MOST];     /* PROVIDER: the request so far */
  size_t length;
  bool asked_usage;
  int64_t next_ns;          /* PROVIDER: when the next event is due; 0: not streaming */
  unsigned left;
  char carry[CARRY_MOST];   /* APP: the end of what was read before */
  size_t carried;
  bool over;
} Stream;

static char listener_mark, timer_mark;  /* tell these two from streams */
static int poller;
static Stream *providers[STREAMS_MOST];
static unsigned n_providers, n_over, n_streams, n_events, rate;
static int64_t *delays;
static size_t n_delays, most_delays;

static int64_t
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

static void
die (const char *what)
{
  fprintf (stderr, "bench-streams: %s: %s\n", what, strerror (errno));
  exit (1);
}

static void
watch (int fd, void *data)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = data };

  if (epoll_ctl (poller, EPOLL_CTL_ADD, fd, &event) < 0)
    die ("epoll_ctl");
}

static Stream *
add_stream (Kind kind, int fd)
{
  Stream *stream = calloc (1, sizeof *stream);
  int one = 1;

  if (stream == NULL)
    die ("calloc");
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  stream->kind = kind;
  stream->fd = fd;
  watch (fd, stream);
  return stream;
}

static void
send_all (int fd, const char *text, size_t length)
{
  if (send (fd, text, length, MSG_NOSIGNAL) != (ssize_t) length)
    die ("send");
}

static struct sockaddr_in
loopback (const char *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) atoi (port)),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

  return address;
}

/* The provider's side. */

static void
start_answer (Stream *stream)
{
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n";

  stream->asked_usage = strstr (stream->head, "\"include_usage\"") != NULL;
  send_all (stream->fd, head, sizeof head - 1);
  stream->left = n_events;
  stream->next_ns = now_ns () + INT64_C (2000000000)
                    + INT64_C (1000000000) / rate * (n_providers % n_streams) / n_streams;
}

static void
read_request (Stream *stream)
{
  ssize_t got = recv (stream->fd, stream->head + stream->length,
                      sizeof stream->head - 1 - stream->length, 0);
  const char *end;
  const char *announced;

  if (got <= 0)
    {
      close (stream->fd);
      stream->fd = -1;
      stream->next_ns = 0;
      return;
    }
  stream->length += (size_t) got;
  stream->head[stream->length] = '\0';
  end = strstr (stream->head, "\r\n\r\n");
  announced = strcasestr (stream->head, "\r\ncontent-length:");
  if (end != NULL && announced != NULL
      && stream->length >= (size_t) (end - stream->head) + 4 + (size_t) atoi (announced + 17))
    start_answer (stream);
}

static void
send_event (Stream *stream)
{
  static const char last[] = "data: [DONE]\n\n";
  char event[512];
  char chunk[600];
  int length;

  if (stream->left > 0)
    length = snprintf (event, sizeof event,
                       "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                       "\"model\":\"" MODEL "\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                       "\" words\"}}],\"t\":%" PRId64 "%s}\n\n", now_ns (),
                       stream->asked_usage ? ",\"usage\":null" : "");
  else if (stream->asked_usage)
    length = snprintf (event, sizeof event,
                       "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                       "\"model\":\"" MODEL "\",\"choices\":[],\"usage\":{\"prompt_tokens\":20,"
                       "\"completion_tokens\":%u,\"total_tokens\":%u}}\n\n", n_events,
                       n_events + 20);
  else
    length = 0;
  if (length > 0)
    {
      length = snprintf (chunk, sizeof chunk, "%x\r\n%s\r\n", (unsigned) length, event);
      send_all (stream->fd, chunk, (size_t) length);
    }
  if (stream->left-- > 0)
    {
      stream->next_ns += INT64_C (1000000000) / rate;
      return;
    }
  length = snprintf (chunk, sizeof chunk, "%x\r\n%s\r\n0\r\n\r\n", (unsigned) sizeof last - 1,
                     last);
  send_all (stream->fd, chunk, (size_t) length);
  stream->next_ns = 0;
  stream->length = 0;
}

static void
send_due (void)
{
  int64_t now = now_ns ();

  for (unsigned i = 0; i < n_providers; i++)
    if (providers[i]->next_ns != 0 && providers[i]->next_ns <= now)
      send_event (providers[i]);
}

/* The apps' side. */

static void
take_times (Stream *stream, const char *text, size_t length, int64_t now)
{
  const char *end = text + length;
  const char *mark;

  while ((mark = memmem (text, (size_t) (end - text), MARK, sizeof MARK - 1)) != NULL)
    {
      char *rest;
      int64_t sent = strtoll (mark + sizeof MARK - 1, &rest, 10);

      if (rest >= end)  /* the number goes on in the next read */
        {
          text = mark;
          break;
        }
      if (n_delays < most_delays)
        delays[n_delays++] = now - sent;
      text = rest;
    }
  if (!stream->over && memmem (text, (size_t) (end - text), "[DONE]", 6) != NULL)
    {
      stream->over = true;
      n_over++;
    }
  stream->carried = (size_t) (end - text) < CARRY_MOST - 1 ? (size_t) (end - text)
                                                           : CARRY_MOST - 1;
  memmove (stream->carry, end - stream->carried, stream->carried);
}

static void
read_answer (Stream *stream)
{
  char room[CARRY_MOST + 16384 + 1];
  ssize_t got;
  int64_t now;

  memcpy (room, stream->carry, stream->carried);
  got = recv (stream->fd, room + stream->carried, 16384, 0);
  now = now_ns ();
  if (got <= 0)
    {
      if (!stream->over)
        n_over++;
      stream->over = true;
      close (stream->fd);
      stream->fd = -1;
      return;
    }
  if (memcmp (room, "HTTP/1.1 ", 9) == 0 && memcmp (room + 9, "200", 3) != 0)
    {
      room[stream->carried + (size_t) got] = '\0';
      fprintf (stderr, "bench-streams: refused: %s\n", room);
      exit (1);
    }
  room[stream->carried + (size_t) got] = '\0';
  take_times (stream, room, stream->carried + (size_t) got, now);
}

static void
ask (const char *port, const char *path, const char *token)
{
  static const char body[] = "{\"model\":\"" MODEL "\",\"stream\":true,\"max_tokens\":4096,"
                             "\"messages\":[{\"role\":\"user\",\"content\":\"Tell me more.\"}]}";
  struct sockaddr_in address = loopback (port);
  char request[2048];
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int length;

  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    die ("connect");
  length = snprintf (request, sizeof request,
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\n"
                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", path, port,
                     token, sizeof body - 1, body);
  send_all (fd, request, (size_t) length);
  add_stream (APP, fd);
}

static int
compare (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a;
  int64_t y = *(const int64_t *) b;

  return x < y ? -1 : x > y;
}

static double
get_ms (double part)
{
  return n_delays == 0 ? -1 : (double) delays[(size_t) (part * (double) (n_delays - 1))] / 1e6;
}

static int
listen_on (const char *port)
{
  struct sockaddr_in address = loopback (port);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int one = 1;

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0
      || listen (fd, STREAMS_MOST) < 0)
    die ("listen");
  return fd;
}

static void
turn (int listener, int timer)
{
  struct epoll_event events[256];
  int n = epoll_wait (poller, events, 256, 1000);

  for (int i = 0; i < n; i++)
    {
      Stream *stream = events[i].data.ptr;
      uint64_t ticks;
      int fd;

      if (stream == (void *) &listener_mark)
        {
          while ((fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
            if (n_providers < STREAMS_MOST)
              providers[n_providers++] = add_stream (PROVIDER, fd);
        }
      else if (stream == (void *) &timer_mark)
        {
          if (read (timer, &ticks, sizeof ticks) > 0)
            send_due ();
        }
      else if (stream->kind == PROVIDER)
        read_request (stream);
      else
        read_answer (stream);
    }
}

int
main (int argc, char **argv)
{
  struct itimerspec every = { { 0, TICK_NS }, { 0, TICK_NS } };
  int64_t until;
  int listener;
  int timer;

  if (argc != 8)
    {
      fprintf (stderr, "usage: bench-streams UPSTREAM_PORT TARGET_PORT PATH TOKEN STREAMS "
                       "EVENTS_A_SECOND SECONDS\n");
      return 2;
    }
  n_streams = (unsigned) atoi (argv[5]);
  rate = (unsigned) atoi (argv[6]);
  n_events = rate * (unsigned) atoi (argv[7]);
  most_delays = (size_t) n_streams * n_events;
  delays = calloc (most_delays, sizeof *delays);
  poller = epoll_create1 (EPOLL_CLOEXEC);
  listener = listen_on (argv[1]);
  timer = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  timerfd_settime (timer, 0, &every, NULL);
  watch (listener, &listener_mark);
  watch (timer, &timer_mark);
  for (unsigned i = 0; i < n_streams; i++)
    {
      ask (argv[2], argv[3], argv[4]);
      if (i % 16 == 15)
        turn (listener, timer);
    }
  until = now_ns () + INT64_C (1000000000) * atoi (argv[7]) + 4 * INT64_C (1000000000) + GRACE_NS;
  while (n_over < n_streams && now_ns () < until)
    turn (listener, timer);
  qsort (delays, n_delays, sizeof *delays, compare);
  printf ("{\"events\":%zu,\"lost\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,"
          "\"max_ms\":%.3f}\n", n_delays, most_delays - n_delays, get_ms (0.5), get_ms (0.99),
          get_ms (0.999), get_ms (1.0));
  return 0;
}
