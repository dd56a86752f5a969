/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control routes of "okap keys". A key comes as the raw body, what belongs to it in the query, so
 * that it is in guarded memory and in one buffer of ours, which is wiped. The passphrase, where a
 * key takes it, stands in a line before the key; the query says how long it is, since it may hold
 * line breaks. No route gives a key out. */
#include "config.h"

#include "okap-build.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-provider.h"
#include "okap-routes.h"
#include "okap-text.h"

static OkapVault *
get_vault (OkapCall *call)
{
  return okap_broker_get_vault (call->transport->broker);
}

static OkapKeyCare *
get_care (OkapCall *call)
{
  return okap_broker_get_key_care (call->transport->broker);
}

static void
build_key (OkapCall *call, JsonBuilder *builder, OkapKeyInfo *info)
{
  OkapKeyHealth health = okap_key_care_get_health (get_care (call), info);

  okap_build_key (builder, info, &health, okap_key_care_get_standing (get_care (call), info));
}

void
okap_control_serve_keys (OkapCall *call)
{
  g_autoptr (JsonBuilder) builder = NULL;
  GListModel *keys = okap_vault_get_keys (get_vault (call));

  if (!okap_call_needs_unlocked (call))
    return;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) info = g_list_model_get_item (keys, i);

      build_key (call, builder, info);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

/* --- add --- */

static gboolean
check_provider (const char *provider, const char *base_url, GError **error)
{
  g_autoptr (OkapProvider) known = NULL;

  if (provider == NULL || !okap_provider_id_is_valid (provider))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected the name of a provider, such as openai: lower-case letters, "
                           "digits and hyphens.");
      return FALSE;
    }
  known = okap_provider_lookup (provider);
  if (known == NULL && base_url == NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Okap does not know the provider “%s”. If it speaks OpenAI's language, name "
                   "its address with --base-url.", provider);
      return FALSE;
    }
  return TRUE;
}

/* How many bytes of the body are the passphrase; 0 without one. */
static gboolean
read_passphrase_length (OkapCall *call, gsize *out_length, GError **error)
{
  g_autofree char *text = okap_call_dup_param (call, "passphrase");
  guint64 length = 0;

  if (text != NULL
      && !g_ascii_string_to_unsigned (text, 10, 1, OKAP_CAP_PASSPHRASE_BYTES, &length, NULL))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected “passphrase” to say how many bytes of the body it is, at most %d.",
                   OKAP_CAP_PASSPHRASE_BYTES);
      return FALSE;
    }
  *out_length = (gsize) length;
  return TRUE;
}

/* The body's two parts; @out_passphrase (nullable) if it has both. */
static OkapSecret *
dup_key (OkapCall *call, OkapSecret **out_passphrase, GError **error)
{
  const char *body = okap_secret_get_text (call->secret);
  gsize whole = okap_secret_get_length (call->secret);
  gsize length;

  if (!read_passphrase_length (call, &length, error))
    return NULL;
  if (length == 0)
    return okap_secret_ref (call->secret);
  if (length >= whole || body[length] != '\n')
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected the passphrase, a line break and the key as the body, but "
                           "after so many bytes there is no line break.");
      return NULL;
    }
  *out_passphrase = okap_secret_new (body, length);
  return okap_secret_new (body + length + 1, whole - length - 1);
}

/**
 * okap_control_check_key:
 *
 * Whether Okap could reach the provider of a new key. The vault judges the key, label and address.
 */
gboolean
okap_control_check_key (OkapCall *call, GError **error)
{
  g_autofree char *provider = okap_call_dup_param (call, "provider");
  g_autofree char *base_url = okap_call_dup_param (call, "base_url");
  gsize length;

  return check_provider (provider, base_url, error)
         && read_passphrase_length (call, &length, error);
}

/* Whether the key is one that @provider's rows know what to do with. */
static gboolean
check_secret (OkapCall *call, const char *id, OkapSecret *key, GError **error)
{
  g_autofree char *with_second = okap_call_dup_param (call, "second");
  g_autoptr (OkapSecret) second = okap_secret_dup_second (key);
  g_autoptr (OkapProvider) provider = okap_provider_lookup (id);
  gboolean takes = provider != NULL && okap_provider_get_second_what (provider) != NULL;

  if (provider != NULL
      && okap_provider_recognises_admin_key (provider, okap_secret_get_text (key)))
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "This is a key that manages your account at %s. It could make other keys and lift "
                 "limits, so no app may come near it. Add a key for the API.",
                 okap_provider_get_name (provider));
  else if ((second != NULL) != (with_second != NULL))
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                         second != NULL
                         ? "Expected a key in one line. If the second line is a second value, such "
                           "as the key of the provider behind a gateway, add it with --second."
                         : "Expected two lines, the key and its second value.");
  else if (second != NULL && !takes)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "A key for %s has no second value.", id);
  else
    return TRUE;
  return FALSE;
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) info = okap_broker_add_key_finish (OKAP_BROKER (source), result, &error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (info == NULL)
    {
      okap_call_answer_error (call, error);
      return;
    }
  build_key (call, builder, info);
  okap_call_answer_builder (call, 200, builder);
}

/** okap_control_serve_key_add: provider, label, base_url, second=1, passphrase=BYTES */
void
okap_control_serve_key_add (OkapCall *call)
{
  g_autofree char *provider = okap_call_dup_param (call, "provider");
  g_autofree char *label = okap_call_dup_param (call, "label");
  g_autofree char *clean = okap_text_clean (label != NULL ? label : "", OKAP_CAP_LABEL_CHARS);
  g_autofree char *base_url = okap_call_dup_param (call, "base_url");
  g_autoptr (OkapSecret) passphrase = NULL;
  g_autoptr (OkapSecret) key = NULL;
  g_autoptr (GError) error = NULL;

  if (!okap_call_needs_unlocked (call))
    return;
  key = dup_key (call, &passphrase, &error);
  if (key == NULL || !check_secret (call, provider, key, &error))
    {
      okap_call_answer_error (call, error);
      return;
    }
  okap_broker_add_key_async (call->transport->broker, provider, clean, base_url, key, passphrase,
                             added_cb, okap_call_ref (call));
}

/* --- remove and test --- */

/* Answers the call itself if there is no such key. */
static char *
dup_key_id (OkapCall *call)
{
  g_autofree char *id = okap_call_dup_param (call, "id");
  g_autoptr (GError) error = NULL;

  if (!okap_call_needs_unlocked (call))
    return NULL;
  if (id != NULL && okap_vault_find_key (get_vault (call), id) != NULL)
    return g_steal_pointer (&id);
  error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                               "There is no key with this id. List them with: okap keys list");
  okap_call_answer_error (call, error);
  return NULL;
}

static void
answer_done (OkapCall *call, const char *words, const OkapKeyStanding *standing)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *id = okap_call_dup_param (call, "id");

  json_builder_begin_object (builder);
  okap_build_string (builder, "id", id);
  okap_build_string (builder, "result", words);
  okap_build_standing (builder, standing);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (okap_vault_remove_key_finish (OKAP_VAULT (source), result, &error))
    answer_done (call, "removed", NULL);
  else
    okap_call_answer_error (call, error);
}

void
okap_control_serve_key_remove (OkapCall *call)
{
  g_autofree char *id = dup_key_id (call);

  if (id != NULL)
    okap_vault_remove_key_async (get_vault (call), id, removed_cb, okap_call_ref (call));
}

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  g_autofree char *id = okap_call_dup_param (call, "id");

  if (okap_key_care_test_finish (OKAP_KEY_CARE (source), result, &words, &error))
    {
      OkapKeyInfo *key = call->transport->broker != NULL && id != NULL
                           ? okap_vault_find_key (get_vault (call), id) : NULL;

      answer_done (call, words, key != NULL
                                  ? okap_key_care_get_standing (OKAP_KEY_CARE (source), key)
                                  : NULL);
    }
  else
    okap_call_answer_error (call, error);
}

void
okap_control_serve_key_test (OkapCall *call)
{
  g_autofree char *id = dup_key_id (call);

  if (id != NULL)
    okap_key_care_test_async (get_care (call), id, tested_cb, okap_call_ref (call));
}

/* --- replace --- */

/* Answers the call with the key as it is, or with why nothing came of it. */
static void
answer_key (OkapCall *call, OkapKeyInfo *info, const char *result, const GError *error)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (info == NULL)
    {
      okap_call_answer_error (call, error);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  okap_build_string (builder, "result", result);
  json_builder_set_member_name (builder, "key");
  build_key (call, builder, info);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  gboolean unchanged;
  g_autoptr (OkapKeyInfo) info = okap_key_care_replace_finish (OKAP_KEY_CARE (source), result,
                                                               &unchanged, &error);

  answer_key (call, info, unchanged ? "unchanged" : "replaced", error);
}

/** okap_control_serve_key_rotate: id, rotation (an id of its own), test=0 to skip the test */
void
okap_control_serve_key_rotate (OkapCall *call)
{
  g_autofree char *id = dup_key_id (call);
  g_autofree char *rotation = okap_call_dup_param (call, "rotation");
  g_autofree char *test = okap_call_dup_param (call, "test");

  if (id != NULL)
    okap_key_care_replace_async (get_care (call), id, rotation != NULL ? rotation : "",
                                 call->secret, g_strcmp0 (test, "0") != 0, replaced_cb,
                                 okap_call_ref (call));
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) info = okap_key_care_settle_finish (OKAP_KEY_CARE (source), result,
                                                              &error);

  answer_key (call, info, "settled", error);
}

gboolean
okap_control_check_settle (OkapCall *call, GError **error)
{
  g_autofree char *with = okap_call_dup_param (call, "with");

  if (g_strcmp0 (with, "old") == 0 || g_strcmp0 (with, "new") == 0)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected “with” to be old or new.");
  return FALSE;
}

/** okap_control_serve_key_settle: id, with=old to go back, with=new to stay */
void
okap_control_serve_key_settle (OkapCall *call)
{
  g_autofree char *id = dup_key_id (call);
  g_autofree char *with = okap_call_dup_param (call, "with");

  if (id != NULL)
    okap_key_care_settle_async (get_care (call), id, g_strcmp0 (with, "new") == 0, settled_cb,
                                okap_call_ref (call));
}
