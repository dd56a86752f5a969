/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-secret.h"

G_BEGIN_DECLS

/* The terminal of a command that may wait for its user. Blocks; not for "okap serve". */
OkapSecret *okap_terminal_ask_secret (const char *prompt, gsize most_bytes, GError **error)
                                      G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
