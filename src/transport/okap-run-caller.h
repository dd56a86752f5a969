/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caller.h"

G_BEGIN_DECLS

OkapCaller *okap_run_caller_new (const OkapCaller *seen, const char *command)
                                 G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
