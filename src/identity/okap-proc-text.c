/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts of /proc: pure functions, any thread. A process chooses its name, its command line and
 * the names of its control groups as it likes, so nothing in them is taken for a delimiter that the
 * kernel does not guarantee. What does not look as proc(5) says is refused, never guessed. */
#include "config.h"

#include "okap-proc.h"

#include <string.h>

/* Fields of /proc/PID/stat by their numbers in proc(5); the first two are before the table. */
enum
{
  STAT_STATE = 3,
  STAT_PARENT = 4,
  STAT_STARTED = 22,
  STAT_CODE = 26,
  STAT_STACK = 28,
  STAT_HEAP = 47,
  STAT_ARGUMENTS = 48,
  STAT_ENVIRONMENT = 50,
  STAT_LAST = STAT_ENVIRONMENT,
};

/* The decimal number at *@at, which moves behind it. */
static gboolean
take_number (const char **at, const char *end, guint64 *out)
{
  const char *start = *at;
  guint64 n = 0;

  while (*at < end && g_ascii_isdigit (**at))
    {
      guint digit = (guint) (*(*at)++ - '0');

      if (n > (G_MAXUINT64 - digit) / 10)
        return FALSE;
      n = n * 10 + digit;
    }
  *out = n;
  return *at > start;
}

static void
keep_field (OkapProcStat *stat, guint field, guint64 value)
{
  switch (field)
    {
    case STAT_PARENT:
      stat->parent = (pid_t) MIN (value, G_MAXINT);
      break;
    case STAT_STARTED:
      stat->started = value;
      break;
    case STAT_CODE:
      stat->image[0] = value;
      break;
    case STAT_STACK:
      stat->image[1] = value;
      break;
    case STAT_HEAP:
      stat->image[2] = value;
      break;
    case STAT_ARGUMENTS:
      stat->image[3] = value;
      break;
    case STAT_ENVIRONMENT:
      stat->image[4] = value;
      break;
    default:
      break;
    }
}

/**
 * okap_proc_parse_stat:
 * @text: /proc/PID/stat, not terminated
 *
 * The name stands in parentheses and may hold parentheses itself; behind the last one there are
 * only numbers.
 */
gboolean
okap_proc_parse_stat (const char *text, gsize length, OkapProcStat *out)
{
  const char *end = text + length;
  const char *open = memchr (text, '(', length);
  const char *close = memrchr (text, ')', length);
  const char *at;

  *out = (OkapProcStat) { 0 };
  if (open == NULL || close == NULL || close < open || end - close < 4 || close[1] != ' ')
    return FALSE;
  memcpy (out->name, open + 1, MIN ((gsize) (close - open - 1), sizeof out->name - 1));
  out->state = close[2];
  at = close + 3;
  for (guint field = STAT_STATE + 1; field <= STAT_LAST; field++)
    {
      guint64 value;

      if (at >= end || *at++ != ' ')
        return FALSE;
      if (at < end && *at == '-')
        at++;
      if (!take_number (&at, end, &value))
        return FALSE;
      keep_field (out, field, value);
    }
  return TRUE;
}

/**
 * okap_proc_parse_command:
 * @bytes: /proc/PID/cmdline, as far as it was read
 *
 * Returns: (transfer full): the arguments, at most %OKAP_PROC_ARGUMENTS; perhaps none
 */
char **
okap_proc_parse_command (const char *bytes, gsize length)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  const char *end = bytes + length;

  for (const char *at = bytes; at < end && arguments->len < OKAP_PROC_ARGUMENTS;)
    {
      const char *zero = memchr (at, '\0', (gsize) (end - at));
      gsize n = (gsize) ((zero != NULL ? zero : end) - at);

      g_ptr_array_add (arguments, g_strndup (at, n));
      at += n + 1;
    }
  g_ptr_array_add (arguments, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&arguments), FALSE);
}

/* (transfer full) (nullable): the innermost unit in the path of a control group. */
static char *
find_unit (const char *path, gsize length)
{
  const char *end = path + length;

  while (end > path)
    {
      const char *slash = memrchr (path, '/', (gsize) (end - path));
      const char *name = slash != NULL ? slash + 1 : path;
      g_autofree char *unit = g_strndup (name, (gsize) (end - name));

      if (g_str_has_suffix (unit, ".scope") || g_str_has_suffix (unit, ".service"))
        return g_strdup (unit[0] == '_' ? unit + 1 : unit);
      if (slash == NULL)
        return NULL;
      end = slash;
    }
  return NULL;
}

/**
 * okap_proc_parse_unit:
 * @text: /proc/PID/cgroup
 *
 * Returns: (transfer full) (nullable): the systemd unit: of the unified hierarchy, else of
 *   systemd's own
 */
char *
okap_proc_parse_unit (const char *text, gsize length)
{
  static const char *const hierarchies[] = { "0::", ":name=systemd:" };
  const char *end = text + length;

  for (gsize i = 0; i < G_N_ELEMENTS (hierarchies); i++)
    for (const char *line = text; line < end;)
      {
        const char *stop = memchr (line, '\n', (gsize) (end - line));
        gsize n = (gsize) ((stop != NULL ? stop : end) - line);
        gsize tag = strlen (hierarchies[i]);
        gsize skip = 0;

        while (i > 0 && skip < n && g_ascii_isdigit (line[skip]))
          skip++;
        if (n > skip + tag && memcmp (line + skip, hierarchies[i], tag) == 0)
          {
            char *unit = find_unit (line + skip + tag, n - skip - tag);

            if (unit != NULL)
              return unit;
          }
        line += n + 1;
      }
  return NULL;
}

/* What stands behind @tag at the beginning of a line. */
static const char *
find_line (const char *text, gsize length, const char *tag)
{
  gsize n = strlen (tag);
  const char *end = text + length;

  for (const char *line = text; line != NULL && (gsize) (end - line) >= n;)
    {
      if (memcmp (line, tag, n) == 0)
        return line + n;
      line = memchr (line, '\n', (gsize) (end - line));
      if (line != NULL)
        line++;
    }
  return NULL;
}

/**
 * okap_proc_parse_ids:
 * @text: /proc/PID/status
 * @out_uids: real, effective, saved, of the file system
 */
gboolean
okap_proc_parse_ids (const char *text, gsize length, uid_t out_uids[4])
{
  const char *end = text + length;
  const char *at = find_line (text, length, "Uid:");

  if (at == NULL)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      guint64 n;

      if (at >= end || *at++ != '\t' || !take_number (&at, end, &n) || n > G_MAXUINT32)
        return FALSE;
      out_uids[i] = (uid_t) n;
    }
  return TRUE;
}

/** okap_proc_parse_fdinfo: the process of a pidfd from its /proc/self/fdinfo; 0 if it is gone */
pid_t
okap_proc_parse_fdinfo (const char *text, gsize length)
{
  const char *end = text + length;
  const char *at = find_line (text, length, "Pid:\t");
  guint64 n;

  if (at == NULL || !take_number (&at, end, &n) || n > G_MAXINT)
    return 0;
  return (pid_t) n;
}
