/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-db.h"

G_BEGIN_DECLS

guint    okap_migrations_get_newest (void);
gboolean okap_migrations_run        (OkapDb *db, GError **error);

G_END_DECLS
