/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"
#include "okap-rate.h"

G_BEGIN_DECLS

/* The limits of money that have windows, in the order of OkapLimit: month, day, ever. */
#define OKAP_N_WINDOWS (OKAP_LIMIT_TOTAL_SPEND + 1)

/* What was spent and is set aside in one span of time. */
typedef struct
{
  gint64 start_us;            /* wall time */
  gint64 end_us;              /* wall time; 0: none was counted yet; G_MAXINT64: no end */
  gint64 settled_nusd;        /* may be below zero after a correction */
  gint64 reserved_nusd;       /* of leases that started in it and run */
  guint alerted;              /* percent of the limit that was last told of; 0: nothing */
} OkapSpendWindow;

/* The account of one scope: what is used under its limits. Plain data without a lock; whoever
 * owns it guards it. */
typedef struct _OkapLedger
{
  OkapLimits limits;          /* of the newest version of the grant */
  OkapExtra extra;            /* likewise; counts only in the day that ends with it */
  GTimeZone *zone;            /* (owned) */
  OkapSpendWindow windows[OKAP_N_WINDOWS];
  OkapRate rate;
  guint running;              /* leases that are open */
} OkapLedger;

/* Why a request does not fit. */
typedef struct
{
  OkapLimit limit;            /* that it does not fit under */
  gboolean is_unpriced;       /* no price, so that it fits under no limit of money */
  gint64 cap;                 /* this and what follows in the limit's own unit */
  gint64 settled;
  gint64 reserved;
  gint64 needed;              /* the least that would have been of use */
  gint64 resets_us;           /* wall time; 0: never */
  guint wait_s;               /* until it may fit; 0: waiting alone does not help */
} OkapRefusal;

/* What a settled lease came to. */
typedef struct
{
  gint64 booked_nusd;
  gint64 over_nusd;           /* what no limit had room for */
  guint n_alerts;
  OkapStanding alerts[OKAP_N_WINDOWS];
  guint percents[OKAP_N_WINDOWS];
} OkapSettlement;

OkapLedger *okap_ledger_new         (void) G_GNUC_WARN_UNUSED_RESULT;
void        okap_ledger_free        (OkapLedger *ledger);
void        okap_ledger_set_limits  (OkapLedger *ledger, const OkapLimits *limits,
                                     GTimeZone *zone, gint64 now_us);
void        okap_ledger_set_extra   (OkapLedger *ledger, const OkapExtra *extra);
void        okap_ledger_restore     (OkapLedger *ledger, const OkapPast *past, gint64 now_us,
                                     gint64 monotonic_us);

void        okap_ledger_roll        (OkapLedger *ledger, gint64 now_us);
gint64      okap_ledger_get_cap     (const OkapLedger *ledger, OkapLimit limit);
gint64      okap_ledger_get_room    (const OkapLedger *ledger, OkapLimit limit);
gboolean    okap_ledger_admit       (OkapLedger *ledger, const OkapAdmission *admission,
                                     gint64 now_us, gint64 monotonic_us, OkapLease *out_lease,
                                     OkapRefusal *out_refusal);
void        okap_ledger_settle      (OkapLedger *ledger, const OkapLease *lease, gint64 cost_nusd,
                                     gint64 tokens, gint64 now_us, OkapSettlement *out_settlement);
void        okap_ledger_resume      (OkapLedger *ledger, OkapLease *lease, gint64 now_us,
                                     gint64 monotonic_us);
void        okap_ledger_correct     (OkapLedger *ledger, gint64 nusd, gint64 now_us);
OkapStanding okap_ledger_get_money  (const OkapLedger *ledger, OkapLimit limit);
guint       okap_ledger_get_standings (OkapLedger *ledger, gint64 now_us, gint64 monotonic_us,
                                       OkapStanding out_standings[OKAP_N_LIMITS]);

G_END_DECLS
