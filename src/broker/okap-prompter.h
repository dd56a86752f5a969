/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-caller.h"
#include "okap-key-info.h"
#include "okap-request.h"

G_BEGIN_DECLS

/* The question that a person is asked. Constant, but for the number of those who wait. */
#define OKAP_TYPE_QUESTION (okap_question_get_type ())
G_DECLARE_FINAL_TYPE (OkapQuestion, okap_question, OKAP, QUESTION, GObject)

OkapQuestion *okap_question_new         (OkapRequest *request, OkapCaller *caller,
                                         GListModel *keys) G_GNUC_WARN_UNUSED_RESULT;
OkapRequest  *okap_question_get_request (OkapQuestion *self);
OkapCaller   *okap_question_get_caller  (OkapQuestion *self);
GListModel   *okap_question_get_keys    (OkapQuestion *self);
GPtrArray    *okap_question_list_keys   (OkapQuestion *self, const char *provider);
guint         okap_question_get_waiting (OkapQuestion *self);
void          okap_question_set_waiting (OkapQuestion *self, guint waiting);

/* What the person said. The broker checks that nothing in it is wider than the request. */
typedef struct
{
  gboolean allowed;
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
