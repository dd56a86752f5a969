/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the finder of models looks for, and where. */
#pragma once

#include "okap-json.h"

G_BEGIN_DECLS

/* What a member of a request means for the choice of the model. */
typedef enum
{
  OKAP_MEANS_OTHER,
  OKAP_MEANS_MODEL,
  OKAP_MEANS_MODELS,     /* names, or objects with a "model" */
  OKAP_MEANS_NAME,       /* a name by itself; the model's where there is no other */
  OKAP_MEANS_MORE,       /* one more model beside */
  OKAP_MEANS_VERSION,
  OKAP_MEANS_REQUEST,    /* a request in the request */
  OKAP_MEANS_REQUESTS,   /* a list of them */
  OKAP_MEANS_OPTIONS,    /* what it holds is for one vendor each: requests in the request */
  OKAP_MEANS_TOOLS,      /* objects with perhaps a "model"; deeper ones are schemas */
  OKAP_MEANS_PLUGINS,    /* objects with an "id" */
  OKAP_MEANS_FILES,      /* uploads of before in which the models stand */
  OKAP_MEANS_ROUTE,      /* chooses among "models"; without them the provider does */
  OKAP_MEANS_CHOICE,     /* hides the model behind a name of the provider's */
  OKAP_MEANS_WEBHOOK,
  OKAP_MEANS_ENDPOINT,   /* of a batch's requests */
} OkapMeaning;

/* What an open object or list is; only some are looked into. */
typedef enum
{
  OKAP_INSIDE_NOTHING,
  OKAP_INSIDE_REQUEST,  /* its members are in the table */
  OKAP_INSIDE_REQUESTS,
  OKAP_INSIDE_OPTIONS,
  OKAP_INSIDE_MODELS,   /* its strings are models */
  OKAP_INSIDE_ENTRY,    /* of them: its "model" is one, and what its lists hold */
  OKAP_INSIDE_TOOLS,
  OKAP_INSIDE_TOOL,
  OKAP_INSIDE_PLUGINS,
  OKAP_INSIDE_PLUGIN,
  OKAP_INSIDE_FILES,
} OkapInside;

gboolean    okap_meaning_name_is   (const OkapJsonScanner *scanner, const char *text);
OkapMeaning okap_meaning_from_name (const OkapJsonScanner *scanner, const char **out_name);
OkapInside  okap_inside_open       (OkapInside outer, OkapMeaning member,
                                    gboolean is_list) G_GNUC_CONST;

G_END_DECLS
