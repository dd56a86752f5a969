/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a provider's answer says of the key: a table, read from its top; the first row that fits
 * decides, and below all of them the status alone. Pure, any thread, no allocation.
 *
 * A row looks at the short words that providers put into "code", "type", "status" or "reason"
 * (WORD), at the beginning of a message (BEGINS), or anywhere in it (HAS). A message may repeat
 * what the app has sent, so that HAS stands only where the status itself speaks of the key. */
#include "config.h"

#include "okap-key-health.h"

#include <curl/curl.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-json.h"

typedef enum
{
  WORD,
  BEGINS,
  HAS,
} Kind;

typedef struct
{
  const char *provider;  /* (nullable) id; NULL for any */
  guint status;          /* 0 for any from 400 on */
  Kind kind;
  const char *text;      /* without regard to case */
  OkapKeyClass class;
} Row;

static const Row rows[] = {
  /* Out of credit, whatever the status: OpenAI's is 429, Perplexity's 401, Anthropic's 400. */
  { NULL, 0, WORD, "insufficient_quota", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "billing_hard_limit_reached", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "billing_not_active", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "billing_error", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "billing_disabled", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "insufficient_funds", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "insufficient_credits", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "payment_required", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "budget_exceeded", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "spend_limit_exceeded", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "spend_limit_reached", OKAP_KEY_OUT_OF_CREDIT },
  { NULL, 0, WORD, "customer_verification_required", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 0, WORD, "contract_spend_limit_reached", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 0, WORD, "workspace_spend_limit_reached", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 0, WORD, "organization_spend_limit_reached", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 400, BEGINS, "Your credit balance is too low", OKAP_KEY_OUT_OF_CREDIT },
  { "anthropic", 400, BEGINS, "You have reached your specified", OKAP_KEY_OUT_OF_CREDIT },
  { "google", 429, HAS, "credits are depleted", OKAP_KEY_OUT_OF_CREDIT },
  { "perplexity", 401, HAS, "exceeded your current quota", OKAP_KEY_OUT_OF_CREDIT },
  { "perplexity", 401, HAS, "credit", OKAP_KEY_OUT_OF_CREDIT },
  { "fireworks", 412, HAS, "is suspended", OKAP_KEY_OUT_OF_CREDIT },
  { "openrouter", 403, HAS, "limit exceeded", OKAP_KEY_OUT_OF_CREDIT },
  { "kilo", 403, HAS, "limit exceeded", OKAP_KEY_OUT_OF_CREDIT },
  { "xai", 403, HAS, "credits", OKAP_KEY_OUT_OF_CREDIT },
  { "xai", 403, HAS, "spending limit", OKAP_KEY_OUT_OF_CREDIT },
  { "xai", 429, HAS, "used all available credits", OKAP_KEY_OUT_OF_CREDIT },

  /* One request too many at a time, answered like an empty account. */
  { "openrouter", 402, WORD, "in_flight", OKAP_KEY_RATE_LIMITED },
  { "openrouter", 402, WORD, "in_flight_budget", OKAP_KEY_RATE_LIMITED },

  /* Not from here, not for this. */
  { NULL, 0, WORD, "unsupported_country_region_territory", OKAP_KEY_FORBIDDEN },
  { NULL, 0, WORD, "ip_not_authorized", OKAP_KEY_FORBIDDEN },
  { NULL, 401, HAS, "insufficient permissions", OKAP_KEY_FORBIDDEN },
  { NULL, 401, HAS, "missing scopes", OKAP_KEY_FORBIDDEN },
  { "google", 400, BEGINS, "User location is not supported", OKAP_KEY_FORBIDDEN },
  { "google", 0, WORD, "api_key_service_blocked", OKAP_KEY_FORBIDDEN },
  { "google", 0, WORD, "api_key_ip_address_blocked", OKAP_KEY_FORBIDDEN },
  { "google", 0, WORD, "api_key_http_referrer_blocked", OKAP_KEY_FORBIDDEN },
  { "litellm", 401, WORD, "key_model_access_denied", OKAP_KEY_FORBIDDEN },

  /* Refused for what the app sent along, not for the key. */
  { NULL, 401, WORD, "mismatched_organization", OKAP_KEY_UNTRIED },
  { NULL, 401, WORD, "invalid_organization", OKAP_KEY_UNTRIED },
  { NULL, 401, WORD, "mismatched_project", OKAP_KEY_UNTRIED },
  { NULL, 401, WORD, "invalid_project", OKAP_KEY_UNTRIED },
  { "openrouter", 403, HAS, "flagged", OKAP_KEY_UNTRIED },
  { NULL, 403, WORD, "content_filter", OKAP_KEY_UNTRIED },

  /* A bad key where the status does not say so. */
  { NULL, 0, WORD, "invalid_api_key", OKAP_KEY_BAD },
  { NULL, 0, WORD, "api_key_invalid", OKAP_KEY_BAD },
  { NULL, 0, WORD, "account_deactivated", OKAP_KEY_BAD },
  { NULL, 0, WORD, "organization_restricted", OKAP_KEY_BAD },
  { NULL, 0, WORD, "expired_key", OKAP_KEY_BAD },
  { NULL, 0, WORD, "token_not_found_in_db", OKAP_KEY_BAD },
  { NULL, 0, WORD, "consumer_suspended", OKAP_KEY_BAD },
  { "google", 400, BEGINS, "API key not valid", OKAP_KEY_BAD },
  { "google", 400, BEGINS, "API key expired", OKAP_KEY_BAD },
  { "google", 403, HAS, "reported as leaked", OKAP_KEY_BAD },
  { "xai", 400, BEGINS, "Incorrect API key", OKAP_KEY_BAD },
  { "xai", 403, HAS, "api key is disabled", OKAP_KEY_BAD },
  { "xai", 403, HAS, "api key is blocked", OKAP_KEY_BAD },
  { "anthropic", 400, BEGINS, "This organization has been disabled", OKAP_KEY_BAD },
  { "anthropic", 403, HAS, "organization has been disabled", OKAP_KEY_BAD },

  /* Models. */
  { NULL, 0, WORD, "model_not_found", OKAP_KEY_MODEL_MISSING },
  { NULL, 0, WORD, "deploymentnotfound", OKAP_KEY_MODEL_MISSING },
  { "xai", 404, HAS, "model", OKAP_KEY_MODEL_MISSING },
  { "mistral", 400, WORD, "invalid_model", OKAP_KEY_MODEL_MISSING },
  { NULL, 404, HAS, "model", OKAP_KEY_MODEL_MISSING },

  /* Limits with a status of their own. */
  { NULL, 0, WORD, "rate_limit_exceeded", OKAP_KEY_RATE_LIMITED },
  { NULL, 0, WORD, "rate_limit_error", OKAP_KEY_RATE_LIMITED },
  { NULL, 0, WORD, "overloaded_error", OKAP_KEY_PROVIDER_ERROR },
};

/* Where words and messages stand, at any depth. */
static gboolean
is_place_of (Kind kind, const OkapJsonScanner *name)
{
  static const char *const words[] = { "code", "type", "status", "reason", "error_code",
                                       "limit_source" };
  static const char *const messages[] = { "message", "error", "detail", "title", "msg" };
  const char *const *places = kind == WORD ? words : messages;
  guint n = kind == WORD ? G_N_ELEMENTS (words) : G_N_ELEMENTS (messages);

  for (guint i = 0; i < n; i++)
    if (name->length == strlen (places[i])
        && memcmp (name->text, places[i], name->length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has (const char *text, gsize length, const char *part)
{
  gsize n = strlen (part);

  for (gsize i = 0; i + n <= length; i++)
    if (g_ascii_strncasecmp (text + i, part, n) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
fits (const Row *row, const char *text, gsize length)
{
  gsize n = strlen (row->text);

  switch (row->kind)
    {
    case WORD:
      return length == n && g_ascii_strncasecmp (text, row->text, n) == 0;
    case BEGINS:
      return length >= n && g_ascii_strncasecmp (text, row->text, n) == 0;
    case HAS:
    default:
      return has (text, length, row->text);
    }
}

/* The first row above @best that the text fits. @name: (nullable): where it stands; NULL for a
 * body that is not JSON. */
static guint
find_row (const char *provider_id, guint status, const OkapJsonScanner *name, const char *text,
          gsize length, guint best)
{
  for (guint i = 0; i < best; i++)
    {
      const Row *row = &rows[i];

      if ((row->status == 0 || row->status == status)
          && (row->provider == NULL || strcmp (row->provider, provider_id) == 0)
          && (name != NULL ? is_place_of (row->kind, name) : row->kind != WORD)
          && fits (row, text, length))
        return i;
    }
  return best;
}

/* Reads as far as the body is whole: of a long one only the beginning is here. */
static guint
find_in_body (const char *provider_id, guint status, const char *body, gsize length)
{
  guint best = G_N_ELEMENTS (rows);
  OkapJsonScanner scanner;
  OkapJsonScanner name = { 0 };
  OkapJsonToken token;
  gboolean any = FALSE;

  okap_json_scanner_init (&scanner, body, length, OKAP_CAP_BODY_DEPTH);
  while ((token = okap_json_scanner_next (&scanner)) != OKAP_JSON_INVALID && token != OKAP_JSON_END)
    {
      any = TRUE;
      if (token == OKAP_JSON_NAME)
        name = scanner;
      else if (token == OKAP_JSON_STRING && name.text != NULL)
        best = find_row (provider_id, status, &name, scanner.text, scanner.length, best);
    }
  return any ? best : find_row (provider_id, status, NULL, body, length, best);
}

static OkapKeyClass
judge_status (guint status)
{
  switch (status)
    {
    case 401:
      return OKAP_KEY_BAD;
    case 402:
      return OKAP_KEY_OUT_OF_CREDIT;
    case 403:
    case 451:
      return OKAP_KEY_FORBIDDEN;
    case 429:
      return OKAP_KEY_RATE_LIMITED;
    case 408:
      return OKAP_KEY_PROVIDER_ERROR;
    default:
      if (status >= 200 && status < 300)
        return OKAP_KEY_GOOD;
      return status >= 500 ? OKAP_KEY_PROVIDER_ERROR : OKAP_KEY_UNTRIED;
    }
}

/**
 * okap_key_health_classify:
 * @provider_id: such as "openai"; one that is not in the table is judged by the common rows
 * @status: of the answer
 * @body: (nullable): its beginning
 *
 * Returns: what the answer says of the key; %OKAP_KEY_UNTRIED if nothing
 */
OkapKeyClass
okap_key_health_classify (const char *provider_id, guint status, const char *body, gsize length)
{
  guint found = G_N_ELEMENTS (rows);

  if (status >= 400 && length > 0)
    found = find_in_body (provider_id, status, body, MIN (length, OKAP_KEY_EVIDENCE_BYTES));
  return found < G_N_ELEMENTS (rows) ? rows[found].class : judge_status (status);
}

/**
 * okap_key_health_find_header:
 * @headers: (nullable): lines of an answer's head
 *
 * Returns: (transfer none) (nullable): the value, up to the end of its line and of what follows
 */
const char *
okap_key_health_find_header (const char *headers, const char *name)
{
  gsize length = strlen (name);

  while (headers != NULL && *headers != '\0')
    {
      if (g_ascii_strncasecmp (headers, name, length) == 0 && headers[length] == ':')
        return headers + length + 1 + strspn (headers + length + 1, " \t");
      headers = strstr (headers, "\r\n");
      headers = headers != NULL ? headers + 2 : NULL;
    }
  return NULL;
}

/* Returns: -1 if @line does not begin with a date and nothing else up to its end */
static time_t
read_date (const char *line)
{
  char date[32];
  gsize length = strcspn (line, "\r\n");

  if (length >= sizeof date)
    return -1;
  memcpy (date, line, length);
  date[length] = '\0';
  return curl_getdate (date, NULL);
}

static gint64
add_wait (gint64 now_us, gdouble wait_s)
{
  return now_us + (gint64) (CLAMP (wait_s, 0, OKAP_CAP_KEY_COOLDOWN_S) * OKAP_SECOND_US);
}

/**
 * okap_key_health_retry_delay:
 * @body: of an error; Google says in its "retryDelay" what others say in a header
 *
 * Returns: as okap_key_health_retry_after()
 */
gint64
okap_key_health_retry_delay (const char *body, gsize length, gint64 now_us)
{
  OkapJsonScanner scanner;
  OkapJsonToken token;
  gboolean here = FALSE;

  okap_json_scanner_init (&scanner, body, length, OKAP_CAP_BODY_DEPTH);
  while ((token = okap_json_scanner_next (&scanner)) != OKAP_JSON_INVALID && token != OKAP_JSON_END)
    {
      if (here && token == OKAP_JSON_STRING && scanner.length > 1
          && scanner.text[scanner.length - 1] == 's' && g_ascii_isdigit (scanner.text[0]))
        return add_wait (now_us, g_ascii_strtod (scanner.text, NULL));
      here = token == OKAP_JSON_NAME && scanner.length == strlen ("retryDelay")
             && memcmp (scanner.text, "retryDelay", scanner.length) == 0;
    }
  return 0;
}

/**
 * okap_key_health_retry_after:
 * @headers: (nullable): lines of an answer's head
 *
 * Returns: when its rate limit is over, at most an hour from @now_us; 0 if it does not say
 */
gint64
okap_key_health_retry_after (const char *headers, gint64 now_us)
{
  const char *ms = okap_key_health_find_header (headers, "retry-after-ms");
  const char *after = okap_key_health_find_header (headers, "retry-after");
  gdouble wait_s;
  time_t date;

  if (ms != NULL && g_ascii_isdigit (*ms))
    wait_s = g_ascii_strtod (ms, NULL) / 1000;
  else if (after != NULL && g_ascii_isdigit (*after))
    wait_s = g_ascii_strtod (after, NULL);
  else if (after != NULL && (date = read_date (after)) > 0)
    wait_s = (gdouble) date - (gdouble) now_us / OKAP_SECOND_US;
  else
    return 0;
  return add_wait (now_us, wait_s);
}
