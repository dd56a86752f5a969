/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-caller.h"
#include "okap-grant.h"
#include "okap-key-info.h"
#include "okap-request.h"
#include "okap-secret.h"

G_BEGIN_DECLS

/* Told when a person sees the question, and when it is taken away to be asked again later. */
typedef void (*OkapAskShownFunc) (gboolean shown, gpointer user_data);

/* What an app asks, and how the question may be shown. */
typedef struct
{
  OkapRequest *request;          /* (owned) */
  OkapCaller *caller;            /* (owned) */
  OkapIdentity *bind_to;         /* (owned) (nullable) the program that shall use the token, if it
                                    is not the caller */
  guint wait_s;                  /* how long a person may take */
  gboolean silent;               /* answer from what is granted, or refuse; never show anything */
  gboolean redeemed;             /* the token is fetched with a code, perhaps by another program */
  char *parent_window;           /* (owned) (nullable) "x11:HEX" or "wayland:HANDLE", unchecked */
  char *activation_token;        /* (owned) (nullable) unchecked */
  char *match_code;              /* (owned) (nullable) two digits that the caller shows, too */
  OkapAskShownFunc shown;        /* (nullable) not called once the request is answered */
  gpointer shown_data;           /* (unowned) */
} OkapAsk;

OkapAsk *okap_ask_new  (OkapRequest *request, OkapCaller *caller) G_GNUC_WARN_UNUSED_RESULT;
OkapAsk *okap_ask_copy (const OkapAsk *ask) G_GNUC_WARN_UNUSED_RESULT;
void     okap_ask_free (OkapAsk *ask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapAsk, okap_ask_free)

/* Why the passphrase is wanted beside the click: okap-step-up.c. */
typedef enum
{
  OKAP_STEP_UP_NO_CAP = 1 << 0,       /* no limit of money */
  OKAP_STEP_UP_ALL_MODELS = 1 << 1,   /* all models, for a program that is not known */
  OKAP_STEP_UP_THRESHOLD = 1 << 2,    /* more money than the user's own threshold */
  OKAP_STEP_UP_WEBSITE = 1 << 3,      /* any website */
  OKAP_STEP_UP_UNATTENDED = 1 << 4,   /* the press came from no device that we saw */
} OkapStepUp;

/* The question that a person is asked. Constant, but for the number of those who wait. */
#define OKAP_TYPE_QUESTION (okap_question_get_type ())
G_DECLARE_FINAL_TYPE (OkapQuestion, okap_question, OKAP, QUESTION, GObject)

OkapQuestion *okap_question_new         (const OkapAsk *ask, GListModel *keys)
                                         G_GNUC_WARN_UNUSED_RESULT;
const OkapAsk *okap_question_get_ask    (OkapQuestion *self);
OkapRequest  *okap_question_get_request (OkapQuestion *self);
OkapCaller   *okap_question_get_caller  (OkapQuestion *self);
GListModel   *okap_question_get_keys    (OkapQuestion *self);
GPtrArray    *okap_question_list_keys   (OkapQuestion *self, const char *provider);
guint         okap_question_get_waiting (OkapQuestion *self);
void          okap_question_set_waiting (OkapQuestion *self, guint waiting);

/* How a refusal lasts. */
typedef enum
{
  OKAP_REFUSAL_ONCE,
  OKAP_REFUSAL_HOUR,     /* and ask nothing of this program for an hour */
  OKAP_REFUSAL_ALWAYS,   /* until the user ends it in the window */
  OKAP_REFUSAL_ALL,      /* and all that wait */
} OkapRefusal;

/* What the person said. The broker checks that nothing in it is wider than the request, and that
 * the passphrase came with what needs one. */
typedef struct
{
  gboolean allowed;
  OkapRefusal refusal; /* if not allowed */
  OkapGrantTerm term;  /* if allowed; a program that asks for itself is never given longer */
  gboolean portable;   /* any program may use the token */
  OkapSecret *passphrase;  /* (owned) (nullable) typed for this decision */
  GPtrArray *scopes;   /* (owned) (nullable) (element-type OkapScope) as narrowed, with key_id;
                          NULL: as asked, with the first key of each provider */
  gint64 expires_us;   /* 0: as asked */
} OkapDecision;

OkapDecision *okap_decision_new_refused (void) G_GNUC_WARN_UNUSED_RESULT;
OkapDecision *okap_decision_new_allowed (GPtrArray *scopes, gint64 expires_us)
                                         G_GNUC_WARN_UNUSED_RESULT;
void          okap_decision_free        (OkapDecision *decision);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapDecision, okap_decision_free)

/* Whoever can reach a person: GTK dialogs, the terminal, a script in tests. The only way to an
 * approval; nothing that another program can call leads here. Main thread. Both questions end
 * when the cancellable is cancelled (the caller hung up or time is over); they call back then, too.
 */
#define OKAP_TYPE_PROMPTER (okap_prompter_get_type ())
G_DECLARE_INTERFACE (OkapPrompter, okap_prompter, OKAP, PROMPTER, GObject)

struct _OkapPrompterInterface
{
  GTypeInterface parent_iface;

  void          (*ask_async)     (OkapPrompter *self, OkapQuestion *question,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
  OkapDecision *(*ask_finish)    (OkapPrompter *self, GAsyncResult *result, GError **error);

  /* Gets the vault unlocked; TRUE once it is. The question that waits for it is named in words. */
  void          (*unlock_async)  (OkapPrompter *self, OkapQuestion *question,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
  gboolean      (*unlock_finish) (OkapPrompter *self, GAsyncResult *result, GError **error);
};

void          okap_prompter_ask_async     (OkapPrompter *self, OkapQuestion *question,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);
OkapDecision *okap_prompter_ask_finish    (OkapPrompter *self, GAsyncResult *result, GError **error)
                                           G_GNUC_WARN_UNUSED_RESULT;
void          okap_prompter_unlock_async  (OkapPrompter *self, OkapQuestion *question,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean      okap_prompter_unlock_finish (OkapPrompter *self, GAsyncResult *result,
                                           GError **error);

G_END_DECLS
