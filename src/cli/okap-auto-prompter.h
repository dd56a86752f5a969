/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-price.h"
#include "okap-prompter.h"

G_BEGIN_DECLS

/* Decides without a person: okap serve --approve=always or never, or nobody there to ask. */
#define OKAP_TYPE_AUTO_PROMPTER (okap_auto_prompter_get_type ())
G_DECLARE_FINAL_TYPE (OkapAutoPrompter, okap_auto_prompter, OKAP, AUTO_PROMPTER, GObject)

typedef enum
{
  OKAP_AUTO_NEVER,    /* refuses, as a person would */
  OKAP_AUTO_ALWAYS,   /* allows everything as it was asked for */
  OKAP_AUTO_NOBODY,   /* refuses, because nobody can be asked */
} OkapAutoAnswer;

OkapPrompter *okap_auto_prompter_new (OkapAutoAnswer answer, const OkapPriceCeiling *ceiling,
                                      gboolean portable) G_GNUC_WARN_UNUSED_RESULT;
void          okap_auto_prompter_set_proof (OkapAutoPrompter *self, OkapProof *proof);

G_END_DECLS
