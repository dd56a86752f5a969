/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-grant.h"

G_BEGIN_DECLS

/* How a user wants money of a grant to be handled from now on. */
typedef struct
{
  const char *provider;        /* (nullable) of which scope; NULL: of all */
  gboolean has_ceiling;        /* the ceiling becomes @ceiling; one that is not set: none */
  OkapPriceCeiling ceiling;
  OkapScopeOptions set;        /* options that hold from now on */
  OkapScopeOptions clear;      /* and that do not any more */
} OkapGrantMoney;

OkapGrant *okap_grant_money_apply    (const OkapGrant *grant, const OkapGrantMoney *money,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
char      *okap_grant_money_describe (const OkapGrantMoney *money);

G_END_DECLS
