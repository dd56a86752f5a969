/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-model-finder.h"

G_BEGIN_DECLS

/* What an uploaded file of requests asks for, one request in a line. Constant once read. */
typedef struct
{
  GPtrArray *models;            /* (owned) (element-type utf8) that its lines name, as they do */
  OkapCapability capabilities;  /* that its lines need */
  gboolean has_bare_lines;      /* some name no endpoint: the batch does */
  gboolean has_free_lines;      /* some name no model: the batch does */
  guint n_lines;
  gint64 prompt_bytes;          /* of all lines, see OkapModelFinding */
  gint64 prompt_tokens;         /* of all lines: never too few */
  gint64 output_tokens;         /* that those lines may write that say how much */
  guint n_answers;              /* that are asked for; more than lines if some want several */
  guint n_bounded;              /* of them, those counted in @output_tokens */
  gboolean has_extras;          /* some line costs other things than tokens, too */
} OkapBatchFile;

gboolean       okap_batch_file_read (const OkapProvider *provider, const char *path,
                                     const char *content_type, const char *body, gsize length,
                                     const OkapScope *scope, OkapBatchFile **out_file,
                                     GError **error);
void           okap_batch_file_free (OkapBatchFile *file);
gboolean       okap_batch_find_capability (const OkapProvider *provider, const char *path,
                                     const char *url, OkapCapability *out_capability);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapBatchFile, okap_batch_file_free)

/* The files that apps uploaded lately, by the name that the provider gave them. The proxy's
 * thread. */
typedef struct _OkapBatchBook OkapBatchBook;

OkapBatchBook       *okap_batch_book_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void                 okap_batch_book_free   (OkapBatchBook *book);
void                 okap_batch_book_put    (OkapBatchBook *book, const char *grant_id,
                                             const char *provider_id, const char *file_id,
                                             OkapBatchFile *file);
const OkapBatchFile *okap_batch_book_lookup (OkapBatchBook *book, const char *grant_id,
                                             const char *provider_id, const char *file_id);

G_END_DECLS
