/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Some answers name the address of a next request: where the results of a batch are, where a
 * prediction is asked for, the next page. An SDK asks there with the token of Okap in its header:
 * at the provider that is a leak and fails. So the begin of such an address, in the members that
 * the provider's row names and in no others, becomes the address that the app was given. All other
 * bytes pass as they are.
 *
 * Held back are only the bytes that may still be the begin of such an address. It is no judge of
 * JSON: text that is none, or too deep, passes unchanged. Used by the proxy's thread. */
#include "config.h"

#include "okap-address-filter.h"

#include <string.h>

#include "okap-caps.h"

#define NAME_BYTES_MOST 64

struct _OkapAddressFilter
{
  char **members;              /* (owned) paths such as "urls.get"; arrays are left out */
  char *from[2];               /* (owned) (nullable) each ends with a slash */
  char *to;                    /* (owned) ends with a slash */

  guint depth;                 /* objects and arrays that are open */
  gboolean objects[OKAP_CAP_BODY_DEPTH + 1];   /* whether each is an object */
  gsize bases[OKAP_CAP_BODY_DEPTH + 1];        /* how much of the path leads to each */
  GString *path;               /* (owned) of the running member */
  gsize name_at;               /* where its name begins in the path */
  gboolean expects_name;
  gboolean in_string, in_name, escaped;
  gboolean silent;             /* the rest passes */

  guint candidates;            /* bit i: the running string may begin with from[i] */
  gsize matched;               /* how much of them it has */
  GString *held;               /* (owned) those bytes as they came */
};

/**
 * okap_address_filter_new:
 * @members: those whose values are changed
 * @from: an address of the provider, without a slash at its end
 * @or_from: (nullable): another one, likewise
 * @to: what they become, likewise
 */
OkapAddressFilter *
okap_address_filter_new (const char *const *members, const char *from, const char *or_from,
                         const char *to)
{
  OkapAddressFilter *filter = g_new0 (OkapAddressFilter, 1);

  filter->members = g_strdupv ((char **) members);
  filter->from[0] = g_strconcat (from, "/", NULL);
  if (or_from != NULL && *or_from != '\0' && !g_str_equal (from, or_from))
    filter->from[1] = g_strconcat (or_from, "/", NULL);
  filter->to = g_strconcat (to, "/", NULL);
  filter->path = g_string_new (NULL);
  filter->held = g_string_new (NULL);
  return filter;
}

void
okap_address_filter_free (OkapAddressFilter *filter)
{
  g_strfreev (filter->members);
  g_free (filter->from[0]);
  g_free (filter->from[1]);
  g_free (filter->to);
  g_string_free (filter->path, TRUE);
  g_string_free (filter->held, TRUE);
  g_free (filter);
}

static void
stop_matching (OkapAddressFilter *filter, GString *out)
{
  g_string_append_len (out, filter->held->str, (gssize) filter->held->len);
  g_string_truncate (filter->held, 0);
  filter->candidates = 0;
}

static void
begin_string (OkapAddressFilter *filter)
{
  filter->in_string = TRUE;
  filter->escaped = FALSE;
  filter->in_name = filter->expects_name;
  if (filter->in_name)
    {
      g_string_truncate (filter->path, filter->bases[filter->depth]);
      if (filter->path->len > 0)
        g_string_append_c (filter->path, '.');
      filter->name_at = filter->path->len;
      filter->expects_name = FALSE;
      return;
    }
  if (!g_strv_contains ((const char *const *) filter->members, filter->path->str))
    return;
  filter->candidates = filter->from[1] != NULL ? 3 : 1;
  filter->matched = 0;
}

static void
open_level (OkapAddressFilter *filter, gboolean is_object)
{
  if (filter->depth == OKAP_CAP_BODY_DEPTH)
    {
      filter->silent = TRUE;
      return;
    }
  filter->depth++;
  filter->objects[filter->depth] = is_object;
  filter->bases[filter->depth] = filter->path->len;
  filter->expects_name = is_object;
}

static void
take_outside (OkapAddressFilter *filter, char c)
{
  switch (c)
    {
    case '"':
      begin_string (filter);
      break;
    case '{':
    case '[':
      open_level (filter, c == '{');
      break;
    case '}':
    case ']':
      filter->silent = filter->depth == 0;
      if (filter->silent)
        return;
      g_string_truncate (filter->path, filter->bases[filter->depth]);
      filter->depth--;
      filter->expects_name = FALSE;
      break;
    case ',':
      filter->expects_name = filter->objects[filter->depth];
      break;
    default:
      break;
    }
}

/* One more byte of a string that was an address so far. */
static void
match (OkapAddressFilter *filter, char c, gboolean was_escaped, GString *out)
{
  g_string_append_c (filter->held, c);
  if (filter->escaped)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (filter->from); i++)
    if ((filter->candidates >> i & 1) && filter->from[i][filter->matched] != c)
      filter->candidates &= ~(1u << i);
  /* The only escape that an address may have. */
  if (filter->candidates == 0 || (was_escaped && c != '/'))
    {
      stop_matching (filter, out);
      return;
    }
  filter->matched++;
  for (guint i = 0; i < G_N_ELEMENTS (filter->from); i++)
    if ((filter->candidates >> i & 1) && filter->from[i][filter->matched] == '\0')
      {
        g_string_append (out, filter->to);
        g_string_truncate (filter->held, 0);
        filter->candidates = 0;
        return;
      }
}

static void
take_inside (OkapAddressFilter *filter, char c, GString *out)
{
  gboolean was_escaped = filter->escaped;

  filter->escaped = c == '\\' && !was_escaped;
  if (c == '"' && !was_escaped)
    {
      if (filter->candidates != 0)
        stop_matching (filter, out);
      filter->in_string = FALSE;
      g_string_append_c (out, c);
      return;
    }
  if (filter->candidates != 0)
    {
      match (filter, c, was_escaped, out);
      return;
    }
  if (filter->in_name && filter->path->len - filter->name_at < NAME_BYTES_MOST)
    g_string_append_c (filter->path, c);
  g_string_append_c (out, c);
}

/** okap_address_filter_feed: @out: gets what can pass now */
void
okap_address_filter_feed (OkapAddressFilter *filter, const char *data, gsize length, GString *out)
{
  for (gsize i = 0; i < length; i++)
    if (filter->silent)
      {
        g_string_append_len (out, data + i, (gssize) (length - i));
        return;
      }
    else if (filter->in_string)
      take_inside (filter, data[i], out);
    else
      {
        take_outside (filter, data[i]);
        g_string_append_c (out, data[i]);
      }
}

/** okap_address_filter_finish: the answer is over: what is held passes */
void
okap_address_filter_finish (OkapAddressFilter *filter, GString *out)
{
  stop_matching (filter, out);
}
