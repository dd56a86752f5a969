/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-grant.h"
#include "okap-question.h"

G_BEGIN_DECLS

/* How a refusal lasts. */
typedef enum
{
  OKAP_REFUSAL_ONCE,
  OKAP_REFUSAL_HOUR,     /* and ask nothing of this program for an hour */
  OKAP_REFUSAL_ALWAYS,   /* until the user ends it in the window */
  OKAP_REFUSAL_ALL,      /* and all that wait */
  OKAP_REFUSAL_DISMISSED,  /* the question was closed: not now */
} OkapRefusal;

/* What the person said. The broker checks that nothing in it is wider than the request, and that
 * the passphrase was typed for what needs it: okap_question_find_step_up(). */
typedef struct
{
  gboolean allowed;
  OkapRefusal refusal; /* if not allowed */
  OkapGrantTerm term;  /* if allowed; a program that asks for itself is never given longer */
  gboolean portable;   /* any program may use the token */
  gboolean unattended; /* the press came from no device that was seen */
  OkapProof *proof;    /* (owned) (nullable) from okap_question_prove_finish() */
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

  /* (nullable): whether a person sees what is asked; TRUE without it. Nobody has to be spared
   * questions that nobody sees. */
  gboolean      (*is_attended)   (OkapPrompter *self);
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
gboolean      okap_prompter_is_attended   (OkapPrompter *self);

G_END_DECLS
