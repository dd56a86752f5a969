/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-grant.h"

G_BEGIN_DECLS

/* @searched: case-folded; empty: everything matches */
gboolean okap_app_filter_matches (const OkapGrant *grant, const char *searched);

G_END_DECLS
