/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-block.h"
#include "okap-secret.h"
#include "okap-step-up.h"

G_BEGIN_DECLS

/* What is kept of the rules about asking. Pure. */
char     *okap_asking_file_format   (const OkapThreshold *threshold, GListModel *blocks,
                                const OkapSecret *key) G_GNUC_WARN_UNUSED_RESULT;
gboolean  okap_asking_file_is_sound (const char *text, const OkapSecret *key);
gboolean  okap_asking_file_parse    (const char *text, OkapThreshold *out_threshold,
                                GPtrArray **out_blocks);

G_END_DECLS
