/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What flatpak writes: src/identity/okap-flatpak.h. Real apps are in integration's test_sandbox. */
#include "okap-flatpak.h"

#include <string.h>

#define APP      "[Application]\nname=org.example.One\nruntime=runtime/org.example.Base/x86_64/1\n"
#define PLACE    "app/org.example.One/x86_64/stable/0a1b"
#define INSTANCE "[Instance]\ninstance-id=517107781\napp-path=/var/lib/flatpak/" PLACE "/files\n"

static void
test_info (void)
{
  static const struct { const char *text; gboolean good; } cases[] = {
    { APP INSTANCE, TRUE },
    { INSTANCE APP "[Context]\nshared=network;\n", TRUE },
    { APP, FALSE },
    { INSTANCE, FALSE },
    { "", FALSE },
    { "name=org.example.One\n", FALSE },
    { "[Runtime]\nname=org.example.One\n" INSTANCE, FALSE },
    { APP "[Instance]\ninstance-id=12\n", FALSE },
    { APP "[Instance]\ninstance-id=\napp-path=/a\n", FALSE },
    { APP "[Instance]\ninstance-id=../12\napp-path=/a\n", FALSE },
    { APP "[Instance]\ninstance-id=12a\napp-path=/a\n", FALSE },
    { APP "[Instance]\ninstance-id=123456789012345678901\napp-path=/a\n", FALSE },
    { "[Application]\nname=../One\n" INSTANCE, FALSE },
    { "[Application]\nname=.One\n" INSTANCE, FALSE },
    { "[Application]\nname=One\\nTwo\n" INSTANCE, FALSE },
    { "[Application]\nname=\n" INSTANCE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (OkapFlatpakInfo) info = { 0 };

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (okap_flatpak_parse_info (cases[i].text, strlen (cases[i].text), &info), ==,
                       cases[i].good);
      if (!cases[i].good)
        continue;
      g_assert_cmpstr (info.app_id, ==, "org.example.One");
      g_assert_cmpstr (info.instance, ==, "517107781");
      g_assert_cmpstr (info.app_path, ==, "/var/lib/flatpak/" PLACE "/files");
    }
}

static void
test_info_with_nul (void)
{
  static const char text[] = APP "\0" INSTANCE;
  g_auto (OkapFlatpakInfo) info = { 0 };

  g_assert_false (okap_flatpak_parse_info (text, sizeof text - 1, &info));
}

static void
test_place (void)
{
  static const struct { const char *path, *place, *removed; } cases[] = {
    { "/var/lib/flatpak/" PLACE "/files", PLACE "/files",
      ".removed/org.example.One-0a1b/files" },
    { "/home/me/.local/share/flatpak/" PLACE "/files", PLACE "/files",
      ".removed/org.example.One-0a1b/files" },
    { "/" PLACE "/files", PLACE "/files", ".removed/org.example.One-0a1b/files" },
    { PLACE "/files", NULL, NULL },
    { "/var/lib/flatpak/" PLACE, NULL, NULL },
    { "/var/lib/flatpak/" PLACE "/files/", NULL, NULL },
    { "/var/lib/flatpak/" PLACE "/../files", NULL, NULL },
    { "/var/lib/flatpak/app/org.example.One/x86_64/../0a1b/files", NULL, NULL },
    { "/var/lib/flatpak/app/org.example.One/x86_64//0a1b/files", NULL, NULL },
    { "/var/lib/flatpak/app/org.example.Two/x86_64/stable/0a1b/files", NULL, NULL },
    { "/var/lib/flatpak/runtime/org.example.One/x86_64/stable/0a1b/files", NULL, NULL },
    { "", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup (cases[i].path);
      char name[] = "org.example.One";
      const OkapFlatpakInfo info = { .app_id = name, .app_path = path };
      g_autofree char *place = okap_flatpak_dup_place (&info, FALSE);
      g_autofree char *removed = okap_flatpak_dup_place (&info, TRUE);

      g_test_message ("%s", path);
      g_assert_cmpstr (place, ==, cases[i].place);
      g_assert_cmpstr (removed, ==, cases[i].removed);
    }
}

static void
test_unit (void)
{
  static const struct { const char *unit, *app_id; gboolean good; } cases[] = {
    { "app-flatpak-org.example.One-123.scope", "org.example.One", TRUE },
    { "app-flatpak-org.example.my\\x2dapp-123.scope", "org.example.my-app", TRUE },
    { "app-flatpak-org.example.my-app-123.scope", "org.example.my-app", FALSE },
    { "app-flatpak-org.example.Two-123.scope", "org.example.One", FALSE },
    { "app-flatpak-org.example.One-.scope", "org.example.One", FALSE },
    { "app-flatpak-org.example.One-12x.scope", "org.example.One", FALSE },
    { "app-flatpak-org.example.One-123.service", "org.example.One", FALSE },
    { "app-flatpak-org.example.One.Two-123.scope", "org.example.One", FALSE },
    { "session-2.scope", "org.example.One", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (okap_flatpak_is_unit (cases[i].unit, cases[i].app_id), ==, cases[i].good);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flatpak/info", test_info);
  g_test_add_func ("/flatpak/info/nul", test_info_with_nul);
  g_test_add_func ("/flatpak/place", test_place);
  g_test_add_func ("/flatpak/unit", test_unit);
  return g_test_run ();
}
