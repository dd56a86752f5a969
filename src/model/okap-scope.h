/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-capability.h"
#include "okap-limits.h"
#include "okap-price.h"

G_BEGIN_DECLS

#define OKAP_TYPE_SCOPE (okap_scope_get_type ())

/* How the user wants money of a scope to be handled. */
typedef enum
{
  OKAP_SCOPE_KEEP_OUTPUT = 1 << 0,       /* never lower a request's output; refuse it */
  OKAP_SCOPE_FINISH_AND_COUNT = 1 << 1,  /* an app that hangs up does not end what runs upstream */
} OkapScopeOptions;

/* So much more than each limit of money that has a window, until the day is over. */
typedef struct
{
  gint64 nusd;                   /* 0: nothing */
  gint64 until_us;               /* the end of the day that it was allowed in */
} OkapExtra;

/* One entry of authorization_details: one provider and what may be done there.
 * Shared by reference and constant once it is part of a request or a grant. */
typedef struct
{
  gatomicrefcount ref_count;
  char *provider;                /* (owned) */
  char **models;                 /* (owned) canonical; empty means all; a trailing * is a prefix */
  OkapCapability capabilities;
  OkapLimits limits;
  OkapScopeOptions options;      /* set by the user, never by a request */
  OkapPriceCeiling ceiling;      /* likewise */
  OkapExtra extra;               /* likewise */
  char *key_id;                  /* (owned) (nullable) which of the user's keys; set by consent */
} OkapScope;

GType      okap_scope_get_type      (void) G_GNUC_CONST;
OkapScope *okap_scope_new           (const char *provider) G_GNUC_WARN_UNUSED_RESULT;
OkapScope *okap_scope_copy          (const OkapScope *scope) G_GNUC_WARN_UNUSED_RESULT;
OkapScope *okap_scope_ref           (OkapScope *scope);
void       okap_scope_unref         (OkapScope *scope);
gboolean   okap_scope_allows_model  (const OkapScope *scope, const char *canonical_model);
gboolean   okap_scope_has_money     (const OkapScope *scope);
gboolean   okap_scope_lacks_price   (const OkapScope *scope, gint64 at_us);
gboolean   okap_scope_within        (const OkapScope *scope, const OkapScope *bounds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapScope, okap_scope_unref)

G_END_DECLS
