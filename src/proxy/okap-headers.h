/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <curl/curl.h>

#include "okap-gate.h"
#include "okap-http.h"

G_BEGIN_DECLS

/* A list of header lines for curl, in one block that is wiped when it is cleared. */
typedef struct
{
  struct curl_slist *list;
  /*< private >*/
  gsize size;
} OkapHeaderList;

void     okap_headers_for_upstream (const OkapHttpHead *head, const char *token,
                                    const OkapCredential *credential, const char *path,
                                    OkapHeaderList *out_list);
void     okap_header_list_clear    (OkapHeaderList *list);
char    *okap_headers_clean_query  (const char *query, const char *token);
const char *okap_headers_find_choice (const OkapHttpHead *head, const OkapEndpoint *endpoint);
gboolean okap_headers_pass_to_app  (const char *line, gsize length);

G_END_DECLS
