/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether an answer is the end of what was asked for. Batches, predictions, films and responses in
 * the background are answered at once with an object that names them and says how they stand; a
 * stream says the same in its first event, one level deeper. Where those members stand, a row of
 * the provider table tells (OkapJobRule).
 *
 * What names the work becomes part of a path at the provider, so it is held to a plain alphabet:
 * an answer must not lead a poll, with the user's key, to where it wants. */
#include "config.h"

#include "okap-job-reader.h"

#include <string.h>

#define IN_EVENT "response."  /* where streams carry the object */

static void
set_paths (guint64 paths[2], const char *name)
{
  g_autofree char *in_event = g_strconcat (IN_EVENT, name, NULL);

  paths[0] = okap_json_tap_hash (name);
  paths[1] = okap_json_tap_hash (in_event);
}

/** okap_job_reader_init: @rule: outlives the reader */
void
okap_job_reader_init (OkapJobReader *reader, const OkapJobRule *rule, OkapFraming framing)
{
  memset (reader, 0, sizeof *reader);
  reader->rule = rule;
  reader->framing = framing;
  okap_json_tap_init (&reader->tap);
  okap_sse_init (&reader->sse);
  set_paths (reader->ids, rule->id);
  set_paths (reader->states, rule->state);
  set_paths (reader->backgrounds, "background");
  if (rule->results_id != NULL)
    set_paths (reader->results_ids, rule->results_id);
}

static gboolean
is_plain (const char *id, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (id[i]) && strchr ("-_.:/", id[i]) == NULL)
      return FALSE;
  return length > 0 && id[0] != '/' && id[0] != '.' && id[length - 1] != '/'
         && g_strstr_len (id, (gssize) length, "..") == NULL
         && g_strstr_len (id, (gssize) length, "//") == NULL;
}

/** okap_job_id_is_plain: whether @id may become part of a path */
gboolean
okap_job_id_is_plain (const char *id)
{
  return is_plain (id, strlen (id));
}

static gboolean
is_one_of (const guint64 paths[2], guint64 path)
{
  return path == paths[0] || path == paths[1];
}

static void
keep (char *room, gsize most, const char *text, gsize length)
{
  if (length > most)
    return;
  memcpy (room, text, length);
  room[length] = '\0';
}

static void
scalar_cb (guint64 path, OkapJsonToken token, const char *text, gsize length, gpointer user_data)
{
  OkapJobReader *reader = user_data;

  if (is_one_of (reader->backgrounds, path))
    reader->in_background |= token == OKAP_JSON_TRUE;
  if (token == OKAP_JSON_TRUE && is_one_of (reader->states, path))
    keep (reader->state, OKAP_JOB_STATE_BYTES, "true", 4);
  if (token != OKAP_JSON_STRING || text == NULL)
    return;
  if (is_one_of (reader->ids, path) && reader->id[0] == '\0' && is_plain (text, length))
    keep (reader->id, OKAP_JOB_ID_BYTES, text, length);
  else if (is_one_of (reader->states, path))
    keep (reader->state, OKAP_JOB_STATE_BYTES, text, length);
  else if (reader->rule->results_id != NULL && is_one_of (reader->results_ids, path)
           && is_plain (text, length))
    keep (reader->results, OKAP_JOB_ID_BYTES, text, length);
}

static void
sse_data_cb (const char *data, gsize length, gpointer user_data)
{
  OkapJobReader *reader = user_data;

  okap_json_tap_feed (&reader->tap, data, length, scalar_cb, reader);
}

static void
sse_end_cb (gpointer user_data)
{
  okap_json_tap_reset (&((OkapJobReader *) user_data)->tap);
}

/** okap_job_reader_feed: listens to the next bytes of the answer, cut anywhere */
void
okap_job_reader_feed (OkapJobReader *reader, const char *data, gsize length)
{
  static const OkapSseHandler handler = { sse_data_cb, sse_end_cb };

  if (reader->framing == OKAP_FRAMING_SSE)
    okap_sse_feed (&reader->sse, data, length, &handler, reader);
  else if (reader->framing != OKAP_FRAMING_OPAQUE)
    okap_json_tap_feed (&reader->tap, data, length, scalar_cb, reader);
}

/** okap_job_reader_is_final: whether the work is known to be over, well or not */
gboolean
okap_job_reader_is_final (const OkapJobReader *reader)
{
  return g_strv_contains ((const char *const *) reader->rule->final, reader->state);
}

/** okap_job_reader_is_open: whether there is work that can be asked about and is not over */
gboolean
okap_job_reader_is_open (const OkapJobReader *reader)
{
  return reader->id[0] != '\0' && !okap_job_reader_is_final (reader);
}

/**
 * okap_job_fill_pattern:
 * @pattern: of a rule, with {id} and {version}
 * @id: as the reader found it
 * @path: of the request that began the work; its first segment is the version
 *
 * Returns: (transfer full): the path of a poll
 */
char *
okap_job_fill_pattern (const char *pattern, const char *id, const char *path)
{
  g_autoptr (GString) filled = g_string_new (pattern);
  gsize length = strcspn (path[0] == '/' ? path + 1 : path, "/:");
  g_autofree char *version = g_strndup (path[0] == '/' ? path + 1 : path, length);

  g_string_replace (filled, "{version}", version, 1);
  g_string_replace (filled, "{id}", id, 1);
  return g_string_free (g_steal_pointer (&filled), FALSE);
}
