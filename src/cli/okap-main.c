/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>

#include "okap-cli.h"

int
main (int argc, char *argv[])
{
  int status = okap_cli_main (argc, argv);

  if (fflush (stdout) != 0 && status == OKAP_EXIT_DONE)
    status = OKAP_EXIT_FAILED;
  return status;
}
