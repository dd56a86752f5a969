/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make-vault: as "okap init", but the passphrase comes on standard input and costs the least that a
 * vault may have. Okap's own cost is most of a second for each vault that a test opens. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "okap-paths.h"
#include "okap-sealed-format.h"
#include "okap-vault-private.h"

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  OkapSecret *code = NULL;

  if (!okap_vault_create_finish (OKAP_VAULT (source), result, &code, &error))
    g_error ("%s", error->message);
  puts (okap_secret_get_text (code));
  okap_secret_unref (code);
  g_main_loop_quit (user_data);
}

int
main (void)
{
  g_autofree char *path = okap_paths_dup_vault ();
  g_autoptr (OkapVault) vault = okap_vault_new (path, okap_clock_get_real ());
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (OkapSecret) passphrase = NULL;
  char text[256];

  if (fgets (text, sizeof text, stdin) == NULL)
    g_error ("expected a passphrase on standard input, nothing came");
  passphrase = okap_secret_new_from_string (g_strchomp (text));
  okap_vault_set_cost (vault, OKAP_SEALED_MEMORY_LEAST, 1);
  okap_vault_create_async (vault, passphrase, created_cb, loop);
  g_main_loop_run (loop);
  return 0;
}
