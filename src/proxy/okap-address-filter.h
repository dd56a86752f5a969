/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes addresses of a provider's API in its JSON answers lead through us, as they pass. */
typedef struct _OkapAddressFilter OkapAddressFilter;

OkapAddressFilter *okap_address_filter_new  (const char *const *members, const char *from,
                                             const char *or_from, const char *to)
                                             G_GNUC_WARN_UNUSED_RESULT;
void               okap_address_filter_free (OkapAddressFilter *filter);
void               okap_address_filter_feed (OkapAddressFilter *filter, const char *data,
                                             gsize length, GString *out);
void               okap_address_filter_finish (OkapAddressFilter *filter, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapAddressFilter, okap_address_filter_free)

G_END_DECLS
