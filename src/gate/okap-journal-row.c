/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an earlier process left in a slot, as a row of usage. The file may hold anything: texts are
 * checked, numbers brought into bounds. */
#include "config.h"

#include "okap-journal-private.h"

#include <string.h>

#include "okap-money.h"

/** okap_journal_sum_lease: over all that is in use of it */
guint64
okap_journal_sum_lease (const OkapSlotLease *lease)
{
  return okap_journal_sum (lease, G_STRUCT_OFFSET (OkapSlotLease, text)
                                  + MIN (lease->text_bytes, OKAP_JOURNAL_TEXT_BYTES));
}

/* (transfer full): the next of the texts, never NULL */
static char *
take_text (const OkapSlotLease *lease, gsize *offset)
{
  gsize left = lease->text_bytes - *offset;
  const char *text = lease->text + *offset;
  gsize length = strnlen (text, left);

  *offset += MIN (length + 1, left);
  return g_utf8_make_valid (text, (gssize) length);
}

static OkapUsage *
read_lease (const OkapSlotLease *lease, gint64 spent_nusd)
{
  OkapUsage *usage = okap_usage_new ();
  gint64 most = lease->is_limited ? lease->reserved_nusd : OKAP_MONEY_MOST_NUSD;
  gsize offset = 0;

  usage->request_id = take_text (lease, &offset);
  usage->grant_id = take_text (lease, &offset);
  usage->provider = take_text (lease, &offset);
  usage->model_asked = take_text (lease, &offset);
  usage->endpoint = take_text (lease, &offset);
  usage->app = take_text (lease, &offset);
  usage->model_served = g_strdup ("");
  usage->started_us = lease->started_us;
  usage->cost_status = lease->is_priced ? OKAP_COST_ESTIMATED : OKAP_COST_UNKNOWN;
  if (lease->is_priced)
    usage->cost_nusd = CLAMP (spent_nusd, 0, MAX (most, 0));
  return usage;
}

static void
read_end (const OkapSlotEnd *end, OkapUsage *usage)
{
  usage->cost_nusd = MAX (end->cost_nusd, 0);
  usage->over_nusd = MAX (end->over_nusd, 0);
  usage->cost_status = end->cost_status < OKAP_N_COST_STATUSES ? (OkapCostStatus) end->cost_status
                                                               : OKAP_COST_ESTIMATED;
  usage->first_byte_us = end->first_byte_us;
  usage->duration_us = end->duration_us;
  usage->overhead_us = end->overhead_us;
  usage->bytes_in = end->bytes_in;
  usage->bytes_out = end->bytes_out;
  usage->http_status = MIN (end->http_status, 999);
  usage->key_version = end->key_version;
  usage->streamed = end->streamed != 0;
  if (end->error[0] != '\0')
    usage->error = g_utf8_make_valid (end->error,
                                      (gssize) strnlen (end->error, sizeof end->error));
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    usage->units.count[i] = end->units[i];
}

/**
 * okap_journal_read_slot:
 * @slot: in use
 *
 * A request that was settled is what it came to. Of one that was not, or of which the end was not
 * written whole, what it had come to is booked as an estimate.
 *
 * Returns: (transfer full) (nullable): NULL if it was not written whole
 */
OkapUsage *
okap_journal_read_slot (const OkapSlot *slot)
{
  const OkapSlotLease *lease = &slot->lease;
  OkapUsage *usage;

  if ((slot->state != OKAP_SLOT_RESERVED && slot->state != OKAP_SLOT_SETTLED)
      || lease->text_bytes > OKAP_JOURNAL_TEXT_BYTES
      || slot->lease_sum != okap_journal_sum_lease (lease))
    return NULL;
  usage = read_lease (lease, slot->spent_nusd);
  if (slot->state == OKAP_SLOT_SETTLED
      && slot->end_sum == okap_journal_sum (&slot->end, sizeof slot->end))
    read_end (&slot->end, usage);
  else
    usage->error = g_strdup ("interrupted");
  return usage;
}
