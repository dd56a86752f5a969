/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-core.h"
#include "okap-locking.h"

G_BEGIN_DECLS

OkapLocking *okap_serve_locking_start (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
