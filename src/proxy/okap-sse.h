/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Told by okap_sse_feed(). Both are nullable. */
typedef struct
{
  /* A piece of the data of the running event; several pieces follow each other. */
  void (*data) (const char *data, gsize length, gpointer user_data);
  /* The event is over; called only for events that had data. */
  void (*end)  (gpointer user_data);
} OkapSseHandler;

/* Reads server-sent events as their bytes arrive, keeping nothing of them. */
typedef struct
{
  /*< private >*/
  char field[8];       /* the start of the line's field name */
  guint8 field_length;
  guint8 state;
  guint8 bom;          /* bytes of a byte order mark that were passed */
  gboolean after_cr;
  gboolean has_data;   /* the running event has a data line */
  gboolean has_line;   /* the running event has any line */
} OkapSse;

void     okap_sse_init              (OkapSse *sse);
void     okap_sse_feed              (OkapSse *sse, const char *data, gsize length,
                                     const OkapSseHandler *handler, gpointer user_data);
gboolean okap_sse_is_between_events (const OkapSse *sse);

G_END_DECLS
