/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all commands share: how they are described, how they read options, how they fail. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "okap-secret.h"

G_BEGIN_DECLS

/* Exit status of every command. */
enum
{
  OKAP_EXIT_DONE = 0,
  OKAP_EXIT_FAILED = 1,   /* refused or failed */
  OKAP_EXIT_USAGE = 2,    /* wrong usage */
};

typedef struct _OkapCommand OkapCommand;

/* A row of the table in okap-cli.c. */
struct _OkapCommand
{
  const char *name;       /* one word or two */
  const char *arguments;  /* what follows the options */
  const char *summary;    /* one line, no full stop; to be translated */
  const char *help;       /* (nullable) more; to be translated */
  const char *example;    /* one or more lines for a shell */
  int (*run) (const OkapCommand *command, int argc, char *argv[]);
};

int      okap_cli_main         (int argc, char *argv[]);

gboolean okap_cli_parse        (const OkapCommand *command, const GOptionEntry *entries,
                                gboolean stop_at_argument, int *argc, char **argv[],
                                int *out_exit);
gboolean okap_cli_parse_one_id (const OkapCommand *command, const GOptionEntry *entries,
                                int argc, char *argv[], char **out_id, int *out_exit);
int      okap_cli_misuse       (const OkapCommand *command, const char *format, ...)
                                G_GNUC_PRINTF (2, 3);
int      okap_cli_fail         (const GError *error);
int      okap_cli_fail_with    (const char *format, ...) G_GNUC_PRINTF (1, 2);
void     okap_cli_print        (const char *text);
void     okap_cli_print_json   (JsonNode *node);
OkapSecret *okap_cli_read_passphrase (int fd, const char *prompt, GError **error);

/* okap-when.c */
gboolean okap_when_parse       (const char *text, gint64 now_us, gboolean ahead,
                                gint64 *out_time_us, GError **error);

G_END_DECLS
