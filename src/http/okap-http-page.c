/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of web pages: PROTOCOL section 5, point 6, behind the guard, which lets only origins
 * through that have a grant. Server thread.
 *
 * An origin is worth what the program is worth that names it, so the program has to be a browser
 * that is known; then the caller of the exchange is the website. A page may fetch its token, use
 * it, look at its grant and give it back; it asks by a link, which shows a question.
 *
 * Answers name the one origin that asked (never "*", no credentials), and only what the page was
 * let in for carries that: who is refused here or by the guard learns nothing but the refusal. */
#include "config.h"

#include <string.h>

#include "okap-browser.h"
#include "okap-error.h"
#include "okap-http-private.h"

#define PREFLIGHT_S 60           /* that a browser may remember it */
#define WANTED_HEADERS_BYTES 1024

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };

static gboolean
is_for_pages (const char *path)
{
  static const char *const paths[] = { "/okap/redeem", "/okap/grant", "/okap/revoke" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (strcmp (path, paths[i]) == 0)
      return TRUE;
  return strncmp (path, "/v1/", 4) == 0;
}

static OkapCaller *
make_page (const OkapCaller *browser, const char *origin)
{
  g_autoptr (OkapIdentity) identity = okap_identity_new (OKAP_IDENTITY_WEBSITE);

  identity->origin = g_strdup (origin);
  identity->program = g_strdup (browser->identity->program);
  identity->engine = g_strdup (browser->identity->engine);
  identity->app_id = g_strdup (browser->identity->app_id);
  identity->process = browser->identity->process;
  okap_identity_seal (identity);
  return okap_caller_new (browser->door, browser->uid, browser->pid, identity);
}

static gboolean
refuse (OkapHttpExchange *exchange, const char *words)
{
  const OkapHttpFault fault = {
    .status = 403, .code = OKAP_ERROR_ORIGIN_REFUSED, .words = words,
  };

  okap_http_exchange_refuse_fault (exchange, &fault);
  return FALSE;
}

static const char *
find_method (const char *wanted)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (strcmp (methods[i], wanted) == 0)
      return methods[i];
  return NULL;
}

/* A list of names of headers, fit to be repeated. */
static gboolean
is_list_of_names (const char *text)
{
  gsize length = strlen (text);

  return length <= WANTED_HEADERS_BYTES
         && strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_., ")
              == length;
}

/* Asked by the browser before it sends what a form could not send. */
static gboolean
answer_preflight (OkapHttpExchange *exchange, const OkapHttpHead *head, const char *wanted)
{
  const char *method = find_method (wanted);
  const char *names = okap_http_head_get (head, "access-control-request-headers");
  const char *network = okap_http_head_get (head, "access-control-request-private-network");
  g_autoptr (GString) lines = g_string_new (NULL);

  if (method == NULL || (names != NULL && !is_list_of_names (names)))
    return refuse (exchange, "This page may not send such a request");
  g_string_append_printf (lines, "Access-Control-Allow-Methods: %s\r\n"
                          "Access-Control-Max-Age: %d\r\n", method, PREFLIGHT_S);
  if (names != NULL && *names != '\0')
    g_string_append_printf (lines, "Access-Control-Allow-Headers: %s\r\n", names);
  if (network != NULL && strcmp (network, "true") == 0)
    g_string_append (lines, "Access-Control-Allow-Private-Network: true\r\n");
  okap_http_exchange_respond (exchange, 204, lines->str, NULL, 0);
  return FALSE;
}

/**
 * okap_http_page_admit:
 *
 * Before the exchange is routed, once its program is known.
 *
 * Returns: whether it may be routed; if not, it is answered
 */
gboolean
okap_http_page_admit (OkapHttpExchange *exchange)
{
  const OkapHttpHead *head = &exchange->request.head;
  OkapCaller *browser = okap_http_exchange_get_caller (exchange);
  const char *wanted;

  if (head->origin == NULL)
    return TRUE;
  if (browser == NULL || !okap_browser_is (browser->identity))
    return refuse (exchange, "An Origin is believed only from a browser that is installed for all "
                             "users, or sandboxed. Programs send none");
  if (!is_for_pages (head->path))
    return refuse (exchange, "Web pages can redeem, use, read and give back what they were "
                             "granted. They ask by an okap:// link");
  exchange->page = make_page (browser, head->origin);
  exchange->page_headers = g_strconcat ("Access-Control-Allow-Origin: ", head->origin,
                                        "\r\nVary: Origin\r\n"
                                        "Access-Control-Expose-Headers: *\r\n", NULL);
  if (strcmp (head->method, "OPTIONS") == 0
      && (wanted = okap_http_head_get (head, "access-control-request-method")) != NULL)
    return answer_preflight (exchange, head, wanted);
  return TRUE;
}

/** okap_http_page_clear: for the next request of the connection, and at its end */
void
okap_http_page_clear (OkapHttpExchange *exchange)
{
  g_clear_pointer (&exchange->page, okap_caller_unref);
  g_clear_pointer (&exchange->page_headers, g_free);
}
