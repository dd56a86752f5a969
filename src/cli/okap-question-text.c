/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A consent question in plain lines: the same facts as in the dialog, in the same order. What
 * Okap saw comes first, what the app says of itself is quoted. Everything from outside is cleaned
 * again here, because a terminal obeys what it is sent. Pure. */
#include "config.h"

#include "okap-question-text.h"

#include <glib/gi18n-lib.h>

#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-mismatch.h"
#include "okap-money.h"
#include "okap-provider.h"
#include "okap-text.h"

#define FACT_CHARS 256
#define NAME_COLUMNS 18

static void
add_line (GString *text, const char *name, const char *value)
{
  int pad = NAME_COLUMNS - (int) g_utf8_strlen (name, -1);

  g_string_append_printf (text, "  %s%*s %s\n", name, MAX (pad, 0), "", value);
}

static char *
dup_clean (const char *text, gsize most_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  return okap_text_clean (valid, most_chars);
}

/** okap_question_text_name_provider: (transfer full): what people call it */
char *
okap_question_text_name_provider (const char *provider)
{
  g_autoptr (OkapProvider) known = okap_provider_lookup (provider);

  return dup_clean (known != NULL ? okap_provider_get_name (known) : provider,
                    OKAP_CAP_NAME_CHARS);
}

/** okap_question_text_format_limit: (transfer full): a limit in words, such as "$10.00 a month" */
char *
okap_question_text_format_limit (OkapLimit limit, gint64 value)
{
  g_autofree char *amount = okap_limit_is_money (limit)
                            ? okap_money_format (value)
                            : g_strdup_printf ("%" G_GINT64_FORMAT, value);

  switch (limit)
    {
    case OKAP_LIMIT_MONTHLY_SPEND:
      return g_strdup_printf (_("$%s a month"), amount);
    case OKAP_LIMIT_DAILY_SPEND:
      return g_strdup_printf (_("$%s a day"), amount);
    case OKAP_LIMIT_TOTAL_SPEND:
      return g_strdup_printf (_("$%s in all"), amount);
    case OKAP_LIMIT_SPEND_PER_REQUEST:
      return g_strdup_printf (_("$%s a request"), amount);
    case OKAP_LIMIT_REQUESTS_PER_MINUTE:
      return g_strdup_printf (_("%s requests a minute"), amount);
    case OKAP_LIMIT_REQUESTS_PER_DAY:
      return g_strdup_printf (_("%s requests a day"), amount);
    case OKAP_LIMIT_TOKENS_PER_MINUTE:
      return g_strdup_printf (_("%s tokens a minute"), amount);
    case OKAP_LIMIT_TOKENS_PER_REQUEST:
      return g_strdup_printf (_("%s tokens a request"), amount);
    case OKAP_LIMIT_CONCURRENCY:
      return g_strdup_printf (_("%s requests at once"), amount);
    default:
      g_return_val_if_reached (g_strdup (amount));
    }
}

static char *
mark (const char *words, gboolean defaulted)
{
  return defaulted ? g_strconcat (words, "   ", _("(Okap’s default)"), NULL) : g_strdup (words);
}

static void
add_fact (GString *text, const char *name, const char *value)
{
  g_autofree char *clean = dup_clean (value, FACT_CHARS);

  if (*clean != '\0')
    add_line (text, name, clean);
}

/* What Okap saw of the program; nothing in it comes from the request. */
static void
add_evidence (GString *text, const OkapCaller *caller)
{
  const OkapIdentity *identity = caller->identity;
  g_autofree char *seen = okap_caller_dup_words (caller);
  g_autofree char *parents = identity->parents != NULL ? g_strjoinv (" ← ", identity->parents)
                                                       : NULL;
  g_autofree char *written = identity->changed_us > 0
                             ? okap_time_format_iso (identity->changed_us) : NULL;
  g_autofree char *process = caller->pid > 0 ? g_strdup_printf ("%d", (int) caller->pid) : NULL;

  add_line (text, _("Okap saw"), seen);
  add_fact (text, _("its process"), process);
  add_fact (text, _("its command"), identity->command);
  add_fact (text, _("started by"), parents);
  add_fact (text, _("in the unit"), identity->unit);
  if (identity->kind == OKAP_IDENTITY_SCRIPT || identity->kind == OKAP_IDENTITY_USER_PROGRAM)
    add_fact (text, _("file written"), written);
}

static void
add_claims (GString *text, OkapQuestion *question)
{
  OkapRequest *request = okap_question_get_request (question);
  const OkapCaller *caller = okap_question_get_caller (question);
  g_autofree char *name = dup_clean (request->app_name, OKAP_CAP_NAME_CHARS);
  g_autofree char *url = dup_clean (request->app_url, OKAP_CAP_URL_BYTES);
  g_autofree char *reason = dup_clean (request->reason, OKAP_CAP_REASON_CHARS);
  g_autofree char *quoted = *name != '\0' ? g_strdup_printf (_("“%s”"), name)
                                          : g_strdup (_("nothing: it gave no name"));
  g_autofree char *quoted_reason = g_strdup_printf (_("“%s”"), reason);
  g_autofree char *quoted_url = g_strdup_printf (_("“%s”"), url);

  g_autofree char *mismatch = okap_mismatch_dup_words (name, caller->identity);

  add_evidence (text, caller);
  add_line (text, _("It calls itself"), quoted);
  if (mismatch != NULL)
    add_line (text, _("TAKE NOTE: it"), mismatch);
  if (*url != '\0')
    add_line (text, _("and names"), quoted_url);
  add_line (text, _("Its reason"), *reason != '\0' ? quoted_reason : _("it gave none"));
}

static char *
dup_key_words (OkapQuestion *question, const OkapScope *scope)
{
  g_autoptr (GPtrArray) keys = okap_question_list_keys (question, scope->provider);
  g_autoptr (OkapProvider) known = okap_provider_lookup (scope->provider);
  OkapKeyInfo *chosen = keys->len > 0 ? g_ptr_array_index (keys, 0) : NULL;
  g_autofree char *label = NULL;
  g_autofree char *tail = NULL;

  for (guint i = 0; i < keys->len && scope->key_id != NULL; i++)
    if (g_str_equal (okap_key_info_get_id (g_ptr_array_index (keys, i)), scope->key_id))
      chosen = g_ptr_array_index (keys, i);
  if (chosen == NULL)
    return g_strdup (known != NULL && !okap_provider_needs_key (known)
                     ? _("no key is needed") : _("YOU HAVE NO KEY FOR IT: okap keys add"));
  label = dup_clean (okap_key_info_get_label (chosen), OKAP_CAP_LABEL_CHARS);
  tail = g_strdup_printf ("%s%s····%s", label, *label != '\0' ? " " : "",
                          okap_key_info_get_tail (chosen));
  /* Translators: the label of a key and its last four characters */
  return g_strdup_printf (keys->len > 1 ? _("key %s (you have others: edit)") : _("key %s"), tail);
}

static void
add_models (GString *text, const OkapScope *scope)
{
  g_autofree char *joined = g_strjoinv (", ", scope->models);
  g_autofree char *clean = dup_clean (joined, OKAP_CAP_REQUEST_MODELS * OKAP_CAP_MODEL_BYTES);

  add_line (text, _("models"), *clean != '\0' ? clean : _("ALL MODELS, the dearest ones too"));
}

static void
add_scope (GString *text, OkapQuestion *question, const OkapScope *scope)
{
  g_autofree char *provider = okap_question_text_name_provider (scope->provider);
  g_autofree char *key = dup_key_words (question, scope);
  g_auto (GStrv) names = okap_capability_dup_names (scope->capabilities);
  g_autofree char *capabilities = g_strjoinv (", ", names);

  g_string_append_c (text, '\n');
  add_line (text, provider, key);
  add_models (text, scope);
  add_line (text, _("may"), capabilities);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limits_has (&scope->limits, i))
      {
        g_autofree char *words = okap_question_text_format_limit (i, scope->limits.value[i]);
        g_autofree char *marked = mark (words, (scope->limits.defaulted & (1u << i)) != 0);

        add_line (text, _("at most"), marked);
      }
}

/* Who will be able to use the token, with the risk. */
static char *
dup_binding_words (const OkapAsk *ask, gboolean portable)
{
  const OkapIdentity *identity = ask->bind_to != NULL ? ask->bind_to : ask->caller->identity;
  g_autofree char *named = NULL;

  if (portable)
    return g_strdup (_("ANY PROGRAM THAT HAS IT: whoever copies it can use it, too"));
  if (ask->bind_to != NULL)
    {
      named = okap_identity_dup_words (ask->bind_to);
      return g_strdup_printf (_("not who asks, but alone: %s"), named);
    }
  if (identity->kind == OKAP_IDENTITY_RUN)
    return g_strdup (_("the command and what it starts, and it ends with the command"));
  if (identity->kind == OKAP_IDENTITY_UNKNOWN && identity->doubt == OKAP_DOUBT_LINK)
    return g_strdup (_("the program that fetches it"));
  if (identity->kind == OKAP_IDENTITY_UNKNOWN)
    return g_strdup (_("ANY PROGRAM THAT HAS IT: Okap does not know who asks"));
  return g_strdup (_("this program alone"));
}

/**
 * okap_question_text_format:
 * @scopes: (element-type OkapScope): as they would be granted now
 * @expires_us: likewise
 * @portable: likewise
 *
 * Returns: (transfer full): lines for a terminal
 */
char *
okap_question_text_format (OkapQuestion *question, GPtrArray *scopes, gint64 expires_us,
                           gboolean portable)
{
  GString *text = g_string_new ("\n");
  OkapRequest *request = okap_question_get_request (question);
  const OkapAsk *ask = okap_question_get_ask (question);
  guint waiting = okap_question_get_waiting (question);
  g_autofree char *binding = dup_binding_words (ask, portable);
  g_autofree char *until = okap_time_format_iso (expires_us);
  g_autofree char *marked = mark (until, request->expires_defaulted
                                         && expires_us == request->expires_us);

  g_string_append_printf (text, "%s\n\n", _("A program asks for access to your AI keys."));
  add_claims (text, question);
  for (guint i = 0; i < scopes->len; i++)
    add_scope (text, question, g_ptr_array_index (scopes, i));
  g_string_append_c (text, '\n');
  add_line (text, _("until"), marked);
  add_line (text, _("token for"), binding);
  if (ask->caller->door == OKAP_DOOR_LINK)
    add_line (text, _("answer to"), request->callback);
  if (ask->match_code != NULL)
    add_line (text, _("its code"), ask->match_code);
  if (waiting > 0)
    {
      g_string_append (text, "  ");
      g_string_append_printf (text, ngettext ("%u more waiting", "%u more waiting", waiting),
                              waiting);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

/** okap_question_text_find_missing_key: (nullable) (transfer none): the first provider of @scopes
 *   that needs a key and has none */
const char *
okap_question_text_find_missing_key (OkapQuestion *question, GPtrArray *scopes)
{
  for (guint i = 0; i < scopes->len; i++)
    {
      OkapScope *scope = g_ptr_array_index (scopes, i);
      g_autoptr (GPtrArray) keys = okap_question_list_keys (question, scope->provider);
      g_autoptr (OkapProvider) known = okap_provider_lookup (scope->provider);

      if (keys->len == 0 && (known == NULL || okap_provider_needs_key (known)))
        return scope->provider;
    }
  return NULL;
}
