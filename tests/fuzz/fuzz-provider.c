/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any path through the endpoint allow-lists. An input is "METHOD /path"; all providers judge it.
 * What must hold of what they let through: the path that leaves has only plain characters and
 * harmless escapes, no empty or dot segment, and judging it again gives the same. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-fuzz.h"
#include "okap-provider.h"

static void
check_path (const char *path)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                              "-._~:@+=,%/";
  g_autofree char *decoded = g_uri_unescape_string (path, NULL);
  g_auto (GStrv) segments = g_strsplit (path + 1, "/", -1);

  g_assert_cmpint (path[0], ==, '/');
  g_assert_cmpuint (strspn (path, plain), ==, strlen (path));
  g_assert_nonnull (decoded);
  g_assert_null (strchr (decoded, '%'));
  g_assert_null (strchr (decoded, '\\'));
  for (char **segment = segments; *segment != NULL; segment++)
    {
      g_autofree char *text = g_uri_unescape_string (*segment, NULL);

      g_assert_cmpstr (text, !=, "");
      g_assert_cmpstr (text, !=, ".");
      g_assert_cmpstr (text, !=, "..");
      g_assert_null (strchr (text, '/'));
    }
}

static void
judge (const OkapProvider *provider, const char *method, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_auto (OkapRoute) route = { 0 };
  g_auto (OkapRoute) again = { 0 };

  if (!okap_provider_resolve (provider, method, path, &route, &error))
    {
      g_assert_true (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED)
                     || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_METHOD_NOT_ALLOWED));
      g_assert_null (route.path);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      for (const char *p = error->message; *p != '\0'; p++)
        g_assert_false (g_ascii_iscntrl (*p));
      return;
    }
  check_path (route.path);
  g_assert_cmpint (route.model != NULL, ==,
                   route.endpoint->model_place == OKAP_MODEL_PATH
                   || route.endpoint->model_place == OKAP_MODEL_DEPLOYMENT);
  if (route.model != NULL)
    {
      g_autofree char *model = okap_provider_canonical_model (okap_provider_get_id (provider),
                                                              route.model);

      g_assert_cmpuint (strlen (route.model), <=, OKAP_CAP_MODEL_BYTES);
      g_assert_cmpuint (strlen (model), >, 0);
    }
  g_assert_true (okap_provider_resolve (provider, method, route.path, &again, NULL));
  g_assert_true (again.endpoint == route.endpoint);
  g_assert_cmpstr (again.path, ==, route.path);
  g_assert_cmpstr (again.model, ==, route.model);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *method = g_strndup ((const char *) data, size);
  g_autoptr (GPtrArray) providers = okap_provider_list ();
  char *path = strchr (method, ' ');

  if (path == NULL)
    return 0;
  *path++ = '\0';
  path[strcspn (path, "\n")] = '\0';
  for (guint i = 0; i < providers->len; i++)
    judge (g_ptr_array_index (providers, i), method, path);
  g_ptr_array_unref (okap_provider_recognise_key (path, NULL));
  return 0;
}
