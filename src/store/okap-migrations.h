/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-db.h"

G_BEGIN_DECLS

guint       okap_migrations_get_newest     (void);
gboolean    okap_migrations_run            (OkapDb *db, guint target, GError **error);
const char *okap_migrations_get_sums_table (void);

G_END_DECLS
