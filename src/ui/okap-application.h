/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The program: one core, one window, and dialogs as requests come. */
#define OKAP_TYPE_APPLICATION (okap_application_get_type ())
G_DECLARE_FINAL_TYPE (OkapApplication, okap_application, OKAP, APPLICATION, AdwApplication)

OkapApplication *okap_application_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
