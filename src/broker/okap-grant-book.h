/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-broker.h"
#include "okap-grant-money.h"

G_BEGIN_DECLS

/* All grants while the vault is open: list, rows, gate and ends kept in step. Main thread. */
#define OKAP_TYPE_GRANT_BOOK (okap_grant_book_get_type ())
G_DECLARE_FINAL_TYPE (OkapGrantBook, okap_grant_book, OKAP, GRANT_BOOK, GObject)

OkapGrantBook *okap_grant_book_new        (OkapVault *vault, OkapStore *store, OkapGate *gate,
                                           OkapClock *clock) G_GNUC_WARN_UNUSED_RESULT;
GListModel    *okap_grant_book_get_list   (OkapGrantBook *self);
OkapGrant     *okap_grant_book_find       (OkapGrantBook *self, const char *id);

void           okap_grant_book_add_async  (OkapGrantBook *self, OkapGrant *grant,
                                           const OkapSecret *token, GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean       okap_grant_book_add_finish (OkapGrantBook *self, GAsyncResult *result,
                                           GError **error);
void           okap_grant_book_set_state_async  (OkapGrantBook *self, const char *id,
                                                 OkapGrantState state, const char *why,
                                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean       okap_grant_book_set_state_finish (OkapGrantBook *self, GAsyncResult *result,
                                                 GError **error);
/* These finish like a change of state. */
void           okap_grant_book_give_async      (OkapGrantBook *self, const char *id,
                                                OkapCaller *caller,
                                                GAsyncReadyCallback callback, gpointer user_data);
void           okap_grant_book_allow_async     (OkapGrantBook *self, const char *id,
                                                OkapIdentity *identity,
                                                GAsyncReadyCallback callback, gpointer user_data);
void           okap_grant_book_set_money_async (OkapGrantBook *self, const char *id,
                                                const OkapGrantMoney *money,
                                                GAsyncReadyCallback callback, gpointer user_data);
void           okap_grant_book_replace_async   (OkapGrantBook *self, OkapGrant *next,
                                                const char *words,
                                                GAsyncReadyCallback callback, gpointer user_data);
/* A revocation that can be taken back for some seconds; okap-grant-undo.c. */
void           okap_grant_book_revoke_async    (OkapGrantBook *self, const char *id,
                                                const char *why,
                                                GAsyncReadyCallback callback, gpointer user_data);
void           okap_grant_book_undo_async      (OkapGrantBook *self, const char *id,
                                                GAsyncReadyCallback callback, gpointer user_data);
void           okap_grant_book_wait_async  (OkapGrantBook *self, GAsyncReadyCallback callback,
                                             gpointer user_data);
gboolean       okap_grant_book_wait_finish (OkapGrantBook *self, GAsyncResult *result,
                                            GError **error);
/* A further token of a grant that lives; (transfer full) its next version, on the disk. */
void           okap_grant_book_give_again_async  (OkapGrantBook *self, const char *id,
                                                  const OkapSecret *token,
                                                  GAsyncReadyCallback callback,
                                                  gpointer user_data);
OkapGrant     *okap_grant_book_give_again_finish (OkapGrantBook *self, GAsyncResult *result,
                                                  GError **error);
void           okap_grant_book_withdraw   (OkapGrantBook *self, const char *id, const char *why);
gboolean       okap_grant_book_is_ready   (OkapGrantBook *self);
void           okap_grant_book_bind       (OkapGrantBook *self, const char *id, int pidfd);

G_END_DECLS
