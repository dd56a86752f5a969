/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the queue share: how a question goes through it (okap-consent.c), and how
 * requests come to it and leave it (okap-consent-entry.c). */
#pragma once

#include "okap-consent.h"
#include "okap-error.h"

G_BEGIN_DECLS

#define OKAP_SESSION_ENDING "The session ends; ask again in the next one."

typedef enum
{
  OKAP_INQUIRY_QUEUED,
  OKAP_INQUIRY_UNLOCKING,
  OKAP_INQUIRY_CHECKING,
  OKAP_INQUIRY_ASKING,
  OKAP_INQUIRY_DONE,
} OkapInquiryState;

typedef struct
{
  gatomicrefcount ref_count;
  OkapConsent *consent;       /* (owned) */
  GPtrArray *waiters;         /* (owned) (element-type OkapWaiter) who asked; none when done */
  OkapQuestion *question;     /* (owned) */
  char *flood_key;            /* (owned) */
  OkapInquiryState state;
  gboolean attended;          /* a person sees it */
  gboolean noted;             /* it was shown once, and counted */
  guint serial;               /* of the prompt that may answer */
  GCancellable *prompt;       /* (owned) (nullable) of the prompt that is shown */
} OkapInquiry;

typedef struct
{
  OkapInquiry *pending;       /* (unowned) */
  GTask *task;                /* (owned) until answered */
  OkapAsk *ask;               /* (owned) */
  GSource *timeout;           /* (owned) (nullable) */
  GSource *gone;              /* (owned) (nullable) fires in our context when it is cancelled */
} OkapWaiter;

struct _OkapConsent
{
  GObject parent_instance;

  OkapVault *vault;           /* (owned) */
  OkapFlood *flood;           /* (unowned) outlives us */
  OkapPrompter *prompter;     /* (owned) (nullable) */
  OkapConsentCoverFunc cover; /* (nullable) */
  gpointer cover_data;
  GQueue queue;               /* (element-type OkapInquiry) owned; the head is the current one */
  gboolean advancing;
  gboolean held;              /* nothing is presented */
  guint missed;               /* how many came while it was */
  gboolean ending;            /* of the session: nothing is asked any more */
};

OkapInquiry *okap_inquiry_new       (OkapConsent *self, OkapQuestion *question,
                                     const char *flood_key, gboolean attended)
                                     G_GNUC_WARN_UNUSED_RESULT;
OkapInquiry *okap_inquiry_ref       (OkapInquiry *pending);
void         okap_inquiry_unref     (OkapInquiry *pending);
void         okap_inquiry_fail      (OkapInquiry *pending, GError *error);
void         okap_inquiry_fail_with (OkapInquiry *pending, OkapError code, const char *words);
void         okap_inquiry_note      (OkapInquiry *pending, OkapFloodAnswer answer);
void         okap_consent_advance   (OkapConsent *self);
void         okap_consent_tell_pending (OkapConsent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapInquiry, okap_inquiry_unref)

G_END_DECLS
