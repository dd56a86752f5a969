/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-caller.h"
#include "okap-clock.h"
#include "okap-grant.h"
#include "okap-secret.h"

G_BEGIN_DECLS

/* One-time codes that stand for a token where others can read along (RFC 6749, section 4.1.2, and
 * RFC 7636 with S256). A code lives for OKAP_CAP_CODE_S seconds, works once, and only with its
 * verifier. Main thread. */
typedef struct _OkapCodes OkapCodes;

/* Told of a grant whose code was never redeemed, so that nobody has its token, or was redeemed
 * twice: then it has to be revoked. */
typedef void (*OkapCodesLostFunc) (const char *grant_id, gboolean used_twice, const char *why,
                                   gpointer user_data);

OkapCodes *okap_codes_new    (OkapClock *clock, OkapCodesLostFunc lost, gpointer user_data)
                              G_GNUC_WARN_UNUSED_RESULT;
void       okap_codes_free   (OkapCodes *codes);
char      *okap_codes_issue  (OkapCodes *codes, OkapGrant *grant, OkapSecret *token,
                              const char *challenge) G_GNUC_WARN_UNUSED_RESULT;
gboolean   okap_codes_peek   (OkapCodes *codes, const char *code, const char *verifier,
                              OkapGrant **out_grant, OkapSecret **out_token, GError **error);
gboolean   okap_codes_redeem (OkapCodes *codes, const char *code, const char *verifier,
                              OkapGrant **out_grant, OkapSecret **out_token, GError **error);
void       okap_codes_expire (OkapCodes *codes);
void       okap_codes_wipe   (OkapCodes *codes, const char *why);

/* The two digits by which a person sees that a dialog belongs to the app in front of them. */
char      *okap_codes_dup_match (const char *challenge) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
