/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the broker share: the way of a request (okap-broker.c), and the rules about
 * asking, which the user may see and change (okap-broker-rules.c). */
#pragma once

#include "okap-broker.h"
#include "okap-consent.h"
#include "okap-credentials.h"
#include "okap-grant-book.h"
#include "okap-identify.h"

G_BEGIN_DECLS

struct _OkapBroker
{
  GObject parent_instance;

  OkapVault *vault;      /* (owned) */
  OkapStore *store;      /* (owned) */
  OkapGate *gate;        /* (unowned) */
  OkapClock *clock;      /* (unowned) */
  OkapConsent *consent;  /* (owned) */
  OkapGrantBook *book;   /* (owned) */
  OkapIdentifier *identifier;  /* (owned) */
  OkapCredentials *credentials;  /* (owned) */
  OkapCodes *codes;      /* (owned) */
  OkapAlerts *alerts;    /* (owned) */
  OkapKeyCare *key_care; /* (owned) */
  OkapMisuseWatch *misuse_watch;  /* (owned) */
  OkapPriceSeal *price_seal;  /* (owned) */
  OkapFlood *flood;      /* (owned) */
  guint pause_id;        /* until the next pause is over */
  OkapThreshold threshold;
  char *asking_path;     /* (owned) (nullable) where the rules about asking are kept */
  gboolean asking_read;  /* and what is there was checked, so that it may be replaced */
  gboolean paused;       /* all apps are */
  gboolean pause_unsure; /* the store is being asked whether they were */
  char *paused_path;     /* (owned) (nullable) of the file that says so */
  gboolean was_open;
  gboolean restricted;
};

void  okap_broker_start_rules      (OkapBroker *self);
void  okap_broker_check_rules      (OkapBroker *self);
void  okap_broker_check_paused     (OkapBroker *self);
GError *okap_broker_make_paused_error (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean okap_broker_refuse_restricted (GTask *task);
char *okap_broker_find_covering    (OkapBroker *self, const OkapAsk *ask);
void  okap_broker_end_with_program (OkapBroker *self, const OkapGrant *grant,
                                    const OkapCaller *caller);

G_END_DECLS
