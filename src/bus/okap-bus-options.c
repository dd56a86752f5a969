/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of RequestAccess, as data/dbus/com.example.Okap1.xml has them. Pure functions.
 *
 * An option that is not known is ignored: it may be of a later version, and nothing in options
 * narrows what is asked. A known one of the wrong type is a mistake of the caller, who is told. */
#include "config.h"

#include "okap-bus-options.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-challenge.h"

#define TIMEOUT_LEAST_S 30
#define TOKEN_CHARS     64

static gboolean
is_token (const char *text)
{
  gsize length = strspn (text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_");

  return length > 0 && length <= TOKEN_CHARS && text[length] == '\0';
}

/* FALSE with an error if @name is there with another type than @type; @out_value may stay NULL. */
static gboolean
look_up (GVariant *dict, const char *name, const char *type, GVariant **out_value, GError **error)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, name, NULL);

  if (value != NULL && !g_variant_is_of_type (value, G_VARIANT_TYPE (type)))
    {
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                   "The option “%s” has to be of the type “%s”, but is of “%s”.", name, type,
                   g_variant_get_type_string (value));
      return FALSE;
    }
  *out_value = g_steal_pointer (&value);
  return TRUE;
}

static gboolean
read_string (GVariant *dict, const char *name, char **out_text, GError **error)
{
  g_autoptr (GVariant) value = NULL;

  if (!look_up (dict, name, "s", &value, error))
    return FALSE;
  if (value == NULL)
    return TRUE;
  *out_text = g_variant_dup_string (value, NULL);
  if (strlen (*out_text) <= OKAP_CAP_BUS_STRING_BYTES)
    return TRUE;
  g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
               "The option “%s” is longer than %d bytes.", name, OKAP_CAP_BUS_STRING_BYTES);
  return FALSE;
}

static gboolean
check_strings (const OkapBusOptions *options, GError **error)
{
  guint8 hash[OKAP_CHALLENGE_BYTES];

  if (options->handle_token != NULL && !is_token (options->handle_token))
    {
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                   "The option “handle_token” has to be 1 to %d letters, digits and underscores.",
                   TOKEN_CHARS);
      return FALSE;
    }
  if (options->code_challenge != NULL && okap_challenge_parse (options->code_challenge, hash))
    return TRUE;
  g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
               "The option “code_challenge” %s: BASE64URL (SHA-256 (verifier)) without padding, "
               "%d characters (RFC 7636, S256).",
               options->code_challenge == NULL ? "is required" : "has the wrong form",
               OKAP_CHALLENGE_LENGTH);
  return FALSE;
}

/**
 * okap_bus_options_parse:
 * @dict: of the type a{sv}
 * @error: of %G_DBUS_ERROR, for the caller
 *
 * Returns: (transfer full) (nullable): what was said, the rest filled with defaults
 */
OkapBusOptions *
okap_bus_options_parse (GVariant *dict, GError **error)
{
  g_autoptr (OkapBusOptions) options = g_new0 (OkapBusOptions, 1);
  g_autoptr (GVariant) timeout = NULL;
  g_autoptr (GVariant) interactive = NULL;
  g_autofree char *method = NULL;

  if (!read_string (dict, "handle_token", &options->handle_token, error)
      || !read_string (dict, "code_challenge", &options->code_challenge, error)
      || !read_string (dict, "code_challenge_method", &method, error)
      || !read_string (dict, "activation_token", &options->activation_token, error)
      || !look_up (dict, "timeout", "u", &timeout, error)
      || !look_up (dict, "interactive", "b", &interactive, error)
      || !check_strings (options, error))
    return NULL;
  options->timeout_s = timeout != NULL ? CLAMP (g_variant_get_uint32 (timeout), TIMEOUT_LEAST_S,
                                                OKAP_CAP_WAIT_MOST_S)
                                       : OKAP_CAP_WAIT_DEFAULT_S;
  options->interactive = interactive == NULL || g_variant_get_boolean (interactive);
  options->s256 = method == NULL || strcmp (method, "S256") == 0;
  return g_steal_pointer (&options);
}

void
okap_bus_options_free (OkapBusOptions *options)
{
  g_free (options->handle_token);
  g_free (options->code_challenge);
  g_free (options->activation_token);
  g_free (options);
}

/**
 * okap_bus_dup_request_path:
 * @sender: a unique name, ":1.42"
 *
 * Returns: (transfer full): "/com/example/Okap/request/1_42/TOKEN"
 */
char *
okap_bus_dup_request_path (const char *sender, const char *token)
{
  g_autofree char *name = g_strdup (sender[0] == ':' ? sender + 1 : sender);

  return g_strconcat (OKAP_BUS_REQUESTS "/",
                      g_strcanon (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS, '_'), "/", token,
                      NULL);
}
