/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Asks the user for access to a model and uses it with the first HTTP client at hand.
 *
 *   cc ask.c $(pkg-config --cflags --libs okap-1) && ./a.out demo demo-fast
 */
#include <okap.h>

static void
granted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapAppAccess) access =
    okap_app_request_send_finish (OKAP_APP_REQUEST (source), result, &error);

  if (access != NULL)
    g_print ("%s\n%s\n", okap_app_access_get_base_url (access, NULL),
             okap_app_access_get_token (access));
  else
    g_printerr ("%s\n", error->message);
  g_main_loop_quit (user_data);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (OkapAppRequest) request =
    okap_app_request_new ("Example App", argc > 1 ? argv[1] : "demo");

  if (argc > 2)
    okap_app_request_add_model (request, argv[2]);
  okap_app_request_set_limit (request, "monthly_spend", 5);
  g_object_set (request, "reason", "To show how an app asks", NULL);
  g_print ("Does Okap show the number %s?\n", okap_app_request_get_match_code (request));
  okap_app_request_send_async (request, NULL, granted_cb, loop);
  g_main_loop_run (loop);
  return 0;
}
