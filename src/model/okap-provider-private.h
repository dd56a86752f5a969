/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-provider.h"

G_BEGIN_DECLS

/* How a key is sent. The first row whose key_prefix begins the key holds. */
typedef struct
{
  char *header;      /* (owned) */
  char *prefix;      /* (owned) what stands before the key in the header */
  char *key_prefix;  /* (owned) (nullable) NULL: any key */
} OkapProviderAuth;

/* One form that a provider's keys have. */
typedef struct
{
  GRegex *regex;     /* (owned) */
  gsize fixed;       /* how many characters it begins with literally: the more, the more certain */
} OkapKeyPattern;

/* How the path that an app sends becomes the provider's. See okap-provider-path.c. */
typedef struct
{
  char **drop;       /* (owned) leading prefixes that are removed, the longest first */
  char **versions;   /* (owned) first segments that name a version; of several the last counts */
  char **keep;       /* (owned) first segments that need no version before them */
  char *add;         /* (owned) (nullable) the version that is put before all others */
} OkapPathRules;

/* The form of errors below a path. */
typedef struct
{
  char *prefix;      /* (owned) of the path as the app sent it */
  OkapErrorForm form;
} OkapErrorRule;

struct _OkapProvider
{
  gatomicrefcount ref_count;
  char *id;                    /* (owned) */
  char *name;                  /* (owned) */
  char *base_url;              /* (owned) */
  char *test_path;             /* (owned) (nullable) */
  gboolean builtin;
  gboolean needs_key;
  GPtrArray *auth;             /* (owned) (element-type OkapProviderAuth) */
  OkapPathRules path;
  GPtrArray *endpoints;        /* (owned) (element-type OkapEndpoint) */
  GPtrArray *errors;           /* (owned) (element-type OkapErrorRule) */
  GPtrArray *key_patterns;     /* (owned) (element-type OkapKeyPattern) */
  GPtrArray *key_variables;    /* (owned) (element-type utf8) */
  GPtrArray *base_variables;   /* (owned) (element-type OkapProviderVariable) */
  char **model_prefixes;       /* (owned) not part of a model's name, each removed once */
  char **model_suffixes;       /* (owned) */
  gboolean model_fold_case;
};

/* All rows of data/providers. Constant once loaded. */
typedef struct
{
  GHashTable *by_id;           /* id -> OkapProvider, without the template */
  GPtrArray *in_order;         /* (element-type OkapProvider) by name, the demo last */
  OkapProvider *compatible;    /* the template of a user's own providers */
} OkapProviderTable;

const OkapProviderTable *okap_provider_table_get (void);
GBytes       *okap_model_data_load      (const char *path);
OkapProvider *okap_provider_from_json   (const char *text, gsize length, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
