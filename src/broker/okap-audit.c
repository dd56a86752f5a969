/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded of decisions and changes, and in which words. Events:
 *
 *   grant.created  grant.refused  grant.paused  grant.active  grant.revoked  grant.tampered
 *   grant.changed  grant.misused  grant.given_again  asking.paused  asking.resumed
 *   apps.paused  apps.resumed  limit.reached  usage.corrected
 *   vault.unlocked  vault.locked  key.added  key.removed
 *   key.replaced  key.retired  key.rolled_back  prices.changed
 *
 * Details are for a person who looks back; they hold no secret. */
#include "config.h"

#include "okap-audit.h"

#include "okap-money.h"

static char *
describe_scopes (const GPtrArray *scopes)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (scopes, i);
      g_autofree char *models = g_strjoinv (", ", scope->models);
      g_autofree char *money = NULL;

      g_string_append_printf (words, "%s%s (%s)", i > 0 ? "; " : "", scope->provider,
                              *models != '\0' ? models : "all models");
      if (okap_limits_has (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND))
        {
          money = okap_money_format (scope->limits.value[OKAP_LIMIT_MONTHLY_SPEND]);
          g_string_append_printf (words, " at most $%s a month", money);
        }
    }
  return g_string_free (words, FALSE);
}

OkapAuditEntry *
okap_audit_granted (gint64 now_us, const OkapGrant *grant)
{
  g_autofree char *scopes = describe_scopes (grant->scopes);
  g_autofree char *until = okap_time_format_iso (grant->expires_us);
  g_autofree char *detail = g_strdup_printf ("Allowed “%s” (%s): %s, until %s",
                                             okap_grant_get_title (grant), grant->evidence, scopes,
                                             until);

  return okap_audit_entry_new (now_us, "grant.created", grant->id, detail);
}

OkapAuditEntry *
okap_audit_refused (gint64 now_us, const OkapRequest *request, const OkapCaller *caller,
                    const GError *error)
{
  g_autofree char *scopes = describe_scopes (request->scopes);
  g_autofree char *evidence = okap_caller_dup_words (caller);
  g_autofree char *detail = g_strdup_printf ("Refused “%s” (%s): %s. %s",
                                             request->app_name != NULL ? request->app_name : "",
                                             evidence, scopes, error->message);

  return okap_audit_entry_new (now_us, "grant.refused", NULL, detail);
}

OkapAuditEntry *
okap_audit_state_changed (gint64 now_us, const OkapGrant *grant, const char *why)
{
  g_autofree char *event = g_strconcat ("grant.", okap_grant_state_get_name (grant->state), NULL);
  g_autofree char *detail = g_strdup_printf ("“%s”: %s", okap_grant_get_title (grant), why);

  return okap_audit_entry_new (now_us, event, grant->id, detail);
}

OkapAuditEntry *
okap_audit_changed (gint64 now_us, const OkapGrant *grant, const char *what)
{
  g_autofree char *detail = g_strdup_printf ("“%s”: %s", okap_grant_get_title (grant), what);

  return okap_audit_entry_new (now_us, "grant.changed", grant->id, detail);
}

OkapAuditEntry *
okap_audit_given_again (gint64 now_us, const OkapGrant *grant)
{
  g_autofree char *detail
    = g_strdup_printf ("“%s” (%s) asked again for what it has and got a further token, without a "
                       "question", okap_grant_get_title (grant), grant->evidence);

  return okap_audit_entry_new (now_us, "grant.given_again", grant->id, detail);
}

/** okap_audit_pause: a program is not asked for any more, or is again */
OkapAuditEntry *
okap_audit_pause (gint64 now_us, OkapBlock *block, gboolean began)
{
  g_autofree char *why = okap_block_dup_reason_words (block);
  g_autofree char *until = okap_block_get_until (block) != OKAP_BLOCK_FOR_EVER
                           ? okap_time_format_iso (okap_block_get_until (block))
                           : g_strdup ("the user ends it");
  g_autofree char *detail = began
    ? g_strdup_printf ("“%s” is not asked for until %s. %s", okap_block_get_name (block), until,
                       why)
    : g_strdup_printf ("“%s” may ask again", okap_block_get_name (block));

  return okap_audit_entry_new (now_us, began ? "asking.paused" : "asking.resumed", NULL, detail);
}

/** okap_audit_apps: all apps at once were paused or resumed */
OkapAuditEntry *
okap_audit_apps (gint64 now_us, gboolean paused, const char *why)
{
  g_autofree char *detail = g_strdup_printf ("All apps: %s", why);

  return okap_audit_entry_new (now_us, paused ? "apps.paused" : "apps.resumed", NULL, detail);
}

OkapAuditEntry *
okap_audit_limit_reached (gint64 now_us, const OkapAlert *alert)
{
  g_autofree char *settled = okap_money_format (alert->standing.settled);
  g_autofree char *cap = okap_money_format (alert->standing.cap);
  g_autofree char *resets = alert->standing.resets_us != 0
                            ? okap_time_format_iso (alert->standing.resets_us) : NULL;
  g_autofree char *until = alert->lasts_until_us != 0
                           ? okap_time_format_iso (alert->lasts_until_us) : NULL;
  g_autofree char *detail
      = g_strdup_printf ("“%s” has used %u %% of its %s at %s: $%s of $%s%s%s%s%s",
                         okap_grant_get_title (alert->grant), alert->percent,
                         okap_limit_get_name (alert->standing.limit), alert->provider, settled, cap,
                         until != NULL ? "; at this pace used up at " : "",
                         until != NULL ? until : "", resets != NULL ? "; begins anew at " : "",
                         resets != NULL ? resets : "");

  return okap_audit_entry_new (now_us, "limit.reached", alert->grant->id, detail);
}

OkapAuditEntry *
okap_audit_corrected (gint64 now_us, const OkapGrant *grant, const char *provider, gint64 nusd,
                      const char *reason)
{
  g_autofree char *money = okap_money_format (ABS (nusd));
  g_autofree char *detail = g_strdup_printf ("Corrected what “%s” spent at %s by %s$%s: %s",
                                             okap_grant_get_title (grant), provider,
                                             nusd < 0 ? "-" : "", money, reason);

  return okap_audit_entry_new (now_us, "usage.corrected", grant->id, detail);
}

OkapAuditEntry *
okap_audit_tampered (gint64 now_us, const char *grant_id, const GError *error)
{
  return okap_audit_entry_new (now_us, "grant.tampered", grant_id, error->message);
}

OkapAuditEntry *
okap_audit_vault (gint64 now_us, gboolean unlocked)
{
  return okap_audit_entry_new (now_us, unlocked ? "vault.unlocked" : "vault.locked", NULL,
                               unlocked ? "The vault was unlocked" : "The vault was locked");
}

/** okap_audit_vault_act: @event: "vault.slots" or "vault.exported" */
OkapAuditEntry *
okap_audit_vault_act (gint64 now_us, const char *event)
{
  return okap_audit_entry_new (now_us, event, NULL,
                               strcmp (event, "vault.slots") == 0
                                 ? "What opens the vault was changed"
                                 : "All keys were written to a sealed backup");
}

OkapAuditEntry *
okap_audit_key (gint64 now_us, OkapKeyInfo *key, gboolean added)
{
  g_autofree char *detail = g_strdup_printf ("%s the %s key “%s” ····%s",
                                             added ? "Added" : "Removed",
                                             okap_key_info_get_provider (key),
                                             okap_key_info_get_label (key),
                                             okap_key_info_get_tail (key));

  return okap_audit_entry_new (now_us, added ? "key.added" : "key.removed", NULL, detail);
}

OkapAuditEntry *
okap_audit_misused (gint64 now_us, OkapMisuse *misuse)
{
  g_autofree char *detail = okap_misuse_dup_words (misuse);

  return okap_audit_entry_new (now_us, "grant.misused", okap_misuse_get_grant (misuse)->id, detail);
}

OkapAuditEntry *
okap_audit_prices (gint64 now_us, const char *words)
{
  return okap_audit_entry_new (now_us, "prices.changed", NULL, words);
}

/** okap_audit_key_replaced: (nullable): of the step that @key's replacement made last; NULL for
 * the first one, in which nothing has changed yet */
OkapAuditEntry *
okap_audit_key_replaced (gint64 now_us, OkapKeyInfo *key)
{
  static const char *const whys[] = {
    [OKAP_ROTATION_ASKED] = "as was asked for",
    [OKAP_ROTATION_TEST_FAILED] = "because the provider refused the new key when it was tested",
    [OKAP_ROTATION_KEY_REFUSED] = "because the provider refused the new key",
    [OKAP_ROTATION_INTERRUPTED] = "because Okap ended while the new key was tested",
    [OKAP_ROTATION_WATCHED] = "after it worked while it was watched",
  };
  static const char *const verbs[] = {
    [OKAP_ROTATION_WATCHING] = "Replaced",
    [OKAP_ROTATION_RETIRED] = "Stayed with the new version of",
    [OKAP_ROTATION_ROLLED_BACK] = "Went back to the old version of",
  };
  static const char *const events[] = {
    [OKAP_ROTATION_WATCHING] = "key.replaced",
    [OKAP_ROTATION_RETIRED] = "key.retired",
    [OKAP_ROTATION_ROLLED_BACK] = "key.rolled_back",
  };
  const OkapRotation *rotation = okap_key_info_get_rotation (key);
  g_autofree char *detail = NULL;

  if (rotation == NULL || rotation->state == OKAP_ROTATION_TESTING)
    return NULL;
  detail = g_strdup_printf ("%s the %s key “%s” ····%s, %s%s", verbs[rotation->state],
                            okap_key_info_get_provider (key), okap_key_info_get_label (key),
                            okap_key_info_get_tail (key), whys[rotation->reason],
                            rotation->state == OKAP_ROTATION_WATCHING ? "; it is watched"
                                                                      : "; the other one is wiped");
  return okap_audit_entry_new (now_us, events[rotation->state], NULL, detail);
}
