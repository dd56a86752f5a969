/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How an interpreter reads its command line. Each member is a list with blanks between. An option
 * that ends with "=" or "*" stands for all that begin so. What is in no list is not understood. */
typedef struct
{
  const char *names;     /* of its program; a version may follow each */
  const char *flags;     /* letters of options without a value */
  const char *values;    /* letters of those whose next argument only tunes it */
  const char *loads;     /* letters of those with a value that decides what else is run */
  const char *commands;  /* letters behind which commands stand, not a file */
  const char *modules;   /* letters behind which the name of a module stands */
  const char *long_flags;
  const char *long_values;
  const char *long_loads;
  const char *long_scripts;  /* options behind which the script stands */
  const char *words;     /* that may stand before the script */
  const char *stops;     /* words after which there is no script */
  const char *last;      /* all that may follow behind one of @long_scripts; NULL: anything */
  const char *unless;    /* in the value of an option: what follows is no script */
  const char *suffix;    /* that a script must have if it has no option before it */
  gboolean opaque;       /* it is never understood */
} OkapInterpreter;

const OkapInterpreter *okap_programs_find_interpreter (const char *name);
gboolean               okap_programs_is_relay         (const char *name);
gboolean               okap_programs_is_multicall     (const char *name);
gboolean               okap_programs_has_word         (const char *list, const char *word);

G_END_DECLS
