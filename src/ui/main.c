/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-application.h"
#include "okap-locale.h"
#include "okap-process.h"

int
main (int argc, char **argv)
{
  g_autoptr (OkapApplication) application = NULL;

  okap_process_leave_no_core ();
  okap_locale_set_up ();
  g_set_prgname (OKAP_APP_ID);
  g_set_application_name ("Okap");
  application = okap_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
