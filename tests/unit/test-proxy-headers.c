/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-error.h"
#include "okap-headers.h"
#include "okap-http-token.h"

#include <string.h>

#define KEY "sk-real-key-0123456789"

static char *token;   /* (owned) ours */
static char *other;   /* (owned) ours, too */

static OkapHttpHead
parse (const char *text, GPtrArray *keep, GArray *headers)
{
  char **lines = g_strsplit (text, "\n", -1);

  g_array_set_size (headers, 0);
  g_ptr_array_add (keep, lines);
  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    {
      char *colon = strstr (*line, ": ");
      OkapHttpHeader header = { *line, colon + 2 };

      *colon = '\0';
      g_array_append_val (headers, header);
    }
  return (OkapHttpHead) { .method = "POST", .headers = (OkapHttpHeader *) (void *) headers->data,
                          .n_headers = headers->len };
}

/* @TOKEN@ and @OTHER@ are replaced. */
static char *
fill (const char *text)
{
  g_autoptr (GString) string = g_string_new (text);

  g_string_replace (string, "@TOKEN@", token, 0);
  g_string_replace (string, "@CORE@", token + 5, 0);
  g_string_replace (string, "@OTHER@", other, 0);
  return g_string_free (g_steal_pointer (&string), FALSE);
}

static const struct
{
  const char *headers;
  const char *query;
  const char *in_path;
  int code;   /* -1: the token is found */
} credentials[] = {
  { "Authorization: Bearer @TOKEN@", NULL, NULL, -1 },
  { "authorization: bearer   @TOKEN@", NULL, NULL, -1 },
  { "Authorization: Token @TOKEN@", NULL, NULL, -1 },
  { "Authorization: @TOKEN@", NULL, NULL, -1 },
  { "Authorization: Bearer sk-okap-@CORE@", NULL, NULL, -1 },
  { "x-api-key: sk-ant-okap-@CORE@", NULL, NULL, -1 },
  { "X-Api-Key: @TOKEN@", NULL, NULL, -1 },
  { "x-goog-api-key: @TOKEN@", NULL, NULL, -1 },
  { "api-key: @TOKEN@", NULL, NULL, -1 },
  { "x-portkey-api-key: @TOKEN@\nAuthorization: Bearer sk-second", NULL, NULL, -1 },
  { "Accept: */*", "alt=sse&key=@TOKEN@", NULL, -1 },
  { "Accept: */*", "access_token=@TOKEN@&alt=sse", NULL, -1 },
  { "Accept: */*", NULL, "@TOKEN@", -1 },
  { "Authorization: Bearer @TOKEN@\nx-api-key: @TOKEN@", "key=@TOKEN@", NULL, -1 },
  { "Authorization: Bearer sk-ant-oat01-login\nx-api-key: @TOKEN@", NULL, NULL, -1 },
  { "Authorization: Basic dXNlcjpwYXNz\nx-api-key: @TOKEN@", NULL, NULL, -1 },

  { "Authorization: Bearer @TOKEN@\nSec-Fetch-Site: none\nSec-Fetch-Mode: no-cors", NULL, NULL,
    -1 },
  { "Authorization: Bearer @TOKEN@\nSec-Fetch-Mode: cors", NULL, NULL, -1 },

  { "Authorization: Bearer @TOKEN@\nsec-fetch-site: same-origin", NULL, NULL,
    OKAP_ERROR_ORIGIN_REFUSED },
  { "Sec-Fetch-Site: none\nSec-Fetch-Mode: navigate", "key=@TOKEN@", NULL,
    OKAP_ERROR_ORIGIN_REFUSED },
  { "Sec-Fetch-Site: same-origin\nSec-Fetch-Mode: cors", NULL, "@TOKEN@",
    OKAP_ERROR_ORIGIN_REFUSED },
  { "Accept: */*", NULL, NULL, OKAP_ERROR_INVALID_TOKEN },
  { "Authorization: Bearer ", NULL, NULL, OKAP_ERROR_INVALID_TOKEN },
  { "Authorization: Basic @TOKEN@", NULL, NULL, OKAP_ERROR_INVALID_TOKEN },
  { "Authorization: Bearer sk-proj-abcdef", NULL, NULL, OKAP_ERROR_INVALID_TOKEN },
  { "Authorization: Bearer @TOKEN@x", NULL, NULL, OKAP_ERROR_INVALID_TOKEN },
  { "Accept: */*", "token=@TOKEN@", NULL, OKAP_ERROR_INVALID_TOKEN },
  { "Authorization: Bearer @TOKEN@\nx-api-key: @OTHER@", NULL, NULL, OKAP_ERROR_INVALID_REQUEST },
  { "Authorization: Bearer @TOKEN@", "key=@OTHER@", NULL, OKAP_ERROR_INVALID_REQUEST },
};

static void
test_credentials (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (credentials); i++)
    {
      g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
      g_autoptr (GArray) headers = g_array_new (FALSE, FALSE, sizeof (OkapHttpHeader));
      g_autofree char *text = fill (credentials[i].headers);
      g_autofree char *query = credentials[i].query != NULL ? fill (credentials[i].query) : NULL;
      g_autofree char *in_path = credentials[i].in_path != NULL ? fill (credentials[i].in_path)
                                                                : NULL;
      OkapHttpHead head = parse (text, keep, headers);
      char found[OKAP_TOKEN_LENGTH];
      g_autoptr (GError) error = NULL;

      g_test_message ("case %u", i);
      head.query = query;
      (void) okap_http_token_find (&head, in_path, in_path != NULL ? strlen (in_path) : 0, found,
                                   &error);
      g_assert_cmpint (error != NULL ? error->code : -1, ==, credentials[i].code);
      if (error == NULL)
        g_assert_cmpmem (found, sizeof found, token, OKAP_TOKEN_LENGTH);
      else
        g_assert_null (strstr (error->message, token + 5));
    }
}

/* @to: what curl is given, one line each; a line "Name:" keeps curl from adding that header. */
static const struct
{
  const char *provider;
  const char *from;
  const char *to;
} requests[] = {
  { "openai",
    "Host: 127.0.0.1:6527\nAuthorization: Bearer @TOKEN@\nContent-Type: application/json\n"
    "User-Agent: OpenAI/JS 5.1\nX-Stainless-Lang: js\nOpenAI-Organization: org-1\n"
    "Accept: application/json\nAccept-Encoding: gzip, br\nConnection: keep-alive, X-Hop\nX-Hop: 1\n"
    "Keep-Alive: 5\nTE: trailers\nTransfer-Encoding: chunked\nContent-Length: 5\n"
    "Expect: 100-continue\nCookie: a=b\nOrigin: http://x\nReferer: http://x\nSec-Fetch-Mode: cors\n"
    "Proxy-Authorization: x\nX-Forwarded-For: 1.2.3.4\nForwarded: for=1\nX-Real-IP: 1\n"
    "Via: x\nX-Api-Key: second\n"
    "HTTP-Referer: https://app\nX-Title: App\nX-Odd: before @TOKEN@ after\nX-Empty: \n"
    "Idempotency-Key: 7",
    "Accept-Encoding: identity\nContent-Type: application/json\nUser-Agent: OpenAI/JS 5.1\n"
    "X-Stainless-Lang: js\nOpenAI-Organization: org-1\nAccept: application/json\n"
    "HTTP-Referer: https://app\nX-Title: App\nX-Empty;\nIdempotency-Key: 7\nExpect:\n"
    "Authorization: Bearer " KEY "\n" },
  { "anthropic", "Authorization: Bearer @TOKEN@\nanthropic-version: 2026-10-21\n"
    "anthropic-beta: a,b",
    "Accept-Encoding: identity\nanthropic-version: 2026-10-21\nanthropic-beta: a,b\nAccept:\n"
    "Content-Type:\nExpect:\nUser-Agent:\nx-api-key: " KEY "\n" },
  { "google", "x-goog-api-key: @TOKEN@\nx-goog-api-client: genai",
    "Accept-Encoding: identity\nx-goog-api-client: genai\nAccept:\nContent-Type:\nExpect:\n"
    "User-Agent:\nx-goog-api-key: " KEY "\n" },
};

static void
test_requests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
      g_autoptr (GArray) headers = g_array_new (FALSE, FALSE, sizeof (OkapHttpHeader));
      g_autoptr (OkapProvider) provider = okap_provider_lookup (requests[i].provider);
      g_autoptr (OkapSecret) key = okap_secret_new_from_string (KEY);
      g_autoptr (OkapCredential) credential = okap_credential_new ("k_1", provider, "http://x",
                                                                   key);
      g_autofree char *text = fill (requests[i].from);
      g_autoptr (GString) to = g_string_new (NULL);
      OkapHttpHead head = parse (text, keep, headers);
      OkapHeaderList list;

      okap_headers_for_upstream (&head, token, credential, "/x", &list);
      for (struct curl_slist *line = list.list; line != NULL; line = line->next)
        g_string_append_printf (to, "%s\n", line->data);
      okap_header_list_clear (&list);
      g_assert_null (list.list);
      g_assert_cmpstr (to->str, ==, requests[i].to);
    }
}

/* A gateway gets both values of the key, each once, and none of what the app says about it. */
static void
test_second (void)
{
  static const struct
  {
    const char *provider, *path, *secret, *to;
  } cases[] = {
    { "helicone", "/v1/chat/completions", "sk-helicone-1\nsk-2",
      "Authorization: Bearer sk-2\nHelicone-Auth: Bearer sk-helicone-1\n" },
    { "cloudflare", "/anthropic/v1/messages", "cf-1\nsk-ant-2",
      "x-api-key: sk-ant-2\ncf-aig-authorization: Bearer cf-1\n" },
    { "portkey", "/chat/completions", "pk-1\npc-2",
      "x-portkey-config: pc-2\nx-portkey-api-key: pk-1\n" },
    { "openai", "/chat/completions", "sk-1\nproj_2",
      "OpenAI-Project: proj_2\nAuthorization: Bearer sk-1\n" },
    { "openai", "/chat/completions", "sk-1", "openai-project: of the app\n"
      "Authorization: Bearer sk-1\n" },
  };
  OkapHttpHeader headers[] = {
    { "authorization", "Bearer of the app" }, { "helicone-auth", "Bearer of the app" },
    { "cf-aig-authorization", "Bearer of the app" }, { "helicone-target-url", "https://evil" },
    { "x-portkey-custom-host", "https://evil" }, { "x-portkey-config", "{\"custom_host\":1}" },
    { "x-portkey-azure-resource-name", "evil" }, { "x-litellm-api-key", "of the app" },
    { "openai-project", "of the app" },
  };
  OkapHttpHead head = { .method = "POST", .headers = headers,
                        .n_headers = G_N_ELEMENTS (headers) };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapProvider) provider = okap_provider_lookup (cases[i].provider);
      g_autoptr (OkapSecret) secret = okap_secret_new_from_string (cases[i].secret);
      g_autoptr (OkapCredential) credential = okap_credential_new ("k_1", provider, "https://x",
                                                                   secret);
      g_autoptr (GString) to = g_string_new (NULL);
      OkapHeaderList list;

      okap_headers_for_upstream (&head, token, credential, cases[i].path, &list);
      for (struct curl_slist *line = list.list; line != NULL; line = line->next)
        if (!g_str_has_suffix (line->data, ":") && !g_str_has_prefix (line->data, "Accept-"))
          g_string_append_printf (to, "%s\n", line->data);
      okap_header_list_clear (&list);
      /* What the app may still say, where the key has no second value of this kind. */
      if (!g_str_has_prefix (cases[i].provider, "openai"))
        {
          g_assert_true (g_str_has_prefix (to->str, "openai-project: of the app\n"));
          g_string_erase (to, 0, (gssize) strlen ("openai-project: of the app\n"));
        }
      g_assert_cmpstr (to->str, ==, cases[i].to);
    }
}

static void
test_no_key (void)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("ollama");
  g_autoptr (OkapCredential) credential = okap_credential_new ("k_1", provider, "http://x", NULL);
  OkapHttpHead head = { .method = "GET" };
  OkapHeaderList list;

  okap_headers_for_upstream (&head, token, credential, "/x", &list);
  for (struct curl_slist *line = list.list; line != NULL; line = line->next)
    g_assert_false (g_str_has_prefix (line->data, "Authorization"));
  okap_header_list_clear (&list);
}

static void
test_query (void)
{
  static const char *const queries[][2] = {
    { "", NULL }, { "key=@TOKEN@", NULL }, { "alt=sse&key=@TOKEN@", "alt=sse" },
    { "key=@TOKEN@&alt=sse&beta=true", "alt=sse&beta=true" },
    { "KEY=x&access_token=y&api_key=z&api-key=q&a", "a" },
    { "a=1&&b=%2F%20", "a=1&b=%2F%20" }, { "monkey=1&keys=2", "monkey=1&keys=2" },
    { "x=@TOKEN@&y=1", "y=1" }, { "x=sk-okap-@CORE@", NULL },
  };

  g_assert_null (okap_headers_clean_query (NULL, token));
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autofree char *from = fill (queries[i][0]);
      g_autofree char *to = okap_headers_clean_query (from, token);

      g_assert_cmpstr (to, ==, queries[i][1]);
    }
}

static void
test_responses (void)
{
  static const char *const pass[] = {
    "Content-Type: text/event-stream", "x-request-id: 1", "Retry-After: 3", "Date: now",
    "openai-processing-ms: 5", "x-ratelimit-remaining-requests: 1", "Location: /x", "Server: x",
    "content-encoding: gzip", "x-goog-upload-url: http://x",
  };
  static const char *const stay[] = {
    "Connection: close", "Keep-Alive: 1", "Transfer-Encoding: chunked", "Content-Length: 1",
    "Set-Cookie: a=b", "set-cookie: __cf_bm=x", "alt-svc: h3", "Strict-Transport-Security: x",
    "Access-Control-Allow-Origin: *", "Proxy-Authenticate: x", "Trailer: x", "Upgrade: h2c",
    "X-Okap-Cost-Usd: 0", "no colon", ": x", " folded: x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (pass); i++)
    g_assert_true (okap_headers_pass_to_app (pass[i], strlen (pass[i])));
  for (guint i = 0; i < G_N_ELEMENTS (stay); i++)
    g_assert_false (okap_headers_pass_to_app (stay[i], strlen (stay[i])));
}

int
main (int argc, char *argv[])
{
  g_autoptr (OkapSecret) one = okap_token_mint ();
  g_autoptr (OkapSecret) two = okap_token_mint ();
  int status;

  token = g_strdup (okap_secret_get_text (one));
  other = g_strdup (okap_secret_get_text (two));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/credentials", test_credentials);
  g_test_add_func ("/proxy/headers/requests", test_requests);
  g_test_add_func ("/proxy/headers/second", test_second);
  g_test_add_func ("/proxy/headers/no-key", test_no_key);
  g_test_add_func ("/proxy/headers/query", test_query);
  g_test_add_func ("/proxy/headers/responses", test_responses);
  status = g_test_run ();
  g_free (token);
  g_free (other);
  return status;
}
