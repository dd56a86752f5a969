/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON members that several doors share. Nothing here can hold a key or a token. */
#include "config.h"

#include "okap-build.h"

#include "okap-clock.h"
#include "okap-money.h"

/** okap_build_string: @value (nullable) becomes null */
void
okap_build_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
okap_build_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/** okap_build_usd: an amount as dollars, as the wire has them */
void
okap_build_usd (JsonBuilder *builder, const char *name, gint64 value_nusd)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, okap_money_to_double (value_nusd));
}

/** okap_build_time: RFC 3339; null for 0, which is never */
void
okap_build_time (JsonBuilder *builder, const char *name, gint64 time_us)
{
  g_autofree char *text = time_us != 0 ? okap_time_format_iso (time_us) : NULL;

  okap_build_string (builder, name, text);
}

static void
build_health (JsonBuilder *builder, const OkapKeyHealth *health)
{
  json_builder_set_member_name (builder, "health");
  json_builder_begin_object (builder);
  okap_build_string (builder, "state", okap_key_class_get_name (health->class));
  okap_build_string (builder, "words", okap_key_class_get_words (health->class));
  okap_build_time (builder, "since", health->since_us);
  okap_build_time (builder, "until", health->until_us);
  json_builder_end_object (builder);
}

/* null for a key that was never replaced */
static void
build_rotation (JsonBuilder *builder, OkapKeyInfo *info)
{
  const OkapRotation *rotation = okap_key_info_get_rotation (info);

  json_builder_set_member_name (builder, "rotation");
  if (rotation == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  okap_build_string (builder, "id", rotation->id);
  okap_build_string (builder, "state", okap_rotation_state_get_name (rotation->state));
  okap_build_string (builder, "reason", okap_rotation_reason_get_name (rotation->reason));
  okap_build_int (builder, "old_version", rotation->old_version);
  okap_build_int (builder, "new_version", rotation->new_version);
  okap_build_string (builder, "other_tail", okap_key_info_get_other_tail (info));
  okap_build_time (builder, "started", rotation->started_us);
  okap_build_time (builder, "changed", rotation->changed_us);
  json_builder_end_object (builder);
}

/** okap_build_standing: the member "standing": what the provider told of money and limits.
 *   @standing: (nullable): an empty list */
void
okap_build_standing (JsonBuilder *builder, const OkapKeyStanding *standing)
{
  static const char *const kinds[] = {
    [OKAP_STANDING_BALANCE] = "balance",
    [OKAP_STANDING_LEFT] = "left",
    [OKAP_STANDING_REQUESTS] = "requests",
  };
  static const char *const windows[] = {
    [OKAP_STANDING_AT_ALL] = NULL,
    [OKAP_STANDING_DAY] = "day",
    [OKAP_STANDING_MINUTE] = "minute",
  };

  json_builder_set_member_name (builder, "standing");
  json_builder_begin_array (builder);
  for (guint i = 0; standing != NULL && i < standing->n_facts; i++)
    {
      const OkapStandingFact *fact = &standing->facts[i];

      json_builder_begin_object (builder);
      okap_build_string (builder, "kind", kinds[fact->kind]);
      if (fact->kind == OKAP_STANDING_REQUESTS)
        okap_build_int (builder, "amount", fact->amount);
      else
        okap_build_usd (builder, "amount", fact->amount);
      okap_build_string (builder, "currency", *fact->currency != '\0' ? fact->currency : NULL);
      okap_build_string (builder, "window", windows[fact->window]);
      okap_build_time (builder, "asked", standing->asked_us);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/** okap_build_key: an object with what may be shown of a provider key */
void
okap_build_key (JsonBuilder *builder, OkapKeyInfo *info, const OkapKeyHealth *health,
                const OkapKeyStanding *standing)
{
  json_builder_begin_object (builder);
  okap_build_string (builder, "id", okap_key_info_get_id (info));
  okap_build_string (builder, "provider", okap_key_info_get_provider (info));
  okap_build_string (builder, "label", okap_key_info_get_label (info));
  okap_build_string (builder, "tail", okap_key_info_get_tail (info));
  okap_build_string (builder, "base_url", okap_key_info_get_base_url (info));
  okap_build_time (builder, "created", okap_key_info_get_created (info));
  okap_build_int (builder, "version", okap_key_info_get_version (info));
  okap_build_time (builder, "since", okap_key_info_get_since (info));
  build_health (builder, health);
  build_rotation (builder, info);
  okap_build_standing (builder, standing);
  json_builder_end_object (builder);
}

/** okap_build_get_state: active, paused, revoked or expired */
const char *
okap_build_get_state (const OkapGrant *grant, gint64 now_us)
{
  if (grant->state != OKAP_GRANT_REVOKED && now_us >= grant->expires_us)
    return "expired";
  return okap_grant_state_get_name (grant->state);
}

/* A program, and what it is called by people. */
static void
build_program (JsonBuilder *builder, const OkapIdentity *identity)
{
  g_autofree char *words = okap_identity_dup_words (identity);

  okap_build_string (builder, "program", words);
  json_builder_set_member_name (builder, "identity");
  okap_identity_build (identity, builder);
}

/** okap_build_bound: who may use the token of a grant; the object is open already */
void
okap_build_bound (JsonBuilder *builder, const OkapGrant *grant)
{
  g_autofree char *words = okap_grant_dup_bound_words (grant);

  okap_build_string (builder, "bound_to", words);
  json_builder_set_member_name (builder, "portable");
  json_builder_add_boolean_value (builder, grant->portable);
  json_builder_set_member_name (builder, "identity");
  okap_identity_build (grant->identity, builder);
  json_builder_set_member_name (builder, "others");
  json_builder_begin_array (builder);
  for (guint i = 0; i < grant->others->len; i++)
    {
      json_builder_begin_object (builder);
      build_program (builder, g_ptr_array_index (grant->others, i));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/** okap_build_misuses: @rows: (element-type OkapMisuse): an array of those of the grant */
void
okap_build_misuses (JsonBuilder *builder, GListModel *rows, const OkapGrant *grant)
{
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (OkapMisuse) row = g_list_model_get_item (rows, i);

      if (!okap_misuse_is_of (row, grant->id, NULL))
        continue;
      json_builder_begin_object (builder);
      build_program (builder, okap_misuse_get_identity (row));
      json_builder_set_member_name (builder, "changed");
      json_builder_add_boolean_value (builder, okap_misuse_is_changed (row));
      okap_build_int (builder, "count", (gint64) MIN (okap_misuse_get_count (row), G_MAXINT64));
      okap_build_time (builder, "first", okap_misuse_get_first (row));
      okap_build_time (builder, "last", okap_misuse_get_last (row));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/** okap_build_grant: the members of a grant that lists show; the object is open already */
void
okap_build_grant (JsonBuilder *builder, const OkapGrant *grant, gint64 now_us)
{
  g_autofree char *bound_name = okap_grant_dup_bound_name (grant);

  okap_build_string (builder, "id", grant->id);
  okap_build_string (builder, "app", okap_grant_get_title (grant));
  okap_build_string (builder, "state", okap_build_get_state (grant, now_us));
  json_builder_set_member_name (builder, "providers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < grant->scopes->len; i++)
    {
      OkapScope *scope = g_ptr_array_index (grant->scopes, i);

      json_builder_add_string_value (builder, scope->provider);
    }
  json_builder_end_array (builder);
  okap_build_string (builder, "evidence", grant->evidence);
  okap_build_string (builder, "binding", okap_grant_get_binding (grant));
  okap_build_string (builder, "bound_name", bound_name);
  okap_build_time (builder, "created", grant->created_us);
  okap_build_time (builder, "expires", grant->expires_us);
}
