/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "okap-provider.h"

G_BEGIN_DECLS

/* How a key, or its second value, is sent. The first that fits holds. */
typedef struct
{
  char *header;      /* (owned) */
  char *prefix;      /* (owned) what stands before the key in the header */
  char *key_prefix;  /* (owned) (nullable) for keys that begin so; NULL: any */
  char *path;        /* (owned) (nullable) for paths that begin so; NULL: any */
  gboolean with_second;  /* only for a key that has a second value */
} OkapProviderAuth;

/* One form that a provider's keys have. */
typedef struct
{
  GRegex *regex;     /* (owned) */
  gsize fixed;       /* how many characters it begins with literally: the more, the more certain */
  gboolean shared;   /* other providers' keys may look the same */
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
  GPtrArray *standing;         /* (owned) (element-type OkapStandingRule) in the answer to it */
  gboolean builtin;
  gboolean needs_key;
  gboolean reports_cost;
  GPtrArray *auth;             /* (owned) (element-type OkapProviderAuth) */
  char *second_what;           /* (owned) (nullable) what a key's second value is, in words */
  GPtrArray *second_auth;      /* (owned) (element-type OkapProviderAuth) */
  OkapPathRules path;
  GPtrArray *errors;           /* (owned) (element-type OkapErrorRule) */
  GPtrArray *jobs;             /* (owned) (element-type OkapJobRule) */
  GPtrArray *endpoints;        /* (owned) (element-type OkapEndpoint) they lend from jobs */
  gboolean stream_usage_asked; /* a stream of chat completions tells its usage only when asked */
  char *max_output;            /* (owned) (nullable) the name of that member in chat completions */
  char **model_headers;        /* (owned) where a model stands in one of them */
  char **model_members;        /* (owned) that name a model where "model" does not */
  char **addresses;            /* (owned) members of answers with addresses of the API */
  GPtrArray *key_patterns;     /* (owned) (element-type OkapKeyPattern) */
  GPtrArray *admin_key_patterns; /* (owned) (element-type OkapKeyPattern) */
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

/* The parts of a row, for the files that read it. */
gboolean okap_row_fail         (GError **error, const char *member, const char *expected);
JsonObject *okap_row_get_object (JsonNode *node, const char *what, const char *const *members,
                                GError **error);
JsonArray *okap_row_get_array  (JsonObject *object, const char *member, JsonArray *empty,
                                GError **error);
gboolean okap_row_read_string  (JsonObject *object, const char *member, gboolean required,
                                char **out_text, GError **error);
char   **okap_row_dup_strings  (JsonNode *node, const char *what, GError **error);
gboolean okap_row_find_name    (const char *const *names, const char *name, guint *out_index);
void     okap_standing_rule_free (OkapStandingRule *rule);
gboolean okap_row_read_standing (OkapProvider *provider, JsonArray *array, GError **error);
gboolean okap_row_read_endpoints (OkapProvider *provider, JsonObject *row, GError **error);
OkapProvider *okap_provider_from_json   (const char *text, gsize length, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
