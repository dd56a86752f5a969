/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a search for apps finds: by name, by what was seen, by provider and by model. */
#include "config.h"

#include "okap-app-filter.h"

#include <string.h>

static gboolean
contains (const char *text, const char *searched)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, searched) != NULL;
}

gboolean
okap_app_filter_matches (const OkapGrant *grant, const char *searched)
{
  if (*searched == '\0' || contains (okap_grant_get_title (grant), searched)
      || contains (grant->evidence, searched))
    return TRUE;
  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);
      g_autofree char *models = g_strjoinv (" ", scope->models);

      if (contains (scope->provider, searched) || contains (models, searched))
        return TRUE;
    }
  return FALSE;
}
