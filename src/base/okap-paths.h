/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where Okap keeps things. All honour the XDG variables at the time of the first call. */
char    *okap_paths_dup_vault     (void);
char    *okap_paths_dup_database  (void);
char    *okap_paths_dup_journal   (void);
char    *okap_paths_dup_settings  (void);
char    *okap_paths_dup_price_table (void);
char    *okap_paths_dup_price_overrides (void);
char    *okap_paths_dup_price_tag (void);
char    *okap_paths_dup_asking (void);
char    *okap_paths_dup_paused (void);
char    *okap_paths_dup_runtime   (void);
char    *okap_paths_dup_socket    (void);
char    *okap_paths_dup_discovery (void);
gboolean okap_paths_make_private  (const char *directory, GError **error);

G_END_DECLS
