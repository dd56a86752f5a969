/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-price-override.h"

G_BEGIN_DECLS

/* What was found when the files were read. Clear it with okap_price_report_clear(). */
typedef struct
{
  char *digest;              /* (owned) (nullable) of all that is the user's; NULL: nothing */
  gboolean confirmed;        /* whether it counts; TRUE if there is nothing */
  gboolean installed;        /* whether the table is one that the user installed */
  guint n_overrides;
  gboolean table_changed;    /* since it counted last, perhaps in an earlier run */
  gboolean overrides_changed;
  char *table_problem;       /* (owned) (nullable) why the user's table does not count */
  char *overrides_problem;   /* (owned) (nullable) why the user's prices do not count */
} OkapPriceReport;

/* Whether the user confirmed what has this digest (nullable: nothing, so that there is no need). */
typedef gboolean (*OkapPriceConfirmedFunc) (const char *digest, gpointer user_data);

void       okap_price_files_load      (OkapPriceConfirmedFunc confirmed, gpointer user_data,
                                       OkapPriceReport *out_report);
gboolean   okap_price_files_install   (const char *text, gsize length, GError **error);
gboolean   okap_price_files_uninstall (GError **error);
GPtrArray *okap_price_files_read_overrides  (GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean   okap_price_files_write_overrides (GPtrArray *overrides, GError **error);
gboolean   okap_price_files_read      (const char *path, char **out_text, gsize *out_length,
                                       GError **error);
void       okap_price_report_clear    (OkapPriceReport *report);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapPriceReport, okap_price_report_clear)

G_END_DECLS
