/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a decision is remembered, and which remembered one answers a request again. Pure.
 *
 * A grant answers again only the very program that it was given to: one that was identified, asks
 * for itself, and would hold no more than it holds already. It shares the budget, so asking again
 * never gives more money. Two ways lead there: what is asked lies within the grant, or it is what
 * the grant was made of; then the person has narrowed it once and is not asked again.
 *
 * Never given again is a token that any program may use: who asks for one may ask for others, as
 * okap request does, and every program can start that. So a portable grant has one token, and one
 * question for each.
 *
 * The answer says when the grant ends. Where the request named an end, no later one is given; where
 * it named none, any will do, unless it is so near that the app would be back at once. */
#include "config.h"

#include "okap-remembered.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-clock.h"

#define RENEWING_US (365 * OKAP_DAY_US)
#define NEAR_END_US (60 * OKAP_MINUTE_US)

/* Whether the program is known so well that it can be told from others later. */
static gboolean
is_known (const OkapIdentity *identity)
{
  switch (identity->kind)
    {
    case OKAP_IDENTITY_SCRIPT:
    case OKAP_IDENTITY_USER_PROGRAM:
    case OKAP_IDENTITY_INSTALLED:
    case OKAP_IDENTITY_SANDBOXED:
    case OKAP_IDENTITY_WEBSITE:
      return TRUE;
    case OKAP_IDENTITY_UNKNOWN:
    case OKAP_IDENTITY_RUN:
    default:
      return FALSE;
    }
}

/* Whether it will be the same program after its process has ended. */
static gboolean
outlives_process (const OkapIdentity *identity)
{
  return is_known (identity)
         && (identity->kind != OKAP_IDENTITY_SCRIPT || identity->script != NULL);
}

static gboolean
all_renew (const GPtrArray *scopes)
{
  for (guint i = 0; i < scopes->len; i++)
    {
      const OkapLimits *limits = &((const OkapScope *) g_ptr_array_index (scopes, i))->limits;

      if (!okap_limits_has (limits, OKAP_LIMIT_DAILY_SPEND)
          && !okap_limits_has (limits, OKAP_LIMIT_MONTHLY_SPEND))
        return FALSE;
    }
  return TRUE;
}

/** okap_remembered_may_last: whether a decision about @ask may be remembered for @term */
gboolean
okap_remembered_may_last (const OkapAsk *ask, OkapGrantTerm term)
{
  const OkapIdentity *identity = ask->caller->identity;

  if (ask->caller->door == OKAP_DOOR_WINDOW)  /* the program that shall use it does not ask */
    return term == OKAP_TERM_UNTIL;
  switch (term)
    {
    case OKAP_TERM_UNTIL:
      return TRUE;
    case OKAP_TERM_RUN:
      return ask->caller->door == OKAP_DOOR_RUN
             || (is_known (identity) && identity->process.pid > 0);
    case OKAP_TERM_RENEWING:
      return ask->caller->door != OKAP_DOOR_RUN && ask->caller->door != OKAP_DOOR_LINK
             && ask->request->expires_defaulted && outlives_process (identity)
             && identity->kind != OKAP_IDENTITY_WEBSITE && all_renew (ask->request->scopes);
    default:
      return FALSE;
    }
}

/**
 * okap_remembered_get_end:
 * @decided_us: what the person chose; 0 for the latest
 *
 * Returns: when the grant ends, whatever else ends it before; 0 if it may not have this term
 */
gint64
okap_remembered_get_end (const OkapAsk *ask, OkapGrantTerm term, gint64 decided_us, gint64 now_us)
{
  const OkapIdentity *identity = ask->bind_to != NULL ? ask->bind_to : ask->caller->identity;
  gint64 end_us = term == OKAP_TERM_RENEWING ? now_us + RENEWING_US : ask->request->expires_us;

  if (!okap_remembered_may_last (ask, term))
    return 0;
  if (identity->kind == OKAP_IDENTITY_UNKNOWN)
    end_us = MIN (end_us, now_us + OKAP_CAP_UNKNOWN_GRANT_S * OKAP_SECOND_US);
  return decided_us > 0 ? MIN (decided_us, end_us) : end_us;
}

static void
add_text (GChecksum *checksum, const char *text)
{
  g_checksum_update (checksum, (const guchar *) text, (gssize) strlen (text) + 1);
}

static void
add_scope (GChecksum *checksum, const OkapScope *scope)
{
  g_autofree char *numbers = g_strdup_printf ("%u %u", (guint) scope->capabilities,
                                              scope->limits.set);

  add_text (checksum, scope->provider);
  add_text (checksum, numbers);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    {
      g_autofree char *value
        = g_strdup_printf ("%" G_GINT64_FORMAT,
                           okap_limits_has (&scope->limits, i) ? scope->limits.value[i] : 0);

      add_text (checksum, value);
    }
  for (char **model = scope->models; *model != NULL; model++)
    add_text (checksum, *model);
  add_text (checksum, "");
}

/** okap_remembered_dup_asked: (transfer full): equal for requests for the same */
char *
okap_remembered_dup_asked (const OkapAsk *ask)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const OkapRequest *request = ask->request;

  add_text (checksum, request->portable ? "portable" : "bound");
  for (guint i = 0; i < request->scopes->len; i++)
    add_scope (checksum, g_ptr_array_index (request->scopes, i));
  return g_strdup (g_checksum_get_string (checksum));
}

/* Programs that send what their command line says: whoever starts one speaks through it. What a
 * person allowed one of them is not given to the next, and each asks for itself. */
static gboolean
does_as_told (const OkapIdentity *identity)
{
  static const char *const clients[] = {
    "curl", "wget", "wget2", "http", "https", "httpie", "xh", "xhs", "curlie", "aria2c",
    "lwp-request", "GET", "POST", "busctl", "gdbus", "dbus-send", "qdbus", "okap", NULL,
  };
  const char *path = identity->script != NULL ? identity->script : identity->program;
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;

  return name != NULL && g_strv_contains (clients, name);
}

/* Whether the one who asked later may have what the person gives to the first. Programs that are
 * not known may be two; then it is enough that only one of them can redeem the code. */
static gboolean
is_same_program (const OkapAsk *open, const OkapAsk *later)
{
  const OkapIdentity *identity = later->caller->identity;

  if (is_known (identity) && !does_as_told (identity) && later->caller->door != OKAP_DOOR_LINK)
    return strcmp (okap_identity_get_key (open->caller->identity),
                   okap_identity_get_key (identity)) == 0;
  return open->redeemed && later->redeemed && open->caller->door == later->caller->door
         && open->request->code_challenge != NULL
         && g_strcmp0 (open->request->code_challenge, later->request->code_challenge) == 0
         && g_strcmp0 (open->request->state, later->request->state) == 0;
}

/** okap_remembered_is_same: whether one answer does for both, and one dialog shows both */
gboolean
okap_remembered_is_same (const OkapAsk *open, const OkapAsk *later)
{
  const OkapRequest *a = open->request;
  const OkapRequest *b = later->request;
  g_autofree char *asked = okap_remembered_dup_asked (open);
  g_autofree char *asked_later = okap_remembered_dup_asked (later);

  return is_same_program (open, later) && !a->portable && strcmp (asked, asked_later) == 0
         && a->expires_defaulted == b->expires_defaulted
         && (a->expires_defaulted || a->expires_us == b->expires_us)
         && g_strcmp0 (a->app_name, b->app_name) == 0 && g_strcmp0 (a->app_url, b->app_url) == 0
         && g_strcmp0 (a->reason, b->reason) == 0 && g_strcmp0 (a->callback, b->callback) == 0
         && g_strcmp0 (a->bind_program, b->bind_program) == 0
         && open->bind_to == NULL && later->bind_to == NULL
         && (is_known (later->caller->identity)  /* nobody compares digits then */
             || g_strcmp0 (open->match_code, later->match_code) == 0);
}

static gboolean
is_same_process (const OkapIdentity *a, const OkapIdentity *b)
{
  return a->process.pid > 0 && a->process.pid == b->process.pid
         && a->process.started == b->process.started;
}

/* Whether this grant is of the program that asks, in a way that can be given again. */
static gboolean
is_its_own (const OkapGrant *grant, const OkapAsk *ask)
{
  const OkapIdentity *identity = ask->caller->identity;

  if (ask->caller->door == OKAP_DOOR_RUN || ask->caller->door == OKAP_DOOR_LINK
      || ask->bind_to != NULL || ask->request->bind_program != NULL
      || !is_known (identity) || !is_known (grant->identity) || does_as_told (identity)
      || !okap_identity_covers (grant->identity, identity))
    return FALSE;
  return grant->term != OKAP_TERM_RUN || is_same_process (grant->identity, identity);
}

static gboolean
ends_well (const OkapGrant *grant, const OkapRequest *request, gint64 now_us)
{
  if (!request->expires_defaulted && grant->expires_us > request->expires_us)
    return FALSE;
  return grant->expires_us >= MIN (request->expires_us, now_us + NEAR_END_US);
}

static gboolean
holds_all (const OkapGrant *grant, const GPtrArray *scopes)
{
  for (guint i = 0; i < scopes->len; i++)
    {
      const OkapScope *asked = g_ptr_array_index (scopes, i);
      const OkapScope *held = okap_grant_get_scope (grant, asked->provider);

      if (held == NULL || !okap_scope_within (asked, held))
        return FALSE;
    }
  return TRUE;
}

/**
 * okap_remembered_covers:
 * @ask: with its request in canonical form
 *
 * Returns: whether @grant is answer enough, so that nobody has to be asked
 */
gboolean
okap_remembered_covers (const OkapGrant *grant, const OkapAsk *ask, gint64 now_us)
{
  g_autofree char *asked = NULL;

  if (grant->state != OKAP_GRANT_ACTIVE || !okap_grant_is_live (grant, now_us)
      || grant->portable
      || !is_its_own (grant, ask) || !ends_well (grant, ask->request, now_us))
    return FALSE;
  asked = okap_remembered_dup_asked (ask);
  return g_strcmp0 (grant->asked, asked) == 0
         || (!ask->request->portable && holds_all (grant, ask->request->scopes));
}
