/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes out of a stream of chat completions what the app did not ask for: its usage. Holds one
 * event at a time. */
typedef struct
{
  GString *held;         /* (owned) the event that is not complete */
  /*< private >*/
  gboolean line_empty;   /* nothing stands on the running line */
  gboolean after_cr;
  gboolean between;      /* the last byte ended an event */
  gboolean dropped;      /* and that event was not passed on */
  gboolean passing;      /* the running event is too long to be held */
  guint n_removed;       /* of events and members */
} OkapUsageFilter;

OkapUsageFilter *okap_usage_filter_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void             okap_usage_filter_free   (OkapUsageFilter *filter);
void             okap_usage_filter_feed   (OkapUsageFilter *filter, const char *data, gsize length,
                                           GString *out);
void             okap_usage_filter_finish (OkapUsageFilter *filter, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapUsageFilter, okap_usage_filter_free)

G_END_DECLS
