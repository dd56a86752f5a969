/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of one exchange, and the proxy that lists them, share. The proxy's thread. */
#pragma once

#include "okap-address-filter.h"
#include "okap-batch-file.h"
#include "okap-body-edit.h"
#include "okap-demo.h"
#include "okap-body-digest.h"
#include "okap-exchange-money.h"
#include "okap-job-reader.h"
#include "okap-meter.h"
#include "okap-model-finder.h"
#include "okap-multipart.h"
#include "okap-proxy.h"
#include "okap-upstream.h"
#include "okap-usage-filter.h"

G_BEGIN_DECLS

struct _OkapProxy
{
  OkapGate *gate;           /* (unowned) */
  OkapClock *clock;         /* (unowned) */
  GMainContext *context;    /* (owned) */
  OkapUpstream *upstream;   /* (owned) */
  GQueue running;           /* of OkapExchange */
  gsize held_bytes;         /* of request bodies, by all of them */
  OkapBatchBook *batch_book; /* (owned) */
  guint64 next_id;          /* of requests */
  GHashTable *refused;      /* (owned) when a grant was last refused for a reason; in seconds */
  struct _OkapJobs *jobs;   /* (owned) */
  struct _OkapProxyPost *post; /* (owned) the way in from other threads */
  OkapProxyHealthFunc health;  /* (nullable) (immutable) once it runs */
  gpointer health_data;
};

/* Where an exchange stands; it only moves forward. */
typedef enum
{
  OKAP_EXCHANGE_GATHERING,  /* the body is collected whole, to be read */
  OKAP_EXCHANGE_HOLDING,    /* a form is held back until its model is known */
  OKAP_EXCHANGE_WAITING,    /* sent; no answer yet */
  OKAP_EXCHANGE_ANSWERING,  /* the head of the answer came */
  OKAP_EXCHANGE_OVER,       /* answered or gone */
} OkapExchangeState;

/* The key of an exchange, and what becomes of an answer that may speak of it. */
typedef struct
{
  OkapCredential *other;          /* (owned) (nullable) used after the access's own was refused */
  GByteArray *answer;             /* (owned) (nullable) an error: its beginning, or all if held */
  gboolean holding;               /* the app has seen nothing of it yet */
  gint64 until_us;                /* of a rate limit */
} OkapKeyUse;

typedef struct
{
  OkapProxy *proxy;               /* (unowned) */
  OkapHttpExchange *http;         /* (unowned) (nullable) NULL: the app is gone, what runs is
                                     finished and counted */
  GList link;                     /* in proxy->running */
  OkapExchangeState state;
  OkapAccess *access;             /* (owned) */
  OkapRoute route;                /* (owned) */
  char token[OKAP_TOKEN_LENGTH];  /* as it came; wiped */
  char id[16];                    /* x-okap-request-id */
  gboolean counted;               /* takes from the limits and makes a usage row */
  gboolean wants_trailers;

  /* the request */
  char *model;                    /* (owned) (nullable) canonical */
  OkapLease lease;
  OkapExchangeMoney money;
  char *edits;                    /* (owned) (nullable) what was changed in it, in words */
  OkapModelFinding finding;       /* (owned) */
  OkapMultipart *form;            /* (owned) (nullable) while its bytes are looked at */
  char *body;                     /* (owned) (nullable) [body_pos, body_end) is not sent */
  gsize body_room, body_pos, body_end;
  gint64 bytes_in;
  OkapBodyDigester *digester;         /* (owned) (nullable) while the body comes */
  OkapBodyDigest digest_in;           /* of the body as it came, once all of it did */
  OkapBodyDigest digest_out;          /* as it left, if it was changed */
  OkapBatchFile *upload;          /* (owned) (nullable) what the form in the body asks for */
  GString *upload_answer;         /* (owned) (nullable) as it comes */
  gboolean streams_up;            /* the body is sent while it comes */
  gboolean body_done;
  gboolean app_paused;            /* we take no more of the body */

  /* the answer */
  OkapTransfer *transfer;         /* (nullable) while it runs */
  OkapDemo *demo;                 /* (nullable) while it runs */
  OkapMeter meter;
  OkapJobReader *job;             /* (owned) (nullable) of an endpoint whose work may go on */
  OkapKeyUse key;
  guint status;
  char *headers;                  /* (owned) (nullable) of a head that is not sent yet */
  gint64 content_length;
  gint64 bytes_out;
  gboolean head_sent;
  gboolean blocked;               /* the app does not take more */
  OkapAddressFilter *addresses;   /* (owned) (nullable) while addresses are looked for */
  GString *addressed;             /* (owned) (nullable) what the filter let pass last */
  gint64 whole_length;            /* of the answer as it comes; -1 if it is not known */
  OkapUsageFilter *filter;        /* (owned) (nullable) takes out what was added for us */
  GString *passing;               /* (owned) (nullable) what it lets pass */
  GString *tail;                  /* (owned) (nullable) an event that may be too much */
  gboolean within_event;          /* the app has a part of the running event */
  gboolean has_part;              /* and a whole one before it */
  gboolean complete;              /* the provider sent all of it */
  gboolean unsent;                /* nothing of the request reached the provider */
  GSource *finish_timer;          /* (owned) (nullable) */

  /* times: monotonic, microseconds */
  gint64 arrived_us;
  gint64 sent_us;
  gint64 first_byte_us;
  gint64 last_byte_us;
  gint64 overhead_us;             /* spent here before the request left */
  gboolean settled;
} OkapExchange;

/* request side */
void okap_exchange_begin  (OkapProxy *proxy, OkapHttpExchange *http, const OkapHttpHead *head,
                           OkapAccess *access, OkapRoute *route,
                           const char token[OKAP_TOKEN_LENGTH], gint64 arrived_us);
void okap_exchange_cut    (OkapExchange *exchange, OkapError why);
void okap_exchange_refuse (OkapExchange *exchange, GError *error, guint retry_after_s);
void okap_exchange_send   (OkapExchange *exchange);
void okap_exchange_stop_upstream (OkapExchange *exchange);
void okap_exchange_free   (OkapExchange *exchange);

/* answer side */
extern const OkapTransferHandler okap_exchange_answer;
extern const OkapTransferHandler okap_exchange_answer_streaming;

void okap_exchange_break_off (OkapExchange *exchange, const GError *error);
void okap_exchange_drained   (OkapExchange *exchange);

/* files of requests */
gboolean okap_exchange_read_upload  (OkapExchange *exchange, GError **error);
gboolean okap_exchange_read_batch   (OkapExchange *exchange, GError **error);
void     okap_exchange_take_upload_answer (OkapExchange *exchange, const char *data, gsize length);
void     okap_exchange_keep_upload  (OkapExchange *exchange);
void     okap_exchange_clear_upload (OkapExchange *exchange);

/* addresses in the answer */
char          *okap_exchange_address_header (OkapExchange *exchange, const char *headers);
void           okap_exchange_address_begin  (OkapExchange *exchange, const char *content_type);
const char    *okap_exchange_address_take   (OkapExchange *exchange, const char *data,
                                             gsize *length);
const GString *okap_exchange_address_finish (OkapExchange *exchange);
void           okap_exchange_address_clear  (OkapExchange *exchange);

/* the key */
void     okap_exchange_key_head    (OkapExchange *exchange, const char *headers);
gboolean okap_exchange_key_take    (OkapExchange *exchange, const char *data, gsize length);
gboolean okap_exchange_key_judge   (OkapExchange *exchange);
void     okap_exchange_key_release (OkapExchange *exchange);
void     okap_exchange_key_clear   (OkapExchange *exchange);
void     okap_key_use_report       (OkapProxy *proxy, OkapCredential *credential,
                                    OkapKeyClass class, guint status, gint64 until_us);

/* without the app */
gboolean okap_exchange_leave      (OkapExchange *exchange);
void     okap_exchange_free_later (OkapExchange *exchange);

/* predictions */
gint64       okap_exchange_get_most_ms (const OkapExchange *exchange);
gboolean     okap_exchange_must_end    (const OkapExchange *exchange);
OkapHttpHead okap_exchange_add_end     (const OkapHttpHead *head,
                                        OkapHttpHeader lines[OKAP_CAP_HEADERS + 1]);

/* money, before it is sent */
void     okap_exchange_measure_sound (OkapExchange *exchange);
gboolean okap_exchange_plan (OkapExchange *exchange, OkapAdmission *admission, GError **error);
gboolean okap_exchange_fit  (OkapExchange *exchange, const OkapAdmission *admission,
                             GError **error);

/* money, while it runs */
gboolean okap_exchange_pass_on    (OkapExchange *exchange, const char *data, gsize length);
gboolean okap_exchange_is_array   (const OkapExchange *exchange);
void     okap_exchange_pass_rest  (OkapExchange *exchange);
void     okap_exchange_send_head  (OkapExchange *exchange);

/* accounts */
gboolean         okap_exchange_lookup_price (const OkapExchange *exchange, const char *model,
                                             OkapPrice *out_price);
void             okap_exchange_count_running (OkapExchange *exchange);
OkapUsage       *okap_exchange_settle (OkapExchange *exchange, guint status, const GError *error);
void             okap_exchange_note_refused (OkapExchange *exchange, const GError *error);

/* a body on its way up */
void     okap_exchange_digest_body (OkapExchange *exchange, const char *data, gsize length);
gboolean okap_exchange_append_body (OkapExchange *exchange, const char *data, gsize length);
gssize   okap_exchange_read_body   (OkapExchange *exchange, char *room, gsize length);
void     okap_exchange_drop_body   (OkapExchange *exchange);
void     okap_exchange_edit_body   (OkapExchange *exchange, const OkapBodyEdits *edits);

G_END_DECLS
