/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a provider tells what a key may still use. A column of its row: a list of
 *
 *   ["balance", place, currency]     the money of the account
 *   ["left", place, currency]        the money that is left of the key's own limit there
 *   ["requests", place, window]      requests that are left in a "day" or a "minute"
 *
 * A place is a path of members in the answer to test_path, such as "data.limit_remaining", in which
 * * stands for each element of a list; or "header:NAME". A currency is three capitals or a place.
 * Only the test of a key asks for it, so that apps have no way to it unless the row's endpoints
 * name that path. */
#include "config.h"

#include "okap-provider-private.h"

#include <string.h>

static const char *const kind_names[] = { "balance", "left", "requests", NULL };
static const char *const window_names[] = { "", "day", "minute", NULL };

G_STATIC_ASSERT (G_N_ELEMENTS (kind_names) == OKAP_STANDING_REQUESTS + 2);
G_STATIC_ASSERT (G_N_ELEMENTS (window_names) == OKAP_STANDING_MINUTE + 2);

void
okap_standing_rule_free (OkapStandingRule *rule)
{
  g_free (rule->place);
  g_free (rule->currency);
  g_free (rule);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapStandingRule, okap_standing_rule_free)

static gboolean
is_currency (const char *text)
{
  return strlen (text) == 3 && strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

static gboolean
is_place (const char *text)
{
  return *text != '\0' && *text != '.' && strstr (text, "..") == NULL
         && !g_str_has_suffix (text, ".");
}

static gboolean
read_rule (OkapProvider *provider, char **cells, GError **error)
{
  g_autoptr (OkapStandingRule) rule = g_new0 (OkapStandingRule, 1);
  guint kind, window = OKAP_STANDING_AT_ALL;

  if (g_strv_length (cells) != 3 || !okap_row_find_name (kind_names, cells[0], &kind)
      || !is_place (cells[1]))
    return okap_row_fail (error, "standing", "[kind, place, currency or window]");
  if (kind == OKAP_STANDING_REQUESTS ? !okap_row_find_name (window_names, cells[2], &window)
                                     : !is_currency (cells[2]) && strchr (cells[2], '.') == NULL)
    return okap_row_fail (error, "standing", "a currency, its place, or a window");
  rule->kind = (OkapStandingKind) kind;
  rule->window = (OkapStandingWindow) window;
  rule->place = g_strdup (cells[1]);
  rule->currency = kind != OKAP_STANDING_REQUESTS ? g_strdup (cells[2]) : NULL;
  g_ptr_array_add (provider->standing, g_steal_pointer (&rule));
  return TRUE;
}

/** okap_row_read_standing: the column of a row */
gboolean
okap_row_read_standing (OkapProvider *provider, JsonArray *array, GError **error)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_auto (GStrv) cells = okap_row_dup_strings (json_array_get_element (array, i), "standing",
                                                   error);

      if (cells == NULL || !read_rule (provider, cells, error))
        return FALSE;
    }
  if (provider->standing->len > 0 && provider->test_path == NULL)
    return okap_row_fail (error, "standing", "a “test_path” beside it");
  return TRUE;
}

/** okap_provider_get_standing: (transfer none) (element-type OkapStandingRule): empty for most */
const GPtrArray *
okap_provider_get_standing (const OkapProvider *provider)
{
  return provider->standing;
}
