/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-core.h"

G_BEGIN_DECLS

char *okap_banner_dup_port    (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;
char *okap_banner_dup_trouble (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
