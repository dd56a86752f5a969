/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of capabilities on the wire, and which of them stand for each other. */
#include "config.h"

#include "okap-capability.h"

static const struct
{
  OkapCapability capability;
  const char *name;
} table[OKAP_N_CAPABILITIES] = {
  { OKAP_CAPABILITY_CHAT, "chat" },
  { OKAP_CAPABILITY_COMPLETIONS, "completions" },
  { OKAP_CAPABILITY_EMBEDDINGS, "embeddings" },
  { OKAP_CAPABILITY_IMAGES, "images" },
  { OKAP_CAPABILITY_AUDIO, "audio" },
  { OKAP_CAPABILITY_VISION, "vision" },
  { OKAP_CAPABILITY_CODE, "code" },
  { OKAP_CAPABILITY_MODERATION, "moderation" },
};

/** okap_capability_from_name: the capability called @name, or %OKAP_CAPABILITY_NONE */
OkapCapability
okap_capability_from_name (const char *name)
{
  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    if (g_str_equal (table[i].name, name))
      return table[i].capability;
  return OKAP_CAPABILITY_NONE;
}

/** okap_capability_get_name: (transfer none): the wire name of exactly one capability */
const char *
okap_capability_get_name (OkapCapability capability)
{
  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    if (table[i].capability == capability)
      return table[i].name;
  return "none";
}

/** okap_capability_dup_names: (transfer full): wire names of a set, in the order of the draft */
char **
okap_capability_dup_names (OkapCapability capabilities)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    if ((capabilities & table[i].capability) != 0)
      g_strv_builder_add (names, table[i].name);
  return g_strv_builder_end (names);
}

/**
 * okap_capability_usable:
 * @granted: what a person allowed
 *
 * Returns: @granted as endpoints ask for it: who may do vision or code may call the chat endpoints
 */
OkapCapability
okap_capability_usable (OkapCapability granted)
{
  if ((granted & (OKAP_CAPABILITY_VISION | OKAP_CAPABILITY_CODE)) != 0)
    granted |= OKAP_CAPABILITY_CHAT;
  return granted;
}
