/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-caller.h"
#include "okap-request.h"

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

G_END_DECLS
