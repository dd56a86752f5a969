/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What one provider of the grant is reached by. */
typedef struct
{
  const char *provider;
  const char *base_url;
} OkapRunEntry;

/* What came of it, for the line that okap run prints. */
typedef struct
{
  char **env;           /* (owned) the whole environment; holds the token */
  GPtrArray *set;       /* (owned) (element-type utf8) names that were set */
  GPtrArray *replaced;  /* (owned) (element-type utf8) names that had another value, or are gone */
  GPtrArray *skipped;   /* (owned) (element-type utf8) providers whose names another one has */
} OkapRunEnv;

void okap_run_env_init  (OkapRunEnv *result, char **env, const char *program,
                         const OkapRunEntry *entries, guint n_entries, const char *token,
                         const char *app_name);
void okap_run_env_clear (OkapRunEnv *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapRunEnv, okap_run_env_clear)

G_END_DECLS
