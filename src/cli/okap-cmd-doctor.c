/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap doctor: measures instead of assuming, changes nothing, needs no running Okap. Each check is
 * a function that fills one finding; "bad" makes the exit status 1. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okap-client.h"
#include "okap-commands.h"
#include "okap-doctor-endpoints.h"
#include "okap-paths.h"
#include "okap-price-files.h"
#include "okap-price-stand.h"

#define USUAL_PORT 6527
#define PROBE_KIB 256

typedef struct
{
  const char *name;
  const char *level;   /* "ok", "note" or "bad" */
  char *words;         /* (owned) */
} Finding;

typedef struct
{
  OkapReply *status;   /* (owned) (nullable) of the Okap that runs */
} Visit;

static void
find (Finding *finding, const char *level, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
find (Finding *finding, const char *level, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  finding->level = level;
  finding->words = g_strdup_vprintf (format, args);
  va_end (args);
}

/* A file or folder of this user that nobody else may read. */
static void
check_private (Finding *finding, const char *path, const char *if_missing)
{
  struct stat st;

  if (lstat (path, &st) != 0)
    find (finding, "note", "%s %s", path, errno == ENOENT ? if_missing : g_strerror (errno));
  else if (st.st_uid != geteuid ())
    find (finding, "bad", "%s belongs to another user", path);
  else if ((st.st_mode & 0077) != 0)
    find (finding, "bad", "%s can be entered or read by others (mode %03o): run chmod go= on it",
          path, (guint) st.st_mode & 0777u);
  else
    find (finding, "ok", "%s, mode %03o, %" G_GINT64_FORMAT " bytes", path,
          (guint) st.st_mode & 0777u, (gint64) st.st_size);
}

static void
check_vault (Finding *finding, const Visit *visit)
{
  g_autofree char *path = okap_paths_dup_vault ();

  check_private (finding, path, "is not there yet: run okap init");
}

static void
check_folder (Finding *finding, const Visit *visit)
{
  g_autofree char *path = okap_paths_dup_vault ();
  g_autofree char *folder = g_path_get_dirname (path);

  check_private (finding, folder, "is not there yet");
}

static void
check_database (Finding *finding, const Visit *visit)
{
  g_autofree char *path = okap_paths_dup_database ();

  check_private (finding, path, "is not there yet: it comes with the first start");
}

static void
check_socket (Finding *finding, const Visit *visit)
{
  g_autofree char *path = okap_paths_dup_socket ();

  check_private (finding, path, "is not there: Okap is not running");
}

static void
check_running (Finding *finding, const Visit *visit)
{
  JsonObject *status;

  if (visit->status == NULL)
    {
      find (finding, "note", "Okap is not running");
      return;
    }
  status = okap_reply_get_object (visit->status);
  find (finding, "ok", "process %" G_GINT64_FORMAT " at %s, vault %s",
        json_object_get_int_member_with_default (status, "pid", 0),
        json_object_get_string_member_with_default (status, "url", "an unknown address"),
        json_object_get_string_member_with_default (status, "vault", "unknown"));
}

static gboolean
port_is_free (void)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (USUAL_PORT),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;
  gboolean is_free;

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  is_free = bind (fd, (struct sockaddr *) &address, sizeof address) == 0;
  if (fd >= 0)
    close (fd);
  return is_free;
}

static void
check_port (Finding *finding, const Visit *visit)
{
  const char *url = visit->status != NULL
                    ? json_object_get_string_member_with_default (
                        okap_reply_get_object (visit->status), "url", "") : "";

  if (g_str_has_suffix (url, ":" G_STRINGIFY (USUAL_PORT)))
    find (finding, "ok", "%d is Okap’s", USUAL_PORT);
  else if (port_is_free ())
    find (finding, "ok", "%d is free", USUAL_PORT);
  else
    find (finding, "note", "%d is taken by another program; Okap takes a free port", USUAL_PORT);
}

static guint64
read_locked_kib (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, "VmLck:");
  return line != NULL ? g_ascii_strtoull (line + strlen ("VmLck:"), NULL, 10) : 0;
}

/* sodium_malloc() succeeds without locking once the limit is reached, so ask the kernel. */
static void
check_memory (Finding *finding, const Visit *visit)
{
  struct rlimit limit = { 0 };
  guint64 before = read_locked_kib ();
  gpointer probe;
  guint64 locked;
  g_autofree char *words = NULL;

  getrlimit (RLIMIT_MEMLOCK, &limit);
  words = limit.rlim_cur == RLIM_INFINITY
          ? g_strdup ("no limit")
          : g_strdup_printf ("limit %" G_GUINT64_FORMAT " KiB", (guint64) limit.rlim_cur / 1024);
  probe = sodium_init () >= 0 ? sodium_malloc (PROBE_KIB * 1024) : NULL;
  locked = read_locked_kib () - before;
  if (probe != NULL)
    sodium_free (probe);
  if (locked >= PROBE_KIB)
    find (finding, "ok", "secrets are locked in memory: %d of %d KiB tried, %s", PROBE_KIB,
          PROBE_KIB, words);
  else
    find (finding, "bad", "only %" G_GUINT64_FORMAT " of %d KiB tried were locked (%s): secrets "
          "could be written to swap. Raise the limit for locked memory (ulimit -l)", locked,
          PROBE_KIB, words);
}

static void
check_prices (Finding *finding, const Visit *visit)
{
  g_auto (OkapPriceReport) report = { 0 };
  const char *problem;

  okap_price_files_load (NULL, NULL, &report);
  problem = report.overrides_problem != NULL ? report.overrides_problem : report.table_problem;
  if (problem != NULL)
    find (finding, "bad", "%s. The table in use is of %s", problem, okap_price_get_date ());
  else if (okap_price_stand_ask () == OKAP_PRICES_UNCONFIRMED)
    find (finding, "bad", "changed but not confirmed: the table that came with Okap counts alone. "
          "Confirm them with: okap prices confirm");
  else
    find (finding, "ok", "table of %s%s, %u prices of your own", okap_price_get_date (),
          report.installed ? ", which you installed" : "", report.n_overrides);
}

static const struct
{
  const char *name;
  void (*check) (Finding *finding, const Visit *visit);
} checks[] = {
  { "vault", check_vault },
  { "folder", check_folder },
  { "database", check_database },
  { "memory", check_memory },
  { "okap", check_running },
  { "socket", check_socket },
  { "port", check_port },
  { "prices", check_prices },
};

static void
print_json (const Finding *findings, guint n_findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_findings; i++)
    {
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "check");
      json_builder_add_string_value (builder, findings[i].name);
      json_builder_set_member_name (builder, "level");
      json_builder_add_string_value (builder, findings[i].level);
      json_builder_set_member_name (builder, "words");
      json_builder_add_string_value (builder, findings[i].words);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  okap_cli_print_json (root);
}

int
okap_cmd_doctor (const OkapCommand *command, int argc, char *argv[])
{
  gboolean json = FALSE;
  gboolean endpoints = FALSE;
  const GOptionEntry entries[] = {
    { "endpoints", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &endpoints,
      N_("List what apps may ask of PROVIDER, or of all, and who counts it"), NULL },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  Finding findings[G_N_ELEMENTS (checks)] = { { NULL } };
  Visit visit = { NULL };
  int status = OKAP_EXIT_DONE;

  if (!okap_cli_parse (command, entries, FALSE, &argc, &argv, &status))
    return status;
  if (argc > (endpoints ? 2 : 1))
    return okap_cli_misuse (command, endpoints ? "expected at most one provider"
                                               : "expected no argument without --endpoints");
  if (endpoints)
    return okap_doctor_print_endpoints (argc > 1 ? argv[1] : NULL, json);
  visit.status = okap_client_get ("/okap/control/status", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      findings[i].name = checks[i].name;
      checks[i].check (&findings[i], &visit);
      if (strcmp (findings[i].level, "bad") == 0)
        status = OKAP_EXIT_FAILED;
    }
  if (json)
    print_json (findings, G_N_ELEMENTS (findings));
  for (guint i = 0; i < G_N_ELEMENTS (findings); i++)
    {
      if (!json)
        printf ("%-5s %-9s %s\n", findings[i].level, findings[i].name, findings[i].words);
      g_free (findings[i].words);
    }
  g_clear_pointer (&visit.status, okap_reply_free);
  return status;
}
