/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "okap-application.h"
#include "okap-process.h"

int
main (int argc, char **argv)
{
  g_autoptr (OkapApplication) application = NULL;

  okap_process_leave_no_core ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, OKAP_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  g_set_prgname (OKAP_APP_ID);
  g_set_application_name ("Okap");
  application = okap_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
