/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-caller.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-grant.h"
#include "okap-provider.h"
#include "okap-secret.h"
#include "okap-token.h"
#include "okap-usage.h"

G_BEGIN_DECLS

/* Admission to the proxy: what is allowed, in memory, under one short lock without I/O. Safe from
 * any thread. The broker fills it while the vault is unlocked; the proxy asks it. */
typedef struct _OkapGate OkapGate;

/* A provider key in use: where to send, and with what. Constant, shared by reference. */
#define OKAP_TYPE_CREDENTIAL (okap_credential_get_type ())
typedef struct _OkapCredential OkapCredential;
struct _OkapCredential
{
  gatomicrefcount ref_count;
  char *key_id;             /* (owned) */
  OkapProvider *provider;   /* (owned) */
  char *base_url;           /* (owned) without a trailing slash */
  OkapSecret *key;          /* (owned) (nullable) NULL for providers without keys */
  OkapSecret *second;       /* (owned) (nullable) the key's second value: see a row's "second" */
  guint version;            /* of the key: 1, and higher each time that it was replaced */
  OkapCredential *previous; /* (owned) (nullable) the version before, while this one is watched */
  gint last_class;          /* (atomic) the proxy's: OkapKeyClass of the last answer */
  gint n_good;              /* (atomic) the proxy's: answers that took a good key */
};

GType           okap_credential_get_type (void) G_GNUC_CONST;
OkapCredential *okap_credential_new      (const char *key_id, OkapProvider *provider,
                                          const char *base_url, OkapSecret *key)
                                          G_GNUC_WARN_UNUSED_RESULT;
OkapCredential *okap_credential_ref      (OkapCredential *credential);
void            okap_credential_unref    (OkapCredential *credential);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapCredential, okap_credential_unref)

/* What a token opens at one provider, as of now. Constant, shared by reference. */
#define OKAP_TYPE_ACCESS (okap_access_get_type ())
typedef struct
{
  gatomicrefcount ref_count;
  OkapGrant *grant;             /* (owned) */
  OkapScope *scope;             /* (owned) */
  OkapCredential *credential;   /* (owned) */
} OkapAccess;

GType       okap_access_get_type (void) G_GNUC_CONST;
OkapAccess *okap_access_ref      (OkapAccess *access);
void        okap_access_unref    (OkapAccess *access);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapAccess, okap_access_unref)

#define OKAP_PRICE_IS_UNKNOWN (-1)

/* What a request wants, once its endpoint and model are known. Money in nano-dollars. */
typedef struct
{
  OkapCapability capability;  /* none for lists */
  const char *model;          /* (nullable) canonical; NULL if the endpoint has no model */
  gboolean counted;           /* whether it takes from the limits; lists do not */
  const char *request_id;     /* for the journal; lent */
  const char *endpoint;       /* (nullable) likewise: the path after the provider */
  gint64 worst_nusd;          /* that it can cost; %OKAP_PRICE_IS_UNKNOWN: nobody knows */
  gint64 worst_tokens;        /* that it can read and write */
  gint64 least_nusd;          /* with a lease below this it is of no use; = worst_nusd if it can
                                 be neither cut nor made smaller */
  gint64 least_tokens;        /* likewise */
} OkapAdmission;

/* What an admitted request may use; part of the limits until it is settled. Plain data. */
typedef struct
{
  gint64 nusd;                /* it may cost so much; G_MAXINT64: no limit of money */
  gint64 tokens;              /* it may read and write so many; G_MAXINT64: no limit of tokens */
  gint64 remaining_nusd;      /* under the narrowest limit, with this lease taken; -1: no limit */
  /*< private >*/
  gboolean is_open;           /* admitted and not yet settled */
  struct _OkapLedger *ledger; /* (unowned) (nullable) lives as long as the gate; NULL: free */
  guint slot;                 /* of the journal; 0: none */
  gboolean is_job;            /* more of it is kept beside the journal */
  gboolean is_past;           /* an earlier process admitted it; the gate knows its ledger */
  gint64 reserved_nusd;       /* in each window below, and ever */
  gint64 started_us;          /* wall time: its costs belong to the day and month of its start */
  gint64 month_end_us;
  gint64 day_end_us;
  guint64 rate_number;        /* of its entry among the requests of the last minute */
} OkapLease;

/* A request of the minute before this process began. */
typedef struct
{
  gint64 started_us;          /* wall time */
  gint64 tokens;
} OkapPastRequest;

/* What a grant used at one provider before this process knew it. */
typedef struct
{
  const char *provider;       /* (unowned) */
  gint64 day_start_us;        /* wall time, in the zone of the grant */
  gint64 month_start_us;
  gint64 requests_day;
  gint64 nusd_day;
  gint64 nusd_month;
  gint64 nusd_total;
  GArray *minute;             /* (owned) (nullable) (element-type OkapPastRequest) oldest first */
} OkapPast;

/* How a limit of a scope stands. In its own unit: nano-dollars or a count. */
typedef struct
{
  OkapLimit limit;
  gint64 cap;
  gint64 settled;
  gint64 reserved;
  gint64 resets_us;           /* wall time; 0: never, or with each request */
} OkapStanding;

/* Told when what is settled under a limit of money has reached a part of it: 50, 80, 95 or 100.
 * At most once for each in a window, and only of the highest when several are reached at once;
 * without the gate's lock, from the thread that settled. */
typedef void (*OkapGateAlertFunc) (OkapGrant *grant, const char *provider,
                                   const OkapStanding *standing, guint percent,
                                   gpointer user_data);

/* Told when running requests of a grant must stop: revoked, paused, expired or locked; @grant_id is
 * NULL for all of them. Called without the gate's lock, from the thread that made the change; posts
 * to its own thread. */
typedef void (*OkapGateCutFunc) (const char *grant_id, OkapError why, gpointer user_data);

/* Told of each use once it is over, from the thread that settled it. */
typedef void (*OkapGateSettledFunc) (OkapUsage *usage, gpointer user_data);

/* Told when a program that a grant was not given to has used its token; it was refused. Without
 * the gate's lock, from the thread that asked; each time, so the receiver bounds what it keeps. */
typedef void (*OkapGateMisuseFunc) (OkapGrant *grant, OkapCaller *caller, gpointer user_data);

OkapGate   *okap_gate_new           (OkapClock *clock) G_GNUC_WARN_UNUSED_RESULT;
void        okap_gate_free          (OkapGate *gate);
void        okap_gate_set_cut_func  (OkapGate *gate, OkapGateCutFunc func, gpointer user_data);
void        okap_gate_set_settled_func (OkapGate *gate, OkapGateSettledFunc func,
                                        gpointer user_data);

void        okap_gate_set_misuse_func (OkapGate *gate, OkapGateMisuseFunc func,
                                       gpointer user_data);
void        okap_gate_set_alert_func (OkapGate *gate, OkapGateAlertFunc func, gpointer user_data);

/* The journal: leases on disk. What an earlier process left there is given to the store before any
 * grant comes in; the store says when a row is kept, and its slot is free again. */
gboolean    okap_gate_open_journal  (OkapGate *gate, const char *path, GError **error);
GPtrArray  *okap_gate_list_left     (OkapGate *gate) G_GNUC_WARN_UNUSED_RESULT;
void        okap_gate_release_slots (OkapGate *gate, GPtrArray *rows);

/* Work that goes on at a provider after its request was answered. What has to be known of it is
 * kept, so that the next process goes on with it. */
typedef struct
{
  OkapLease lease;
  OkapUsage *usage;           /* (owned) of its request, cut as in the journal */
  char *text;                 /* (owned) as it was given to okap_gate_keep_job() */
} OkapGateJob;

void        okap_gate_keep_job      (OkapGate *gate, OkapLease *lease, const char *request_id,
                                     const char *text);
GPtrArray  *okap_gate_list_jobs     (OkapGate *gate) G_GNUC_WARN_UNUSED_RESULT;
void        okap_gate_job_free      (gpointer data);
gboolean    okap_gate_is_unlocked   (OkapGate *gate);

/* The panic switch. While paused no token opens anything; what runs is cut when it begins. */
void        okap_gate_set_paused    (OkapGate *gate, gboolean paused);
gboolean    okap_gate_is_paused     (OkapGate *gate);

/* The broker's side. */
void        okap_gate_unlock        (OkapGate *gate, OkapSecret *token_key);
void        okap_gate_lock          (OkapGate *gate);
void        okap_gate_set_finish    (OkapGate *gate, gboolean finish);
void        okap_gate_cut_all       (OkapGate *gate);
void        okap_gate_put_credential (OkapGate *gate, OkapCredential *credential);
void        okap_gate_remove_credential (OkapGate *gate, const char *key_id);
void        okap_gate_put_grant     (OkapGate *gate, OkapGrant *grant,
                                     const guint8 token_hash[OKAP_TOKEN_HASH_BYTES]);
void        okap_gate_remove_grant  (OkapGate *gate, const char *grant_id);
void        okap_gate_restore_grant (OkapGate *gate, OkapGrant *grant,
                                     const guint8 token_hash[OKAP_TOKEN_HASH_BYTES],
                                     const OkapPast *pasts, guint n_pasts);
gboolean    okap_gate_correct       (OkapGate *gate, const char *grant_id, const char *provider,
                                     gint64 nusd);

/* The proxy's side. */
OkapAccess *okap_gate_identify      (OkapGate *gate, const char *token, gsize length,
                                     const char *provider, OkapCaller *caller, GError **error)
                                     G_GNUC_WARN_UNUSED_RESULT;
OkapAccess *okap_gate_dup_access    (OkapGate *gate, const char *grant_id,
                                     const char *provider) G_GNUC_WARN_UNUSED_RESULT;
OkapGrant  *okap_gate_lookup_grant  (OkapGate *gate, const char *token, gsize length,
                                     OkapCaller *caller, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean    okap_gate_has_origin    (OkapGate *gate, const char *origin);
gboolean    okap_gate_admit         (OkapGate *gate, OkapAccess *access,
                                     const OkapAdmission *admission, OkapLease *out_lease,
                                     guint *out_retry_after_s, GError **error)
                                     G_GNUC_WARN_UNUSED_RESULT;
void        okap_gate_note_spent    (OkapGate *gate, const OkapLease *lease, gint64 spent_nusd);
void        okap_gate_settle        (OkapGate *gate, OkapLease *lease, OkapUsage *usage);
void        okap_gate_tell_refused  (OkapGate *gate, OkapUsage *usage);
guint       okap_gate_get_standings (OkapGate *gate, const char *grant_id, const char *provider,
                                     OkapStanding out_standings[OKAP_N_LIMITS]);

G_END_DECLS
