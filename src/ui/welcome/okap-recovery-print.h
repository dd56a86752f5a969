/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-secret.h"

G_BEGIN_DECLS

/* @problem: called with @data and words if nothing could be printed. */
typedef void (*OkapPrintProblemFunc) (const char *words, gpointer data);

void okap_recovery_print (GtkWindow *parent, OkapSecret *code, OkapPrintProblemFunc problem,
                          gpointer data);

G_END_DECLS
