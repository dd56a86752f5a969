/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the transport: the table of routes, and one call on its way through the threads. */
#pragma once

#include "okap-pending.h"
#include "okap-transport.h"

G_BEGIN_DECLS

typedef struct _OkapCall OkapCall;

typedef enum
{
  OKAP_DOOR_CONTROL = 1 << 0,  /* only on the Unix socket; elsewhere the path does not exist */
  OKAP_DOOR_JSON = 1 << 1,     /* the body must say that it is application/json */
  OKAP_DOOR_SECRET = 1 << 2,   /* the body is a secret as raw bytes: application/octet-stream */
  OKAP_DOOR_ID = 1 << 3,       /* the path ends in a slash; what follows is an id */
  OKAP_DOOR_NARROWS = 1 << 4,  /* a control that changes nothing, or only takes away: the others are
                                  refused while Okap is restricted */
} OkapDoorFlags;

/* A row of the table in okap-routes.c. */
typedef struct
{
  const char *method;
  const char *path;
  OkapDoorFlags flags;
  gsize most_bytes;                                   /* of the body */
  gboolean (*check) (OkapCall *call, GError **error); /* (nullable) HTTP thread: well formed? */
  void (*serve) (OkapCall *call);                     /* main thread: must lead to one answer */
} OkapDoorRoute;

struct _OkapTransport
{
  gatomicrefcount ref_count;     /* one of the owner, one of each call */
  GMainContext *context;         /* (owned) (immutable) of the HTTP thread */
  OkapGate *gate;                /* (immutable) lent by the broker, usable from any thread */
  OkapBroker *broker;            /* (owned) (nullable) main thread; NULL once freed */
  OkapPending *pending;          /* (owned) main thread */
  GMutex lock;
  char *origin;                  /* (owned) (nullable) by lock */
  char *socket;                  /* (owned) (nullable) by lock */
};

/* One request. It is made on the HTTP thread, handed to the main thread as a whole, and its answer
 * is handed back; a field is used by one thread at a time unless it says otherwise. */
struct _OkapCall
{
  gatomicrefcount ref_count;
  OkapTransport *transport;      /* (owned) */
  const OkapDoorRoute *route;
  OkapHttpExchange *exchange;    /* (nullable) HTTP thread always; NULL once it is over */
  OkapCaller *caller;            /* (owned) */
  char *query;                   /* (owned) (nullable) */
  char *id;                      /* (owned) (nullable) the rest of the path */
  char *body;                    /* (owned) (nullable) room for most_bytes; wiped */
  gsize length;
  gboolean complete;             /* HTTP thread: the body is, and the call went on */
  OkapSecret *secret;            /* (owned) (nullable) the body of a route for secrets */
  OkapRequest *request;          /* (owned) (nullable) what the body asks for */
  OkapGrant *grant;              /* (owned) (nullable) whose token came */
  char *code;                    /* (owned) (nullable) to be redeemed */
  char *link;                    /* (owned) (nullable) to be opened */
  char *match_code;              /* (owned) (nullable) that the dialog will show */
  char *verifier;                /* (owned) (nullable) of the code; wiped */
  guint wait_s;
  gboolean respond_async;
  int pidfd;                     /* (owned) -1 if none */
  GCancellable *cancellable;     /* (owned) cancelled on the main thread when the caller is gone */
  guint retry_after_s;           /* that the answer names; 0: none */
  char *given_grant_id;          /* (owned) (nullable) its token is in the answer */
};

const OkapDoorRoute *okap_routes_find (const OkapHttpHead *head, GError **error);
char     *okap_routes_dup_methods     (const OkapHttpHead *head);

OkapTransport *okap_transport_ref     (OkapTransport *transport);
void      okap_transport_unref        (OkapTransport *transport);
char     *okap_transport_dup_origin   (OkapTransport *transport);
char     *okap_transport_dup_socket   (OkapTransport *transport);

void      okap_call_start             (OkapTransport *transport, const OkapDoorRoute *route,
                                       OkapHttpExchange *exchange, const OkapHttpHead *head);
OkapCall *okap_call_ref               (OkapCall *call);
void      okap_call_unref             (OkapCall *call);
char     *okap_call_dup_param         (OkapCall *call, const char *name);
void      okap_call_answer            (OkapCall *call, guint status, char *text);
void      okap_call_answer_builder    (OkapCall *call, guint status, JsonBuilder *builder);
void      okap_call_answer_error      (OkapCall *call, const GError *error);
gboolean  okap_call_needs_unlocked    (OkapCall *call);
gboolean  okap_call_needs_secret      (OkapCall *call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapCall, okap_call_unref)

G_END_DECLS
