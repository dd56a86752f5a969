/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-evidence.h"
#include "okap-mismatch.h"

#define NOW_US (G_GINT64_CONSTANT (1795435200) * OKAP_SECOND_US)

typedef struct
{
  OkapIdentityKind kind;
  const char *program;
  const char *script;
  const char *folder;
  const char *app_id;
  const char *origin;
  const char *unit;
} Seen;

static OkapIdentity *
make (const Seen *seen)
{
  OkapIdentity *identity = okap_identity_new (seen->kind);

  identity->program = g_strdup (seen->program);
  identity->script = g_strdup (seen->script);
  identity->folder = g_strdup (seen->folder);
  identity->app_id = g_strdup (seen->app_id);
  identity->engine = g_strdup (seen->app_id != NULL ? "flatpak" : NULL);
  identity->origin = g_strdup (seen->origin);
  identity->unit = g_strdup (seen->unit);
  return okap_identity_seal (identity);
}

#define INSTALLED(path) { .kind = OKAP_IDENTITY_INSTALLED, .program = (path) }
#define USERS(path) { .kind = OKAP_IDENTITY_USER_PROGRAM, .program = (path) }
#define SANDBOXED(id) { .kind = OKAP_IDENTITY_SANDBOXED, .app_id = (id) }
#define WEBSITE(host) { .kind = OKAP_IDENTITY_WEBSITE, .origin = (host), \
                        .program = "/usr/lib/firefox/firefox" }
#define SCRIPT(interpreter, path, in) \
  { .kind = OKAP_IDENTITY_SCRIPT, .program = (interpreter), .script = (path), .folder = (in) }

/* What people have on their computers, and what it calls itself. */
static void
test_fits (void)
{
  static const struct
  {
    const char *claim;
    Seen seen;
  } cases[] = {
    { "Visual Studio Code", INSTALLED ("/usr/share/code/code") },
    { "VS Code", INSTALLED ("/usr/share/code/code") },
    { "VSCodium", INSTALLED ("/usr/share/codium/codium") },
    { "GIMP", INSTALLED ("/usr/bin/gimp-2.10") },
    { "GNU Image Manipulation Program", INSTALLED ("/usr/bin/gimp-2.10") },
    { "LibreOffice Writer", INSTALLED ("/usr/lib/libreoffice/program/soffice.bin") },
    { "Google Chrome", INSTALLED ("/opt/google/chrome/chrome") },
    { "Thunderbird", INSTALLED ("/usr/lib/thunderbird/thunderbird-bin") },
    { "Zed", INSTALLED ("/usr/libexec/zed-editor") },
    { "IntelliJ IDEA", INSTALLED ("/opt/idea/jbr/bin/java") },
    { "Text Editor", INSTALLED ("/usr/bin/gnome-text-editor") },
    { "Text Editor", SANDBOXED ("org.gnome.TextEditor") },
    { "Obsidian", SANDBOXED ("md.obsidian.Obsidian") },
    { "Visual Studio Code", SANDBOXED ("com.visualstudio.code") },
    { "Cursor", USERS ("/home/ann/Applications/Cursor-0.42.AppImage") },
    { "cursor", USERS ("/tmp/.mount_CursorAb12/cursor") },
    { "GPT4All", USERS ("/home/ann/gpt4all/bin/chat") },
    { "Café Notes", USERS ("/home/ann/.local/bin/café") },
    { "My Agent", SCRIPT ("/usr/bin/python3.11", "/home/ann/agent.py", "/home/ann") },
    { "Research Assistant", SCRIPT ("/usr/bin/python3.11", "/home/ann/ra/main.py",
                                    "/home/ann/ra") },
    { "Summariser", SCRIPT ("/usr/bin/node", "/home/ann/summariser/index.js", "/home/ann") },
    { "aider", SCRIPT ("/usr/bin/python3.11", "-m aider", "/home/ann/work") },
    { "Aider", SCRIPT ("/usr/bin/python3.11", "/home/ann/.local/bin/aider", "/home/ann/work") },
    { "Python", SCRIPT ("/usr/bin/python3.11", "/home/ann/x.py", "/home/ann") },
    { "Example Chat", WEBSITE ("https://app.example.com") },
    { "Okapi Notes", WEBSITE ("https://okapinotes.io") },
    { "Evolution", { .kind = OKAP_IDENTITY_INSTALLED, .program = "/usr/libexec/goa-daemon",
                     .unit = "app-gnome-org.gnome.Evolution-4242.scope" } },
    /* Names that say nothing, and programs of which nothing is known. */
    { "", INSTALLED ("/usr/bin/python3") },
    { "My App", INSTALLED ("/usr/bin/curl") },
    { "The AI Tool 2", INSTALLED ("/usr/bin/curl") },
    { "Cursor", { .kind = OKAP_IDENTITY_UNKNOWN } },
    { "Cursor", { .kind = OKAP_IDENTITY_RUN, .program = "/usr/bin/bash" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapIdentity) identity = make (&cases[i].seen);
      g_autofree char *words = okap_mismatch_dup_words (cases[i].claim, identity);

      g_assert_cmpstr (words, ==, NULL);
      g_assert_false (okap_mismatch_found (cases[i].claim, identity));
    }
}

static void
test_does_not_fit (void)
{
  static const struct
  {
    const char *claim;
    Seen seen;
    const char *words;
  } cases[] = {
    { "Cursor", SCRIPT ("/usr/bin/python3", "/home/ann/agent.py", "/home/ann"),
      "calls itself “Cursor”, but is /usr/bin/python3" },
    { "Python Notes", SCRIPT ("/usr/bin/python3", "/home/ann/agent.py", "/home/ann"),
      "calls itself “Python Notes”, but is /usr/bin/python3" },
    { "Cursor", SCRIPT ("/usr/bin/node", NULL, "/tmp"),
      "calls itself “Cursor”, but is /usr/bin/node" },
    { "Firefox", INSTALLED ("/usr/bin/curl"), "calls itself “Firefox”, but is /usr/bin/curl" },
    { "Bin", INSTALLED ("/usr/bin/curl"), "calls itself “Bin”, but is /usr/bin/curl" },
    { "Ann", USERS ("/home/ann/x"), "calls itself “Ann”, but is /home/ann/x" },
    { "Text Editor", SANDBOXED ("org.gnome.Calculator"),
      "calls itself “Text Editor”, but is org.gnome.Calculator" },
    { "Bank", WEBSITE ("https://evil.example"),
      "calls itself “Bank”, but is https://evil.example" },
    /* The first letter is Cyrillic. */
    { "\320\241ursor", USERS ("/opt/x/cursor"),
      "calls itself “\320\241ursor”, but is /opt/x/cursor" },
    { "<b>Bank</b>", INSTALLED ("/usr/bin/c\nurl"),
      "calls itself “<b>Bank</b>”, but is /usr/bin/c url" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapIdentity) identity = make (&cases[i].seen);
      g_autofree char *words = okap_mismatch_dup_words (cases[i].claim, identity);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

/* Neither invalid UTF-8 nor length is a way around it, or into trouble. */
static void
test_odd_names (void)
{
  const Seen odd = USERS ("/home/ann/\xff\xfe/prog\xffram");
  g_autoptr (OkapIdentity) identity = make (&odd);
  g_autofree char *long_name = g_strnfill (4000, 'x');
  Seen long_seen = USERS ("");
  g_autofree char *path = g_strconcat ("/opt/", long_name, "/y", NULL);
  g_autoptr (OkapIdentity) long_identity = NULL;
  g_autofree char *words = okap_mismatch_dup_words ("Cursor", identity);
  g_autofree char *long_words = NULL;

  g_assert_true (g_utf8_validate (words, -1, NULL));
  long_seen.program = path;
  long_identity = make (&long_seen);
  long_words = okap_mismatch_dup_words ("Cursor", long_identity);
  g_assert_cmpint (g_utf8_strlen (long_words, -1), <, 120);
  g_assert_nonnull (strstr (long_words, "…"));
}

static void
test_changed (void)
{
  static const struct
  {
    OkapIdentityKind kind;
    gint64 ago_us;
    const char *words;
  } cases[] = {
    { OKAP_IDENTITY_USER_PROGRAM, 3 * OKAP_DAY_US, "changed 3 days ago" },
    { OKAP_IDENTITY_SCRIPT, OKAP_DAY_US, "changed 1 day ago" },
    { OKAP_IDENTITY_SCRIPT, 5 * 60 * OKAP_MINUTE_US, "changed 5 hours ago" },
    { OKAP_IDENTITY_SCRIPT, 1, "changed 1 minute ago" },
    { OKAP_IDENTITY_SCRIPT, 59 * OKAP_MINUTE_US, "changed 59 minutes ago" },
    { OKAP_IDENTITY_SCRIPT, 90 * OKAP_DAY_US, "changed 3 months ago" },
    { OKAP_IDENTITY_USER_PROGRAM, 800 * OKAP_DAY_US, "changed 2 years ago" },
    { OKAP_IDENTITY_USER_PROGRAM, -OKAP_DAY_US, "changed in the future, by its date" },
    { OKAP_IDENTITY_INSTALLED, 3 * OKAP_DAY_US, NULL },
    { OKAP_IDENTITY_UNKNOWN, 3 * OKAP_DAY_US, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Seen seen = { .kind = cases[i].kind, .program = "/home/ann/x" };
      g_autoptr (OkapIdentity) identity = make (&seen);
      g_autofree char *words = NULL;

      identity->changed_us = NOW_US - cases[i].ago_us;
      words = okap_evidence_dup_changed (identity, NOW_US);
      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
add_fact_cb (const char *title, const char *value, gpointer user_data)
{
  g_assert_true (g_utf8_validate (value, -1, NULL));
  g_assert_null (strchr (value, '\n'));
  g_string_append_printf (user_data, "%s: %s\n", title, value);
}

static void
test_facts (void)
{
  static const char *const parents[] = { "bash", "gnome-terminal-server", "systemd", NULL };
  const Seen seen = SCRIPT ("/usr/bin/python3", "/home/ann/agent.py", "/home/ann");
  g_autoptr (OkapIdentity) identity = make (&seen);
  GString *facts = g_string_new (NULL);

  identity->command = g_strdup ("python3 agent.py\n--fast \xff");
  identity->parents = g_strdupv ((char **) parents);
  identity->process.pid = 4242;
  okap_evidence_foreach (identity, add_fact_cb, facts);
  g_assert_cmpstr (facts->str, ==,
                   "What Okap saw: python3 running /home/ann/agent.py in /home/ann\n"
                   "Program: /usr/bin/python3\n"
                   "Runs: /home/ann/agent.py\n"
                   "Command line: python3 agent.py --fast \357\277\275\n"
                   "In the folder: /home/ann\n"
                   "Started by: bash ← gnome-terminal-server ← systemd\n"
                   "Process: 4242\n");
  g_string_free (facts, TRUE);
}

/* What was passed on a command line is shown, but for what opens doors. */
static void
test_secrets (void)
{
  static const struct
  {
    const char *command;
    const char *shown;
  } cases[] = {
    { "curl -H Authorization: Bearer okap_r-gNkIGIO1FknjlXbskIPCmI5zQJBNwmZPe15A8OAxoaAbIdg -d {}",
      "curl -H Authorization: Bearer "
      "****************************************************** -d {}" },
    { "x --key=sk-proj-canaryO1canaryO1canaryO1canaryO1old1",
      "x --key=********************************************" },
    { "python3 /home/ann/some-project-with-a-long-name-2/agent.py --fast",
      "python3 /home/ann/some-project-with-a-long-name-2/agent.py --fast" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapIdentity) identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);

      identity->command = g_strdup (cases[i].command);
      okap_identity_seal (identity);
      g_assert_cmpstr (identity->command, ==, cases[i].shown);
    }
}

static void
test_icons (void)
{
  g_autoptr (GHashTable) icons = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint kind = OKAP_IDENTITY_UNKNOWN; kind <= OKAP_IDENTITY_RUN; kind++)
    {
      const Seen seen = { .kind = (OkapIdentityKind) kind };
      g_autoptr (OkapIdentity) identity = make (&seen);

      /* Each kind is told apart at a glance. */
      g_assert_true (g_hash_table_add (icons, (gpointer) okap_evidence_get_icon (identity)));
    }
}

static void
test_binding (void)
{
  const Seen asked = INSTALLED ("/usr/bin/notes");
  const Seen further = USERS ("/home/ann/notes-sync");
  g_autoptr (OkapGrant) grant = okap_grant_new ();
  g_autofree char *only = NULL;
  g_autofree char *both = NULL;
  g_autofree char *any = NULL;

  g_clear_pointer (&grant->identity, okap_identity_unref);
  grant->identity = make (&asked);
  only = okap_evidence_dup_binding (grant);
  g_assert_cmpstr (only, ==, "Only this program");
  g_ptr_array_add (grant->others, make (&further));
  both = okap_evidence_dup_binding (grant);
  g_assert_cmpstr (both, ==, "This program\nand Program in your files: /home/ann/notes-sync");
  grant->portable = TRUE;
  any = okap_evidence_dup_binding (grant);
  g_assert_cmpstr (any, ==, "Any program that has the token");
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evidence/mismatch/fits", test_fits);
  g_test_add_func ("/evidence/mismatch/does-not-fit", test_does_not_fit);
  g_test_add_func ("/evidence/mismatch/odd-names", test_odd_names);
  g_test_add_func ("/evidence/changed", test_changed);
  g_test_add_func ("/evidence/facts", test_facts);
  g_test_add_func ("/evidence/secrets", test_secrets);
  g_test_add_func ("/evidence/icons", test_icons);
  g_test_add_func ("/evidence/binding", test_binding);
  return g_test_run ();
}
