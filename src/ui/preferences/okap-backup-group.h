/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-vault.h"

G_BEGIN_DECLS

/* Export and import of sealed backups, at the end of @page. */
void okap_backup_group_add (AdwPreferencesPage *page, OkapVault *vault);

G_END_DECLS
