/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-capability.h"

G_BEGIN_DECLS

#define OKAP_TYPE_PROVIDER (okap_provider_get_type ())

/* Where a request names its model. */
typedef enum
{
  OKAP_MODEL_NONE,  /* the endpoint has none, such as a list of models */
  OKAP_MODEL_BODY,  /* member "model" of the JSON body */
  OKAP_MODEL_PATH,  /* {model} in the endpoint's pattern */
  OKAP_MODEL_FORM,  /* field "model" of a multipart body */
} OkapModelPlace;

/* Who counts what an endpoint uses: one per wire family, not per provider. */
typedef enum
{
  OKAP_METER_FREE,                /* costs nothing and is not counted: lists */
  OKAP_METER_NONE,                /* costs, but nobody counts it yet */
  OKAP_METER_OPENAI_CHAT,         /* usage.prompt_tokens …; chat, completions, embeddings */
  OKAP_METER_OPENAI_RESPONSES,    /* usage.input_tokens … */
  OKAP_METER_ANTHROPIC_MESSAGES,
  OKAP_METER_GOOGLE_GENERATE,
  OKAP_METER_OLLAMA,
  OKAP_METER_GOOGLE_INTERACTIONS,
  OKAP_METER_OPENAI_IMAGES,       /* usage.input_tokens …, or pictures by size and quality */
  OKAP_METER_OPENAI_SPEECH,       /* sound: characters of the request, or usage in its events */
  OKAP_METER_OPENAI_TRANSCRIPTION, /* usage of tokens or of seconds */
  OKAP_METER_OPENAI_BATCH,        /* a job, see okap-job.h */
  OKAP_METER_OPENAI_VIDEO,        /* a job */
  OKAP_METER_ANTHROPIC_BATCH,     /* a job */
  OKAP_METER_GOOGLE_OPERATION,    /* a job */
  OKAP_METER_REPLICATE,           /* a job: a prediction */
  OKAP_METER_MODERATION,          /* nothing is told; usually free */
  OKAP_METER_COHERE,              /* billed_units, v1 and v2 */
  OKAP_METER_RERANK,              /* usage or meta.billed_units.search_units */
  OKAP_METER_MISTRAL_OCR,         /* usage_info.pages_processed */
  OKAP_METER_SEARCH,              /* one search for each call */
} OkapMeterKind;

#define OKAP_N_METERS (OKAP_METER_SEARCH + 1)

/* How an error is written, since a few vendors' packages read no form but their own. */
typedef enum
{
  OKAP_ERROR_FORM_COMMON,    /* that of PROTOCOL section 3, which all others understand */
  OKAP_ERROR_FORM_NUMBERED,  /* the same, but "code" is the HTTP status, and "status"
                                Google's name for it */
  OKAP_ERROR_FORM_TEXT,      /* "error" is the message alone */
} OkapErrorForm;

typedef struct
{
  char *method;              /* (owned) */
  char *pattern;             /* (owned) path below the base URL; {model} and {id} match a segment,
                                or up to a colon that follows; {name} one without a colon;
                                {version} one of the row's versions; a last * matches the rest */
  OkapCapability capability; /* none: any grant for the provider may call it */
  OkapModelPlace model_place;
  OkapMeterKind meter;
} OkapEndpoint;

/* A variable that okap run sets, and what is appended to the grant's base URL in it. */
typedef struct
{
  char *name;    /* (owned) */
  char *suffix;  /* (owned) */
} OkapProviderVariable;

/* A row of data/providers, or a user's own OpenAI-compatible one. Constant. */
typedef struct _OkapProvider OkapProvider;

/* The result of finding a request's endpoint. */
typedef struct
{
  const OkapEndpoint *endpoint;  /* lent by the provider */
  char *path;                    /* (owned) below the base URL, with its leading slash, as sent */
  char *model;                   /* (owned) (nullable) as in the path, percent-decoded */
} OkapRoute;

GType               okap_provider_get_type        (void) G_GNUC_CONST;
OkapProvider       *okap_provider_ref             (OkapProvider *provider);
void                okap_provider_unref           (OkapProvider *provider);
OkapProvider       *okap_provider_lookup          (const char *id);
GPtrArray          *okap_provider_list            (void);
OkapProvider       *okap_provider_new_compatible  (const char *id, const char *base_url);
char               *okap_provider_normalise_base_url (const char *text);
gboolean            okap_provider_id_is_valid     (const char *id);

const char         *okap_provider_get_id          (const OkapProvider *provider);
const char         *okap_provider_get_name        (const OkapProvider *provider);
const char         *okap_provider_get_base_url    (const OkapProvider *provider);
gboolean            okap_provider_is_builtin      (const OkapProvider *provider);
gboolean            okap_provider_needs_key       (const OkapProvider *provider);
gboolean            okap_provider_get_auth        (const OkapProvider *provider, const char *key,
                                                   const char **out_header,
                                                   const char **out_prefix);
const char         *okap_provider_get_test_path   (const OkapProvider *provider);
OkapErrorForm       okap_provider_get_error_form  (const OkapProvider *provider,
                                                   const char *path);
const GPtrArray    *okap_provider_get_endpoints   (const OkapProvider *provider);
const GPtrArray    *okap_provider_get_key_variables  (const OkapProvider *provider);
const GPtrArray    *okap_provider_get_base_variables (const OkapProvider *provider);
gboolean            okap_provider_recognises_key  (const OkapProvider *provider, const char *key);
GPtrArray          *okap_provider_recognise_key   (const char *key);

gboolean            okap_provider_resolve         (const OkapProvider *provider, const char *method,
                                                   const char *path, OkapRoute *out_route,
                                                   GError **error);
void                okap_route_clear              (OkapRoute *route);
char               *okap_provider_canonical_model (const char *provider_id, const char *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapProvider, okap_provider_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapRoute, okap_route_clear)

G_END_DECLS
