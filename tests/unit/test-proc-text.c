/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts of /proc and of sandboxes: whole, odd, cut at each byte and with bytes changed. */
#include "okap-flatpak.h"
#include "okap-holders.h"
#include "okap-proc.h"
#include "okap-sandbox.h"

#include <string.h>

#define STAT_REST " S 41 7 7 0 -1 4194304 1 0 0 0 1 2 0 0 20 0 3 0 987654 8192 100 " \
                  "18446744073709551615 4096 8192 140736 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 " \
                  "12288 16384 20480 24576 28672 32768 36864 0\n"

static void
test_stat (void)
{
  static const struct { const char *text, *name; gboolean good; } cases[] = {
    { "40 (agent)" STAT_REST, "agent", TRUE },
    { "40 (a b) S 1 (c)" STAT_REST, "a b) S 1 (c", TRUE },
    { "40 ())" STAT_REST, ")", TRUE },
    { "40 ()" STAT_REST, "", TRUE },
    { "40 (a\nb)" STAT_REST, "a\nb", TRUE },
    { "40 agent" STAT_REST, NULL, FALSE },
    { "40 (agent) S 41 7", NULL, FALSE },
    { "40 (agent) S x 7 7 0 -1", NULL, FALSE },
    { "40 (agent)", NULL, FALSE },
    { ")(", NULL, FALSE },
    { "", NULL, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      OkapProcStat stat;

      g_assert_cmpint (okap_proc_parse_stat (cases[i].text, strlen (cases[i].text), &stat), ==,
                       cases[i].good);
      if (!cases[i].good)
        continue;
      g_assert_cmpstr (stat.name, ==, cases[i].name);
      g_assert_cmpint (stat.state, ==, 'S');
      g_assert_cmpint (stat.parent, ==, 41);
      g_assert_cmpuint (stat.started, ==, 987654);
      g_assert_cmpuint (stat.image[0], ==, 4096);
      g_assert_cmpuint (stat.image[1], ==, 140736);
      g_assert_cmpuint (stat.image[2], ==, 20480);
      g_assert_cmpuint (stat.image[3], ==, 24576);
      g_assert_cmpuint (stat.image[4], ==, 32768);
    }
}

static void
test_command (void)
{
  static const char bytes[] = "/usr/bin/python3\0-c\0\0\xff\xfe x";
  g_auto (GStrv) command = okap_proc_parse_command (bytes, sizeof bytes - 1);
  g_auto (GStrv) none = okap_proc_parse_command ("", 0);
  g_autofree char *zeros = g_malloc0 (4096);
  g_auto (GStrv) many = okap_proc_parse_command (zeros, 4096);

  g_assert_cmpuint (g_strv_length (command), ==, 4);
  g_assert_cmpstr (command[1], ==, "-c");
  g_assert_cmpstr (command[2], ==, "");
  g_assert_cmpstr (command[3], ==, "\xff\xfe x");
  g_assert_null (none[0]);
  g_assert_cmpuint (g_strv_length (many), ==, OKAP_PROC_ARGUMENTS);
}

static void
test_unit (void)
{
  static const struct { const char *text, *unit; } cases[] = {
    { "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-foo.scope\n",
      "app-foo.scope" },
    { "0::/user.slice/user-1000.slice/user@1000.service/app.slice\n", "user@1000.service" },
    { "0::/system.slice/x.service/sub/group\n", "x.service" },
    { "0::/system.slice/_x.service\n", "x.service" },
    { "12:pids:/a.scope\n1:name=systemd:/user.slice/b.scope\n", "b.scope" },
    { "12:pids:/a.scope\n1:name=systemd:/user.slice/b.scope\n0::/c.scope", "c.scope" },
    { "12:pids:/a.scope\n", NULL },
    { "0::/\n", NULL },
    { "0::/.scope/..\n", ".scope" },
    { "0::/user.slice/scope\n", NULL },
    { "0::", NULL },
    { "", NULL },
    { "\n\n0:", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *exact = g_memdup2 (cases[i].text, strlen (cases[i].text));
      g_autofree char *unit = okap_proc_parse_unit (exact, strlen (cases[i].text));

      g_assert_cmpstr (unit, ==, cases[i].unit);
    }
}

static void
test_ids (void)
{
  static const char good[] = "Name:\tx\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t5\t5\t5\n";
  static const char *const bad[] = {
    "", "Uid:", "Uid:\t1", "Uid:\t1\t2\t3", "Uid: 1 2 3 4", "xUid:\t1\t1\t1\t1",
    "Uid:\t1\t1\t1\t99999999999999999999", "Uid:\t1\t1\t1\t-1", "Uid:\t4294967296\t1\t1\t1",
  };
  uid_t uids[4];

  g_assert_true (okap_proc_parse_ids (good, strlen (good), uids));
  g_assert_cmpint (uids[0], ==, 1000);
  g_assert_cmpint (uids[3], ==, 1003);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (okap_proc_parse_ids (bad[i], strlen (bad[i]), uids));
  g_assert_cmpint (okap_proc_parse_fdinfo ("pos:\t0\nPid:\t77\nNSpid:\t77\n", 24), ==, 77);
  g_assert_cmpint (okap_proc_parse_fdinfo ("pos:\t0\nPid:\t-1\n", 15), ==, 0);
  g_assert_cmpint (okap_proc_parse_fdinfo ("pos:\t0\nNSpid:\t7\n", 16), ==, 0);
}

static void
test_links (void)
{
  static const struct { const char *link; gboolean good; guint64 inode; } cases[] = {
    { "socket:[12345]", TRUE, 12345 }, { "socket:[0]", TRUE, 0 },
    { "socket:[]", FALSE, 0 }, { "socket:[12", FALSE, 0 }, { "socket:12]", FALSE, 0 },
    { "pipe:[12345]", FALSE, 0 }, { "socket:[-1]", FALSE, 0 }, { "/tmp/socket:[1]", FALSE, 0 },
    { "socket:[99999999999999999999999]", FALSE, 0 }, { "", FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 inode = 0;

      g_assert_cmpint (okap_holders_parse (cases[i].link, (gssize) strlen (cases[i].link), &inode),
                       ==, cases[i].good);
      g_assert_cmpuint (inode, ==, cases[i].inode);
    }
}

#define INFO "[Application]\nname=org.example.App\nruntime=x\n\n[Instance]\n" \
             "instance-id=123456\napp-path=/var/lib/flatpak/app/org.example.App/x/y/z/files\n"

static void
test_snap (void)
{
  static const char *const bad[] = {
    "unconfined\n", "snap.firefox.firefox (complain)\n", "snap.firefox (enforce)\n",
    "snap..x (enforce)\n", "snap.a b.c (enforce)\n", "/usr/bin/snap.a.b (enforce)\n",
    "snap.a.b (enforce) x", "snap.a.b", "", "(enforce)",
  };
  g_autofree char *label = okap_sandbox_parse_label ("snap.firefox.firefox (enforce)\n", 31);

  g_assert_cmpstr (label, ==, "snap.firefox.firefox");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (okap_sandbox_parse_label (bad[i], strlen (bad[i])));
}

static void
feed (const char *text, gsize length)
{
  g_autofree char *exact = g_memdup2 (text, length);
  g_autofree char *unit = okap_proc_parse_unit (exact != NULL ? exact : "", length);
  g_auto (GStrv) command = okap_proc_parse_command (exact != NULL ? exact : "", length);
  g_auto (OkapFlatpakInfo) info = { 0 };
  g_autofree char *label = okap_sandbox_parse_label (exact != NULL ? exact : "", length);
  OkapProcStat stat;
  uid_t uids[4];
  guint64 inode;

  okap_proc_parse_stat (exact != NULL ? exact : "", length, &stat);
  okap_proc_parse_ids (exact != NULL ? exact : "", length, uids);
  okap_proc_parse_fdinfo (exact != NULL ? exact : "", length);
  okap_holders_parse (exact != NULL ? exact : "", (gssize) length, &inode);
  if (okap_flatpak_parse_info (exact != NULL ? exact : "", length, &info))
    g_assert_true (okap_flatpak_is_name (info.app_id));
  g_assert_cmpuint (g_strv_length (command), <=, OKAP_PROC_ARGUMENTS);
}

/* Nothing reads beyond what it was given: AddressSanitizer would tell. */
static void
test_broken (void)
{
  static const char *const seeds[] = {
    "40 (agent)" STAT_REST, INFO, "Name:\tx\nUid:\t1000\t1000\t1000\t1000\n",
    "12:pids:/a.scope\n1:name=systemd:/user.slice/b.scope\n0::/c.scope\n", "socket:[123]",
    "pos:\t0\nPid:\t77\n", "snap.firefox.firefox (enforce)\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      gsize length = strlen (seeds[i]);

      for (gsize cut = 0; cut <= length; cut++)
        feed (seeds[i], cut);
      for (guint round = 0; round < 2000; round++)
        {
          g_autofree char *copy = g_strdup (seeds[i]);

          for (int n = g_test_rand_int_range (1, 5); n > 0; n--)
            copy[g_test_rand_int_range (0, (int) length)]
              = (char) g_test_rand_int_range (0, 256);
          feed (copy, length);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proc-text/stat", test_stat);
  g_test_add_func ("/proc-text/command", test_command);
  g_test_add_func ("/proc-text/unit", test_unit);
  g_test_add_func ("/proc-text/ids", test_ids);
  g_test_add_func ("/proc-text/links", test_links);
  g_test_add_func ("/proc-text/snap", test_snap);
  g_test_add_func ("/proc-text/broken", test_broken);
  return g_test_run ();
}
