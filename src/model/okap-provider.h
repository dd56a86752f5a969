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
  OKAP_MODEL_FORM,  /* field "model" of a multipart body; of a JSON body as OKAP_MODEL_BODY */
  OKAP_MODEL_HEADER, /* see okap_provider_get_model_headers() */
  OKAP_MODEL_DEPLOYMENT, /* {model} in the pattern is the user's own name for one */
  OKAP_MODEL_VERSION, /* member "version", as owner/name:hash; a bare hash says nothing */
  OKAP_MODEL_LINES, /* a multipart upload; as a batch's input each of its lines names one */
  OKAP_MODEL_FILE,  /* member "input_file_id": in an upload of before */
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
  OKAP_METER_AI_SDK,              /* Vercel's own protocol: usage.inputTokens … */
} OkapMeterKind;

#define OKAP_N_METERS (OKAP_METER_AI_SDK + 1)

/* How an error is written, since a few vendors' packages read no form but their own. */
typedef enum
{
  OKAP_ERROR_FORM_COMMON,    /* that of PROTOCOL section 3, which all others understand */
  OKAP_ERROR_FORM_NUMBERED,  /* the same, but "code" is the HTTP status, and "status"
                                Google's name for it */
  OKAP_ERROR_FORM_TEXT,      /* "error" is the message alone */
} OkapErrorForm;

/* What becomes of an answer that is not final: the work goes on at the provider, and its cost is
 * known when it ends. An answer whose state is among the final ones needs none of this. */
typedef struct
{
  char *name;                /* (owned) */
  char *id;                  /* (owned) member of the answer that names the work, as "job.id" */
  char *poll;                /* (owned) pattern of the GET that asks for its state: {id} is replaced
                                by the name, {version} by that of the path it was asked at */
  char *state;               /* (owned) member of that answer, and of the first, with the state */
  char **final;              /* (owned) states that change no more; "true" for a boolean */
  char *results_id;          /* (owned) (nullable) member of the last answer that names the results;
                                then these are asked for only if that answer does not tell the
                                whole use */
  char *results;             /* (owned) (nullable) pattern of a GET with one line of JSON for each
                                request, usage included: {id} is the work's name, or the results';
                                NULL: the usage is in the polled answer */
} OkapJobRule;

typedef struct
{
  char *method;              /* (owned) */
  char *pattern;             /* (owned) path below the base URL; {model} and {id} match a segment,
                                or up to a colon that follows; {name} one without a colon;
                                {version} one of the row's versions; {model:N} N segments;
                                {+model:N} the same and the segment before is part of the name;
                                a last * matches the rest */
  OkapCapability capability; /* none: any grant for the provider may call it */
  OkapModelPlace model_place;
  OkapMeterKind meter;
  gboolean retired;          /* the provider has announced its end, or ended it */
  const OkapJobRule *job;    /* (nullable) lent by the provider */
} OkapEndpoint;

/* What a grant with a cap on money means for an endpoint. */
typedef enum
{
  OKAP_MONEY_FREE,     /* costs nothing: passes */
  OKAP_MONEY_LEASED,   /* its worst case is set aside, its cost is taken at its end */
  OKAP_MONEY_JOB,      /* likewise, but the end comes after the answer */
  OKAP_MONEY_REFUSED,  /* it costs, and nobody could say what */
} OkapMoneyRule;

/* What a provider tells, with the key alone, of what that may still use. */
typedef enum
{
  OKAP_STANDING_BALANCE,   /* money of the account */
  OKAP_STANDING_LEFT,      /* money of the key's own limit at the provider */
  OKAP_STANDING_REQUESTS,  /* how many */
} OkapStandingKind;

typedef enum
{
  OKAP_STANDING_AT_ALL,
  OKAP_STANDING_DAY,       /* in a day */
  OKAP_STANDING_MINUTE,
} OkapStandingWindow;

/* Where it stands in the answer to a test of the key. */
typedef struct
{
  OkapStandingKind kind;
  char *place;             /* (owned) "a.b", a * is each element of a list; or "header:NAME" */
  char *currency;          /* (owned) (nullable) of money: three capitals, or a place, where a * is
                              the same element */
  OkapStandingWindow window;
} OkapStandingRule;

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
gboolean            okap_provider_reports_cost    (const OkapProvider *provider);
gboolean            okap_provider_get_auth        (const OkapProvider *provider, const char *path,
                                                   const char *key, gboolean has_second,
                                                   const char **out_header,
                                                   const char **out_prefix);
gboolean            okap_provider_get_second_auth (const OkapProvider *provider, const char *path,
                                                   const char *second, const char **out_header,
                                                   const char **out_prefix);
const char         *okap_provider_get_second_what (const OkapProvider *provider);
const char         *okap_provider_get_test_path   (const OkapProvider *provider);
const GPtrArray    *okap_provider_get_standing    (const OkapProvider *provider);
const char *const  *okap_provider_get_addresses   (const OkapProvider *provider);
OkapErrorForm       okap_provider_get_error_form  (const OkapProvider *provider,
                                                   const char *path);
gboolean            okap_provider_asks_stream_usage (const OkapProvider *provider,
                                                   const OkapEndpoint *endpoint);
const char         *okap_provider_get_max_output  (const OkapProvider *provider,
                                                   const OkapEndpoint *endpoint);
const char *const  *okap_provider_get_model_headers (const OkapProvider *provider);
const char *const  *okap_provider_get_model_members (const OkapProvider *provider);
const GPtrArray    *okap_provider_get_endpoints   (const OkapProvider *provider);
const GPtrArray    *okap_provider_get_key_variables  (const OkapProvider *provider);
const GPtrArray    *okap_provider_get_base_variables (const OkapProvider *provider);
gboolean            okap_provider_recognises_key  (const OkapProvider *provider, const char *key);
gboolean            okap_provider_recognises_admin_key (const OkapProvider *provider,
                                                   const char *key);
GPtrArray          *okap_provider_recognise_key   (const char *key, gboolean *out_certain);
gboolean            okap_provider_has_base_url    (const char *id, const char *base_url);

gboolean            okap_provider_resolve         (const OkapProvider *provider, const char *method,
                                                   const char *path, OkapRoute *out_route,
                                                   GError **error);
void                okap_route_clear              (OkapRoute *route);

const char         *okap_meter_kind_get_name      (OkapMeterKind kind);
const char         *okap_model_place_get_name     (OkapModelPlace place);
gboolean            okap_model_place_is_outside   (OkapModelPlace place);
OkapMoneyRule       okap_endpoint_get_money_rule  (const OkapEndpoint *endpoint);
char               *okap_provider_dup_poll_path   (const OkapProvider *provider,
                                                   const char *pattern, const char *asked_path,
                                                   const char *id);
char               *okap_provider_canonical_model (const char *provider_id, const char *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapProvider, okap_provider_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapRoute, okap_route_clear)

G_END_DECLS
