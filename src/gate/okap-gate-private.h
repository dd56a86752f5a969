/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the gate share. */
#pragma once

#include "okap-gate.h"
#include "okap-journal.h"
#include "okap-ledger.h"

G_BEGIN_DECLS

typedef struct
{
  OkapScope *scope;      /* (owned) */
  OkapAccess *access;    /* (owned) (nullable) made when first asked for */
  OkapLedger *ledger;    /* (unowned) in the gate's ledgers */
} OkapGateDoor;

typedef struct
{
  OkapGrant *grant;      /* (owned) */
  guint8 token_hash[OKAP_TOKEN_HASH_BYTES];
  OkapGateDoor *doors;       /* (owned) one per scope of the grant */
  guint n_doors;
} OkapGateEntry;

/* A lease that an earlier process left open with work that goes on. */
typedef struct
{
  OkapLease lease;       /* without a ledger until its grant is here */
  char *ledger_key;      /* (owned) */
} OkapPastLease;

struct _OkapGate
{
  GMutex lock;
  OkapClock *clock;              /* (unowned) (immutable) */

  OkapSecret *token_key;         /* (owned) (nullable) (locked by lock) NULL while locked */
  gboolean paused;               /* (locked by lock) for all grants at once */
  GHashTable *by_id;             /* (owned) (locked by lock) id → Entry, which it owns */
  GHashTable *by_token;          /* (owned) (locked by lock) token_hash → Entry */
  GHashTable *origins;           /* (owned) (nullable) (locked by lock) origin → gint64 end: what
                                    websites have; NULL until asked for again */
  GHashTable *credentials;       /* (owned) (locked by lock) key id → OkapCredential */
  GHashTable *ledgers;           /* (owned) (locked by lock) id "/" provider → OkapLedger; none
                                    is ever taken out, so that open leases find theirs */

  GHashTable *past_leases;       /* (owned) (locked by lock) slot → OkapPastLease: open ones of an
                                    earlier process */
  OkapJournal *journal;          /* (owned) (nullable) (immutable) once opened; its slots are taken
                                    and put back with the lock */

  OkapGateCutFunc cut;           /* (immutable) once set */
  gpointer cut_data;
  OkapGateSettledFunc settled;   /* (immutable) once set */
  gpointer settled_data;
  OkapGateAlertFunc alert;       /* (immutable) once set */
  gpointer alert_data;
  OkapGateMisuseFunc misuse;     /* (immutable) once set */
  gpointer misuse_data;
  gboolean finish;               /* what runs when the vault locks (main thread) */
};

/* With the lock held. */
void      okap_gate_entry_free      (OkapGateEntry *entry);
OkapGateDoor *okap_gate_entry_find_door (OkapGateEntry *entry, const char *provider);

void      okap_gate_past_lease_free (gpointer data);
void      okap_gate_resume_leases   (OkapGate *gate, const char *ledger_key, OkapLedger *ledger);

gboolean  okap_gate_find_end        (const OkapGrant *grant, gint64 now_us, OkapError *out_why);
gboolean  okap_gate_check_state     (const OkapGate *gate, const OkapGrant *grant, gint64 now_us,
                                     GError **error);
GError   *okap_gate_refusal_to_error (const OkapRefusal *refusal, const char *provider)
                                      G_GNUC_WARN_UNUSED_RESULT;

/* Without the lock. */
void      okap_gate_journal_lease   (OkapGate *gate, const OkapAccess *access,
                                     const OkapAdmission *admission, const OkapLease *lease);
void      okap_gate_find_past_lease (OkapGate *gate, OkapLease *lease);
void      okap_gate_list_past_leases (OkapGate *gate);
void      okap_gate_journal_usage   (OkapGate *gate, const OkapLease *lease, OkapUsage *usage);

G_END_DECLS
