/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The options with which okap request and okap run say what they ask for. */
typedef struct
{
  char **providers;
  char **models;
  char **capabilities;
  char *monthly;
  char *daily;
  gint64 rpm;        /* -1: not given */
  gint64 rpd;
  char *expires;
  char *name;
  char *reason;
} OkapAsking;

#define OKAP_ASKING_INIT { .rpm = -1, .rpd = -1 }
#define OKAP_ASKING_N_ENTRIES 10

void     okap_asking_clear       (OkapAsking *asking);
void     okap_asking_add_entries (OkapAsking *asking, GOptionEntry entries[OKAP_ASKING_N_ENTRIES]);
gboolean okap_asking_is_empty    (const OkapAsking *asking);
char    *okap_asking_format      (const OkapAsking *asking, gint64 now_us, GError **error)
                                  G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapAsking, okap_asking_clear)

G_END_DECLS
