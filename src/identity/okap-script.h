/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-programs.h"

G_BEGIN_DECLS

/* What an interpreter was told to run, by its command line. */
typedef enum
{
  OKAP_SCRIPT_COMMANDS,  /* what was typed, piped or given with -c, or nothing that we understand */
  OKAP_SCRIPT_FILE,
  OKAP_SCRIPT_MODULE,
} OkapScriptKind;

typedef struct
{
  OkapScriptKind kind;
  const char *name;      /* (unowned) in the command line */
  GString *loads;        /* (owned) what else its options have it run, one a line */
} OkapScript;

OkapScriptKind okap_script_find  (const OkapInterpreter *interpreter, char **command,
                                  OkapScript *out);
void           okap_script_clear (OkapScript *script);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OkapScript, okap_script_clear)

G_END_DECLS
