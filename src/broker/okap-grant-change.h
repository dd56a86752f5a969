/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-grant.h"

G_BEGIN_DECLS

/* How a user wants a grant to be from now on; what is not said stays as it is. */
typedef struct
{
  GPtrArray *scopes;     /* (owned) (nullable) (element-type OkapScope) all that shall be left, of
                            providers that the grant has; NULL: as they are. Without their extras */
  gint64 expires_us;     /* 0: as it is */
  gboolean has_portable; /* @portable is said */
  gboolean portable;
  GPtrArray *others;     /* (owned) (nullable) (element-type OkapIdentity) further programs that may
                            stay; NULL: as they are */
} OkapGrantEdit;

OkapGrantEdit *okap_grant_edit_new  (void) G_GNUC_WARN_UNUSED_RESULT;
OkapGrantEdit *okap_grant_edit_copy (const OkapGrantEdit *edit) G_GNUC_WARN_UNUSED_RESULT;
void           okap_grant_edit_free (OkapGrantEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapGrantEdit, okap_grant_edit_free)

/* The next version. @error: %OKAP_ERROR_CONFLICT, %OKAP_ERROR_INVALID_REQUEST */
OkapGrant *okap_grant_edit_apply    (const OkapGrant *grant, const OkapGrantEdit *edit,
                                     gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
OkapGrant *okap_grant_add_extra     (const OkapGrant *grant, const char *provider, gint64 nusd,
                                     gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean   okap_grant_has_program   (const GPtrArray *programs, const OkapIdentity *identity);

/* What differs between two versions. (nullable): in words for a person, NULL: nothing. */
char      *okap_grant_dup_widening  (const OkapGrant *old, const OkapGrant *next)
                                     G_GNUC_WARN_UNUSED_RESULT;
char      *okap_grant_dup_changes   (const OkapGrant *old, const OkapGrant *next)
                                     G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
