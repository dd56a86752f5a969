/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-body-facts.h"
#include "okap-http.h"
#include "okap-provider.h"
#include "okap-scope.h"

G_BEGIN_DECLS

/* What a request body says about models. */
typedef struct
{
  char *model;           /* (owned) (nullable) the member "model" */
  GPtrArray *others;     /* (owned) (nullable) (element-type utf8) models named elsewhere in it */
  const char *unclear;   /* (nullable) (unowned) a member that lets the provider choose */
  char *instead;         /* (owned) (nullable) a model by another name, or of the first of several
                            requests: the request's own for whom @instead_member means that */
  const char *instead_member;  /* (nullable) (unowned) where it stands */
  char *version;         /* (owned) (nullable) its member: see okap_model_from_version() */
  char *endpoint;        /* (owned) (nullable) its member, of a batch */
  GPtrArray *files;      /* (owned) (nullable) (element-type utf8) uploads that name models */
  gboolean files_known;  /* what they name is among the others */
  OkapCapability capabilities;  /* that tools of it need beside the endpoint's */
  gboolean webhook;      /* the provider is to call an address */
  gint64 prompt_bytes;   /* of text, for an estimate; a picture counts as little as it costs */
  gboolean has_facts;    /* the body was read to its end */
  OkapBodyFacts facts;
} OkapModelFinding;

gboolean okap_model_find         (const char *body, gsize length, OkapModelFinding *out_finding,
                                  GError **error);
gboolean okap_model_finding_add  (OkapModelFinding *finding, const char *names);
void     okap_model_find_in_query (const char *query, OkapModelFinding *finding);
const char *okap_model_find_in_head (const OkapHttpHead *head, const OkapProvider *provider,
                                  OkapModelFinding *finding);
char    *okap_model_from_version (const char *version);
const char *okap_model_finding_get_model (const OkapModelFinding *finding,
                                  const OkapProvider *provider);
gboolean okap_model_check_others (const OkapModelFinding *finding, const OkapScope *scope,
                                  GError **error);
void     okap_model_finding_clear (OkapModelFinding *finding);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapModelFinding, okap_model_finding_clear)

G_END_DECLS
