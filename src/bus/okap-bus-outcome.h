/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-grant.h"

G_BEGIN_DECLS

/* The first argument of Response. */
typedef enum
{
  OKAP_BUS_GRANTED,
  OKAP_BUS_REFUSED,  /* by the user */
  OKAP_BUS_ENDED,    /* without a decision */
  OKAP_BUS_POLICY,   /* by a rule */
} OkapBusCode;

/* How a request ended. Constant. */
typedef struct
{
  OkapBusCode code;
  GVariant *results;  /* (owned) a{sv} */
} OkapBusOutcome;

OkapBusOutcome *okap_bus_outcome_new_granted (const OkapGrant *grant, const char *code,
                                              const char *origin, const char *socket)
                                              G_GNUC_WARN_UNUSED_RESULT;
OkapBusOutcome *okap_bus_outcome_new_failed  (const GError *error, guint retry_after_s)
                                              G_GNUC_WARN_UNUSED_RESULT;
OkapBusOutcome *okap_bus_outcome_new_ended   (const char *reason, const char *message)
                                              G_GNUC_WARN_UNUSED_RESULT;
void            okap_bus_outcome_free        (OkapBusOutcome *outcome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapBusOutcome, okap_bus_outcome_free)

G_END_DECLS
