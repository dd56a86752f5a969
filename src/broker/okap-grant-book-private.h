/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the book of grants share: changes of grants (okap-grant-book.c), and the
 * opening and closing of the vault (okap-grant-book-open.c). */
#pragma once

#include "okap-grant-book.h"
#include "okap-process-watch.h"

G_BEGIN_DECLS

struct _OkapGrantBook
{
  GObject parent_instance;

  OkapVault *vault;      /* (owned) */
  OkapStore *store;      /* (owned) */
  OkapGate *gate;        /* (unowned) outlives us */
  OkapClock *clock;      /* (unowned) */
  GListStore *list;      /* (owned) (element-type OkapGrantItem) newest first */
  GHashTable *hashes;    /* (owned) grant id → token hash */
  OkapProcessWatch *processes;  /* (owned) those that grants of okap run hang on */
  GHashTable *undos;     /* (owned) grant id → Undo: see okap-grant-undo.c */
  GHashTable *unkept;    /* (owned) grant id → state that holds, but could not be written */
  OkapSecret *tag_key;   /* (owned) (nullable) NULL while locked */
  guint epoch;           /* of the unlocked time; answers of an earlier one are dropped */
  gboolean loading;      /* the vault is open, its grants are being read */
  GPtrArray *waiting;    /* (owned) (element-type GTask) until they are read */
  guint expiry_id;
  guint again_id;        /* to read the grants, after they could not be read */
  gboolean load_failed;  /* the last time, and it was told */
};

/* @task, @entry: (transfer full). @token_hash: of the row. Finishes @task with a boolean. */
void okap_grant_book_change        (OkapGrantBook *self, GTask *task, OkapGrant *next,
                                    const guint8 *token_hash, OkapAuditEntry *entry);
/* (nullable): the grant; if there is none, or the vault is locked, @task is told. */
OkapGrant *okap_grant_book_find_for (OkapGrantBook *self, const char *id, GTask *task);
void okap_grant_book_enter_list    (OkapGrantBook *self, OkapGrant *grant,
                                    const guint8 *token_hash);
void okap_grant_book_revoke_quietly (OkapGrantBook *self, const char *id, const char *why);
void okap_grant_book_close         (OkapGrantBook *self);
void okap_grant_book_vault_changed (OkapGrantBook *self);

G_END_DECLS
