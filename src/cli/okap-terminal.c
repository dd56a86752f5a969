/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A secret, typed without being seen. Reads /dev/tty, so that standard input can be something
 * else. The terminal gets its echo back whatever ends the question, signals included. */
#include "config.h"

#include "okap-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "okap-error.h"

static volatile sig_atomic_t caught;

static void
catch_signal (int number)
{
  caught = number;
}

static void
write_text (int fd, const char *text)
{
  gsize length = strlen (text);

  while (length > 0)
    {
      gssize n = write (fd, text, length);

      if (n < 0 && errno != EINTR)
        return;
      text += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
}

/* Returns the length of the line, -1 if there was none. */
static gssize
read_line (int fd, char *room, gsize size)
{
  gsize length = 0;

  while (caught == 0)
    {
      char c;
      gssize n = read (fd, &c, 1);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return length > 0 ? (gssize) length : -1;
      if (c == '\n')
        return (gssize) length;
      if (length < size)
        room[length++] = c;
    }
  return -1;
}

static gssize
ask_hidden (int fd, const char *prompt, char *room, gsize size)
{
  const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP };
  struct sigaction action = { .sa_handler = catch_signal };
  struct sigaction kept_actions[G_N_ELEMENTS (numbers)];
  struct termios kept, hidden;
  gssize length;

  if (tcgetattr (fd, &kept) != 0)
    return -1;
  caught = 0;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &action, &kept_actions[i]);
  hidden = kept;
  hidden.c_lflag &= ~(tcflag_t) (ECHO | ECHONL);
  hidden.c_lflag |= ICANON;
  tcsetattr (fd, TCSAFLUSH, &hidden);
  write_text (fd, prompt);
  length = read_line (fd, room, size);
  write_text (fd, "\n");
  tcsetattr (fd, TCSAFLUSH, &kept);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &kept_actions[i], NULL);
  if (caught != 0)
    raise (caught);
  return length;
}

/**
 * okap_terminal_ask_secret:
 * @prompt: shown as it is
 * @most_bytes: the most that is accepted
 * @error: %OKAP_ERROR_NO_PROMPTER if there is no terminal
 */
OkapSecret *
okap_terminal_ask_secret (const char *prompt, gsize most_bytes, GError **error)
{
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  g_autofree char *room = g_malloc0 (most_bytes + 1);
  OkapSecret *secret = NULL;
  gssize length;

  if (fd < 0)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NO_PROMPTER,
                           "There is no terminal to ask on");
      return NULL;
    }
  length = ask_hidden (fd, prompt, room, most_bytes + 1);
  close (fd);
  if (length <= 0)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, "Nothing was typed");
  else if ((gsize) length > most_bytes)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE, "At most %zu bytes are accepted",
                 most_bytes);
  else
    secret = okap_secret_new (room, (gsize) length);
  okap_wipe (room, most_bytes + 1);
  return secret;
}
