/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-secret.h"

G_BEGIN_DECLS

/* The terminal of a program that must not wait: lines come when they come. Main thread. */
typedef struct _OkapConsole OkapConsole;

/* @line: (nullable): without its line break; NULL if the terminal is gone. */
typedef void (*OkapConsoleFunc) (OkapSecret *line, gpointer user_data);

OkapConsole *okap_console_open      (void) G_GNUC_WARN_UNUSED_RESULT;
OkapConsole *okap_console_new       (int fd) G_GNUC_WARN_UNUSED_RESULT;
void         okap_console_free      (OkapConsole *console);
void         okap_console_write     (OkapConsole *console, const char *text);
gboolean     okap_console_ask       (OkapConsole *console, const char *prompt, gboolean hidden,
                                     OkapConsoleFunc func, gpointer user_data);
void         okap_console_cancel    (OkapConsole *console);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapConsole, okap_console_free)

G_END_DECLS
