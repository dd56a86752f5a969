/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Form bodies on their way up: files of many megabytes with a small field "model" before or behind
 * them. The model decides whether the request may leave, so what we read must be what every
 * provider's parser reads. Where parsers differ (bare line feeds, two models, odd names,
 * encodings) the body is refused, never guessed at.
 *
 *   LINE ──boundary──▶ TAIL ──CRLF──▶ HEAD ──empty line──▶ LINE/DATA of the part
 *    ▲ │                 └──"--"──▶ EPILOGUE (the rest is not looked at)
 *    │ └─no match─▶ DATA
 *    └──line break─────┘
 */
#include "config.h"

#include "okap-multipart.h"

#include <string.h>

enum
{
  STEP_LINE,      /* at the start of a line, comparing with the boundary */
  STEP_DATA,      /* in a line that is not the boundary */
  STEP_TAIL,      /* behind a boundary */
  STEP_HEAD,      /* in the head of a part */
  STEP_EPILOGUE,
};

/**
 * okap_multipart_read_parameter:
 * @value: of a header
 * @out: (out): gets the parameter @name of it, empty if it is not there
 *
 * Returns: FALSE if it is there twice or is not plain
 */
gboolean
okap_multipart_read_parameter (const char *value, const char *name, char *out, gsize size)
{
  const char *p = strchr (value, ';');
  gboolean found = FALSE;

  out[0] = '\0';
  while (p != NULL)
    {
      const char *key = p + 1 + strspn (p + 1, " \t");
      gsize key_length = strcspn (key, "=; \t");
      const char *from = key + key_length;
      gboolean quoted;
      gsize length;

      if (*from != '=')
        return *key == '\0' && *from == '\0';  /* a last semicolon is harmless */
      from++;
      quoted = *from == '"';
      if (quoted)
        from++;
      length = strcspn (from, quoted ? "\"\\" : "; \t\"\\");
      if (quoted && from[length] == '\\')
        {
          /* An escaped file name is common, an escaped anything else is not read alike. */
          if (g_ascii_strncasecmp (key, name, strlen (name)) == 0)
            return FALSE;
          while (from[length] != '\0' && from[length] != '"')
            length += from[length] == '\\' && from[length + 1] != '\0' ? 2 : 1;
        }
      if (quoted && from[length] != '"')
        return FALSE;
      if (key_length >= strlen (name) && g_ascii_strncasecmp (key, name, strlen (name)) == 0)
        {
          /* "name*" is the same parameter in another encoding, which some parsers prefer. */
          if (found || key_length > strlen (name) || length == 0 || length >= size)
            return FALSE;
          memcpy (out, from, length);
          out[length] = '\0';
          found = TRUE;
        }
      p = from + length + (quoted ? 1 : 0);
      p += strspn (p, " \t");
      if (*p != ';' && *p != '\0')
        return FALSE;
      p = *p == ';' ? p : NULL;
    }
  return TRUE;
}

/**
 * okap_multipart_init:
 * @multipart: the caller's; needs no clean-up
 * @content_type: (nullable): the header of the request
 *
 * Returns: whether that is multipart/form-data with a boundary that is plain
 */
gboolean
okap_multipart_init (OkapMultipart *multipart, const char *content_type)
{
  static const char type[] = "multipart/form-data";
  char boundary[OKAP_MULTIPART_BOUNDARY_MOST + 1];

  if (content_type == NULL
      || g_ascii_strncasecmp (content_type, type, sizeof type - 1) != 0
      || !okap_multipart_read_parameter (content_type, "boundary", boundary, sizeof boundary)
      || boundary[0] == '\0')
    return FALSE;

  memset (multipart, 0, G_STRUCT_OFFSET (OkapMultipart, head));
  multipart->value_length = 0;
  multipart->in_file = FALSE;
  multipart->n_files = 0;
  multipart->names_url = FALSE;
  multipart->file_length = 0;
  multipart->boundary_length = (guint) g_snprintf (multipart->boundary,
                                                   sizeof multipart->boundary, "--%s", boundary);
  multipart->clean_break = TRUE;
  multipart->step = STEP_LINE;
  return TRUE;
}

static void
fail (OkapMultipart *multipart, const char *fault)
{
  multipart->state = OKAP_MULTIPART_INVALID;
  multipart->fault = fault;
}

/* Behind the boundary that ends the part "model": its value and CRLF and boundary were captured. */
static void
end_model (OkapMultipart *multipart)
{
  guint around = multipart->boundary_length + 2;
  guint length = multipart->value_length > around ? multipart->value_length - around : 0;

  multipart->in_model = FALSE;
  if (length > OKAP_CAP_MODEL_BYTES)
    {
      fail (multipart, "its field “model” is longer than any model's name");
      return;
    }
  memcpy (multipart->model, multipart->value, length);
  multipart->model[length] = '\0';
  if (length == 0 || strlen (multipart->model) != length
      || !g_utf8_validate_len (multipart->model, length, NULL))
    {
      fail (multipart, "its field “model” is no plain text");
      return;
    }
  multipart->found = TRUE;
  multipart->state = OKAP_MULTIPART_MODEL;
}

static void
match_boundary (OkapMultipart *multipart)
{
  if (!multipart->clean_break)
    {
      fail (multipart, "a boundary in it does not follow CRLF");
      return;
    }
  multipart->step = STEP_TAIL;
  multipart->tail_length = 0;
  if (multipart->in_model)
    end_model (multipart);
}

/* One byte behind a boundary. Padding is allowed there by RFC 2046, yet not by every parser. */
static void
feed_tail (OkapMultipart *multipart, char c)
{
  multipart->tail[multipart->tail_length++] = c;
  if (multipart->tail_length < 2)
    return;
  if (memcmp (multipart->tail, "--", 2) == 0)
    {
      multipart->step = STEP_EPILOGUE;
      if (multipart->state == OKAP_MULTIPART_READING)
        multipart->state = OKAP_MULTIPART_END;
    }
  else if (memcmp (multipart->tail, "\r\n", 2) == 0)
    {
      multipart->step = STEP_HEAD;
      multipart->head_length = 0;
    }
  else
    fail (multipart, "a boundary in it is not alone on its line");
}

/* One line of a part's head; @disposition receives the value of Content-Disposition. */
static gboolean
read_head_line (char *line, const char **disposition, gboolean *encoded)
{
  char *colon = strchr (line, ':');

  if (colon == NULL || *line == ' ' || *line == '\t')
    return FALSE;
  *colon = '\0';
  if (g_ascii_strcasecmp (line, "content-disposition") == 0)
    {
      if (*disposition != NULL)
        return FALSE;
      *disposition = colon + 1;
    }
  else if (g_ascii_strcasecmp (line, "content-transfer-encoding") == 0)
    *encoded = TRUE;
  return TRUE;
}

static void
end_head (OkapMultipart *multipart)
{
  char *line = multipart->head;
  const char *disposition = NULL;
  gboolean encoded = FALSE;
  char name[64];

  multipart->head[multipart->head_length - 2] = '\0';
  if (strlen (multipart->head) != multipart->head_length - 2)
    {
      fail (multipart, "the head of a part in it has a NUL");
      return;
    }
  while (*line != '\0')
    {
      char *end = strstr (line, "\r\n");

      *end = '\0';
      if (strpbrk (line, "\r\n") != NULL || !read_head_line (line, &disposition, &encoded))
        {
          fail (multipart, "the head of a part in it is not valid");
          return;
        }
      line = end + 2;
    }
  if (disposition == NULL || !okap_multipart_read_parameter (disposition, "name", name, sizeof name)
      || name[0] == '\0')
    {
      fail (multipart, "a part in it has no plain name");
      return;
    }

  multipart->in_model = strcmp (name, "model") == 0;
  multipart->value_length = 0;
  multipart->in_file = g_ascii_strcasecmp (name, "file") == 0;
  multipart->n_files += multipart->in_file;
  multipart->names_url |= g_ascii_strcasecmp (name, "url") == 0;
  if (g_ascii_strcasecmp (name, "model") == 0
      && (!multipart->in_model || multipart->found || encoded))
    fail (multipart, multipart->found ? "it has two fields “model”"
                                      : "its field “model” is not written plainly");
  multipart->step = STEP_LINE;
  multipart->matched = 0;
  multipart->clean_break = TRUE;
  multipart->last = '\0';
}

static void
feed_head (OkapMultipart *multipart, char c)
{
  char *head = multipart->head;

  if (multipart->head_length >= OKAP_MULTIPART_HEAD_MOST)
    {
      fail (multipart, "the head of a part in it is too long");
      return;
    }
  head[multipart->head_length++] = c;
  if (c != '\n')
    return;
  if (multipart->head_length < 2 || head[multipart->head_length - 2] != '\r')
    fail (multipart, "a line in the head of a part does not end with CRLF");
  else if (multipart->head_length == 2
           || (multipart->head_length >= 4
               && memcmp (head + multipart->head_length - 4, "\r\n\r\n", 4) == 0))
    end_head (multipart);
}

static gboolean
keeps_file (const OkapMultipart *multipart)
{
  return multipart->in_file && multipart->n_files == 1
         && multipart->file_length < sizeof multipart->file;
}

/* One byte of a part's data, or before the first part. */
static void
feed_data (OkapMultipart *multipart, char c)
{
  if (multipart->in_model)
    {
      if (multipart->value_length < sizeof multipart->value)
        multipart->value[multipart->value_length] = c;
      multipart->value_length++;
    }
  if (keeps_file (multipart))
    multipart->file[multipart->file_length++] = c;
  if (c == '\r' || c == '\n')
    {
      multipart->clean_break = c == '\n' && multipart->last == '\r';
      multipart->step = STEP_LINE;
      multipart->matched = 0;
    }
  else if (multipart->step == STEP_LINE)
    {
      if (c != multipart->boundary[multipart->matched])
        multipart->step = STEP_DATA;
      else if (++multipart->matched == multipart->boundary_length)
        match_boundary (multipart);
    }
  multipart->last = c;
}

/* Where the running line of data ends; all before is of no interest. */
static const char *
skip_line (const char *p, const char *end)
{
  while (p < end && *p != '\r' && *p != '\n')
    p++;
  return p;
}

/**
 * okap_multipart_feed:
 * @data: the next bytes of the body, cut anywhere
 *
 * Returns: what is known now. After %OKAP_MULTIPART_MODEL the rest is still read, for a second
 *   field of that name makes the body invalid.
 */
OkapMultipartState
okap_multipart_feed (OkapMultipart *multipart, const char *data, gsize length)
{
  const char *p = data;
  const char *end = data + length;

  while (p < end && multipart->state != OKAP_MULTIPART_INVALID)
    switch (multipart->step)
      {
      case STEP_EPILOGUE:
        return multipart->state;
      case STEP_TAIL:
        feed_tail (multipart, *p++);
        break;
      case STEP_HEAD:
        feed_head (multipart, *p++);
        break;
      case STEP_DATA:
        if (!multipart->in_model && !keeps_file (multipart))
          {
            const char *stop = skip_line (p, end);

            if (stop > p)
              multipart->last = stop[-1];
            p = stop;
            if (p == end)
              break;
          }
        feed_data (multipart, *p++);
        break;
      default:
        feed_data (multipart, *p++);
        break;
      }
  return multipart->state;
}

/** okap_multipart_get_fault: what is wrong, to stand behind "The form is not readable: " */
const char *
okap_multipart_get_fault (const OkapMultipart *multipart)
{
  return multipart->fault;
}

/**
 * okap_multipart_measure_sound:
 * @body_bytes: how long the whole body is
 *
 * Returns: how long the sound is that it holds, in milliseconds, rounded up; -1 if that cannot be
 *   told from what has passed of it
 */
gint64
okap_multipart_measure_sound (const OkapMultipart *multipart, gint64 body_bytes)
{
  if (multipart->n_files != 1)
    return -1;
  return okap_meter_measure_sound (multipart->file, multipart->file_length, body_bytes);
}
