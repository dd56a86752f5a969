/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-facts.h"

G_BEGIN_DECLS

/* What .flatpak-info says, as far as it is of use here. */
typedef struct
{
  char *app_id;    /* (owned) */
  char *instance;  /* (owned) digits */
  char *app_path;  /* (owned) where the files of the app are */
} OkapFlatpakInfo;

char     *okap_flatpak_identify    (const OkapFacts *facts, const char *runtime_folder)
                                    G_GNUC_WARN_UNUSED_RESULT;
gboolean  okap_flatpak_is_proxy    (const char *name);
gboolean  okap_flatpak_is_name     (const char *text);

/* its parts, for tests */
gboolean  okap_flatpak_parse_info  (const char *text, gsize length, OkapFlatpakInfo *out);
void      okap_flatpak_info_clear  (OkapFlatpakInfo *info);
char     *okap_flatpak_dup_place   (const OkapFlatpakInfo *info, gboolean removed)
                                    G_GNUC_WARN_UNUSED_RESULT;
gboolean  okap_flatpak_is_unit     (const char *unit, const char *app_id);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapFlatpakInfo, okap_flatpak_info_clear)

G_END_DECLS
