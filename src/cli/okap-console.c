/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal without waiting. It is opened anew as /dev/tty, so that making it non-blocking does
 * not change the shell's own. What was typed before a question is thrown away: nobody may have
 * answered what they have not read. Text that the terminal does not take yet is kept and written
 * later, and a line is read only once everything above it is shown. Main thread. */
#include "config.h"

#include "okap-console.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_BYTES 4096   /* what a terminal gives at once in canonical mode */

struct _OkapConsole
{
  int fd;                  /* (owned) */
  GString *unsent;         /* (owned) */
  GSource *writing;        /* (owned) (nullable) */
  GSource *reading;        /* (owned) (nullable) */
  gboolean hidden;         /* whether the echo is off */
  struct termios kept;     /* valid while hidden */
  OkapConsoleFunc func;    /* (nullable) who waits for a line */
  gpointer user_data;
  char room[LINE_BYTES];   /* wiped after use */
};

/** okap_console_new: (transfer full): on @fd, which it takes over */
OkapConsole *
okap_console_new (int fd)
{
  OkapConsole *console = g_new0 (OkapConsole, 1);

  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  console->fd = fd;
  console->unsent = g_string_new (NULL);
  return console;
}

/**
 * okap_console_open:
 *
 * Returns: (transfer full) (nullable): the controlling terminal; NULL if standard input is not a
 *   terminal, because then nobody sits there to be asked
 */
OkapConsole *
okap_console_open (void)
{
  int fd = isatty (STDIN_FILENO) ? open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1;

  return fd >= 0 ? okap_console_new (fd) : NULL;
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
show_echo (OkapConsole *console)
{
  if (!console->hidden)
    return;
  console->hidden = FALSE;
  tcsetattr (console->fd, TCSANOW, &console->kept);
  okap_console_write (console, "\n");
}

static void
hide_echo (OkapConsole *console)
{
  struct termios silent;

  if (tcgetattr (console->fd, &console->kept) != 0)
    return;
  silent = console->kept;
  silent.c_lflag &= ~(tcflag_t) (ECHO | ECHONL);
  silent.c_lflag |= ICANON;
  console->hidden = tcsetattr (console->fd, TCSANOW, &silent) == 0;
}

/** okap_console_cancel: nobody waits for a line any more; the terminal shows what is typed */
void
okap_console_cancel (OkapConsole *console)
{
  console->func = NULL;
  clear_source (&console->reading);
  show_echo (console);
}

void
okap_console_free (OkapConsole *console)
{
  okap_console_cancel (console);
  clear_source (&console->writing);
  g_string_free (console->unsent, TRUE);
  close (console->fd);
  g_free (console);
}

static void
finish_line (OkapConsole *console, OkapSecret *line)
{
  OkapConsoleFunc func = console->func;
  gpointer user_data = console->user_data;

  okap_console_cancel (console);
  func (line, user_data);
}

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  OkapConsole *console = user_data;
  gssize n = read (fd, console->room, sizeof console->room);
  g_autoptr (OkapSecret) line = NULL;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      gsize length = (gsize) n;

      if (console->room[length - 1] == '\n')
        length--;
      line = okap_secret_new (console->room, length);
      okap_wipe (console->room, (gsize) n);
    }
  finish_line (console, line);
  return G_SOURCE_REMOVE;
}

static void
start_reading (OkapConsole *console)
{
  if (console->func == NULL || console->reading != NULL || console->unsent->len > 0)
    return;
  console->reading = g_unix_fd_source_new (console->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (console->reading, G_SOURCE_FUNC (readable_cb), console, NULL);
  g_source_attach (console->reading, NULL);
}

/* Returns whether everything is written. */
static gboolean
flush_unsent (OkapConsole *console)
{
  while (console->unsent->len > 0)
    {
      gssize n = write (console->fd, console->unsent->str, console->unsent->len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return FALSE;
      if (n < 0)
        n = (gssize) console->unsent->len;  /* nobody is there to read it; reading will tell */
      g_string_erase (console->unsent, 0, n);
    }
  return TRUE;
}

static gboolean
writable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  OkapConsole *console = user_data;

  if (!flush_unsent (console))
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&console->writing, g_source_unref);
  start_reading (console);
  return G_SOURCE_REMOVE;
}

/** okap_console_write: shows @text, which must be clean */
void
okap_console_write (OkapConsole *console, const char *text)
{
  g_string_append (console->unsent, text);
  if (console->writing != NULL || flush_unsent (console))
    return;
  console->writing = g_unix_fd_source_new (console->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR);
  g_source_set_callback (console->writing, G_SOURCE_FUNC (writable_cb), console, NULL);
  g_source_attach (console->writing, NULL);
}

/**
 * okap_console_ask:
 * @prompt: shown behind what was written; clean
 * @hidden: whether what is typed stays unseen
 * @func: called once, later, with the next line
 *
 * What was typed before is dropped and the echo is off before the prompt appears: from then on
 * every letter is an answer to it.
 *
 * Returns: %FALSE, and @func is not called, if this program runs in the background of its
 *   terminal: reading there would stop it
 */
gboolean
okap_console_ask (OkapConsole *console, const char *prompt, gboolean hidden, OkapConsoleFunc func,
                  gpointer user_data)
{
  g_return_val_if_fail (console->func == NULL, FALSE);

  if (tcgetpgrp (console->fd) != getpgrp ())
    return FALSE;
  tcflush (console->fd, TCIFLUSH);
  if (hidden)
    hide_echo (console);
  console->func = func;
  console->user_data = user_data;
  okap_console_write (console, prompt);
  start_reading (console);
  return TRUE;
}
