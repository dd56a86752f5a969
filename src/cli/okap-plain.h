/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-cli.h"
#include "okap-client.h"

G_BEGIN_DECLS

/* Prints an answer for a person. @id: (nullable): the command's argument. */
typedef void (*OkapPlainPrintFunc) (OkapReply *reply, const char *id);

int okap_plain_get  (const OkapCommand *command, const char *route, OkapPlainPrintFunc print,
                     int argc, char *argv[]);
int okap_plain_post (const OkapCommand *command, const char *route, OkapPlainPrintFunc print,
                     int argc, char *argv[]);
OkapReply *okap_plain_post_passphrase (const char *path, int fd, GError **error)
                                       G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
