/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

#include "okap-identity.h"
#include "okap-scope.h"

G_BEGIN_DECLS

#define OKAP_TYPE_GRANT (okap_grant_get_type ())

/* State by decision; that a grant has expired is computed from its time. */
typedef enum
{
  OKAP_GRANT_ACTIVE,
  OKAP_GRANT_PAUSED,
  OKAP_GRANT_REVOKED,
} OkapGrantState;

/* How long a decision is remembered. */
typedef enum
{
  OKAP_TERM_UNTIL,     /* until a date */
  OKAP_TERM_RUN,       /* while the process that asked runs, and no longer than until a date */
  OKAP_TERM_RENEWING,  /* for a year, with limits of money that begin anew */
} OkapGrantTerm;

/* What a person allowed. Constant once made; a change makes a new value with the next version.
 * Its JSON form is what the store keeps and the policy tag covers. */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;                /* (owned) */
  guint version;           /* 1 for the first, one more with each change */
  OkapGrantState state;
  char *app_name;          /* (owned) as the app calls itself, clean */
  char *app_url;           /* (owned) */
  char *reason;            /* (owned) */
  char *evidence;          /* (owned) who asked, as Okap saw it, in words */
  OkapIdentity *identity;  /* (owned) the program that it was given to */
  GPtrArray *others;       /* (owned) (element-type OkapIdentity) that the user allowed later */
  gboolean portable;       /* whoever has the token may use it */
  GPtrArray *scopes;       /* (owned) (element-type OkapScope) */
  gint64 created_us;
  gint64 expires_us;
  OkapGrantTerm term;
  char *zone;              /* (owned) the user's time zone: its days and months count */
  char *asked;             /* (owned) (nullable) what the request was, as a digest: the same one is
                              answered by this grant */
  GPtrArray *tokens;       /* (owned) (element-type GBytes) hashes of further ones, oldest first */
} OkapGrant;

GType       okap_grant_get_type     (void) G_GNUC_CONST;
OkapGrant  *okap_grant_new          (void) G_GNUC_WARN_UNUSED_RESULT;
OkapGrant  *okap_grant_copy_next    (const OkapGrant *grant) G_GNUC_WARN_UNUSED_RESULT;
OkapGrant  *okap_grant_ref          (OkapGrant *grant);
void        okap_grant_unref        (OkapGrant *grant);
OkapScope  *okap_grant_get_scope    (const OkapGrant *grant, const char *provider);
gboolean    okap_grant_is_live      (const OkapGrant *grant, gint64 now_us);
const char *okap_grant_state_get_name (OkapGrantState state);
GTimeZone  *okap_grant_load_zone    (const OkapGrant *grant) G_GNUC_WARN_UNUSED_RESULT;
const char *okap_grant_get_title    (const OkapGrant *grant);
JsonNode   *okap_grant_to_json      (const OkapGrant *grant) G_GNUC_WARN_UNUSED_RESULT;
OkapGrant  *okap_grant_from_json    (JsonNode *node, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean    okap_grant_admits       (const OkapGrant *grant, const OkapIdentity *seen);
const char *okap_grant_get_binding  (const OkapGrant *grant);
char       *okap_grant_dup_bound_name (const OkapGrant *grant);
char       *okap_grant_dup_bound_words (const OkapGrant *grant);
const char *okap_grant_term_get_name (OkapGrantTerm term);
gboolean    okap_grant_may_become   (const OkapGrant *grant, OkapGrantState state, gint64 now_us,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapGrant, okap_grant_unref)

G_END_DECLS
