/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-lock-state.h"

G_BEGIN_DECLS

/* The screen savers and lockers on the session bus. Main thread. */
typedef struct _OkapScreenSaver OkapScreenSaver;

#define OKAP_SCREEN_SAVERS (OKAP_N_SCREEN_SOURCES - 1)  /* the last source is logind's hint */

/* What the one with the number @source says; %OKAP_SCREEN_WORD_NONE: it is gone. */
typedef void (*OkapScreenSaverFunc) (guint source, OkapScreenWord word, gpointer user_data);

OkapScreenSaver *okap_screen_saver_new  (gboolean outlives_bus, OkapScreenSaverFunc func,
                                         gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void             okap_screen_saver_free (OkapScreenSaver *saver);

G_END_DECLS
