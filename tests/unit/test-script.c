/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which script a command line runs, and which programs say nothing about who uses them. */
#include "okap-script.h"

#include <string.h>

typedef struct
{
  const char *interpreter;
  const char *command;      /* with blanks between the arguments */
  OkapScriptKind kind;
  const char *name;
  const char *loads;
} Case;

#define FILE_OF(i, c, n) { i, c, OKAP_SCRIPT_FILE, n, "" }
#define NONE_OF(i, c) { i, c, OKAP_SCRIPT_COMMANDS, NULL, NULL }

static const Case cases[] = {
  FILE_OF ("python3", "python3 agent.py", "agent.py"),
  FILE_OF ("python3.11", "python3 -u -B agent.py -c x", "agent.py"),
  FILE_OF ("python3.11", "python3 -uB -- agent.py", "agent.py"),
  { "python3", "python3 -W ignore agent.py", OKAP_SCRIPT_FILE, "agent.py", "-W ignore\n" },
  { "python3", "python3 -X dev -Wd agent.py", OKAP_SCRIPT_FILE, "agent.py", "-X dev\n-W d\n" },
  { "python3", "python3 -m http.server 80", OKAP_SCRIPT_MODULE, "http.server", "" },
  { "python3", "python3 -Im pip", OKAP_SCRIPT_MODULE, "pip", "" },
  { "python3", "python3 -mpip", OKAP_SCRIPT_MODULE, "pip", "" },
  FILE_OF ("python3", "python3 --check-hash-based-pycs always a.py", "a.py"),
  NONE_OF ("python3", "python3"),
  NONE_OF ("python3", "python3 -c agent.py"),
  NONE_OF ("python3", "python3 -uc agent.py"),
  NONE_OF ("python3", "python3 - agent.py"),
  NONE_OF ("python3", "python3 -m"),
  NONE_OF ("python3", "python3 -W"),
  NONE_OF ("python3", "python3 -Z agent.py"),
  NONE_OF ("python3", "python3 --new-option good.py evil.py"),
  FILE_OF ("bash", "bash run.sh", "run.sh"),
  FILE_OF ("bash", "bash -eu run.sh", "run.sh"),
  FILE_OF ("bash", "bash -o pipefail run.sh", "run.sh"),
  FILE_OF ("bash", "bash -euo pipefail +x run.sh", "run.sh"),
  FILE_OF ("bash", "bash --norc -- run.sh", "run.sh"),
  { "bash", "bash --rcfile x run.sh", OKAP_SCRIPT_FILE, "run.sh", "--rcfile x\n" },
  NONE_OF ("bash", "-bash"),
  NONE_OF ("bash", "bash -c run.sh"),
  NONE_OF ("bash", "bash -lc run.sh"),
  NONE_OF ("bash", "bash -s run.sh"),
  NONE_OF ("bash", "bash -oe pipefail evil.sh"),
  NONE_OF ("dash", "sh +c run.sh"),
  /* what reads its input, or another file than it seems */
  NONE_OF ("dash", "dash -o stdin good.sh"),
  NONE_OF ("zsh", "zsh -o SHIN_STDIN good.sh"),
  NONE_OF ("zsh", "zsh -o shi_ns_tdin good.sh"),
  NONE_OF ("zsh", "zsh -b -x good.sh"),
  NONE_OF ("zsh", "zsh -O evil.sh good.sh"),
  FILE_OF ("zsh", "zsh -eu -o pipefail run.sh", "run.sh"),
  NONE_OF ("bash-static", "bash +s good.sh"),
  NONE_OF ("tcsh", "tcsh -s good.csh"),
  NONE_OF ("tcsh", "tcsh -b -x good.csh"),
  NONE_OF ("python3", "python3 -i good.py"),
  NONE_OF ("python3", "python3 -ui good.py"),
  NONE_OF ("lua5.4", "lua -i good.lua"),
  NONE_OF ("julia", "julia -i good.jl"),
  NONE_OF ("gjs", "gjs -d good.js"),
  NONE_OF ("swipl", "swipl good.pl"),
  NONE_OF ("perl", "perl -S good.pl"),
  NONE_OF ("ruby", "ruby -S good.rb"),
  FILE_OF ("node", "node --inspect-port good.js evil.js", "evil.js"),
  NONE_OF ("node", "node --experimental-config-file=evil.json good.js"),
  NONE_OF ("php", "php -f good.php -d auto_prepend_file=evil.php"),
  FILE_OF ("php", "php -f index.php -- x", "index.php"),
  NONE_OF ("php-cgi8.2", "php-cgi good.php"),
  NONE_OF ("R", "R --file=good.R --file=evil.R"),
  FILE_OF ("R", "R --no-echo --file=agent.R --args x", "agent.R"),
  FILE_OF ("node", "node app.js", "app.js"),
  FILE_OF ("nodejs", "node --no-warnings --max-old-space-size=99 app.js", "app.js"),
  FILE_OF ("node", "node --title good.js evil.js", "evil.js"),
  { "node", "node --require good.js evil.js", OKAP_SCRIPT_FILE, "evil.js",
    "--require good.js\n" },
  { "node22", "node -r evil.js good.js", OKAP_SCRIPT_FILE, "good.js", "-r evil.js\n" },
  { "node", "node --import=evil.js good.js", OKAP_SCRIPT_FILE, "good.js", "--import=evil.js \n" },
  NONE_OF ("node", "node -e app.js"),
  NONE_OF ("node", "node -pe app.js"),
  NONE_OF ("node", "node --eval app.js"),
  NONE_OF ("node", "node --some-new-option good.js evil.js"),
  FILE_OF ("deno", "deno run -A --allow-net=x main.ts", "main.ts"),
  { "deno", "deno run --config d.json main.ts", OKAP_SCRIPT_FILE, "main.ts",
    "--config d.json\n" },
  NONE_OF ("deno", "deno eval main.ts"),
  NONE_OF ("deno", "deno repl"),
  FILE_OF ("bun", "bun run main.ts", "main.ts"),
  FILE_OF ("bun", "bun main.ts", "main.ts"),
  NONE_OF ("bun", "bun x main.ts"),
  FILE_OF ("java", "java -jar app.jar", "app.jar"),
  { "java", "java -Xmx512m -Dx=y -jar app.jar", OKAP_SCRIPT_FILE, "app.jar",
    "-Xmx512m \n-Dx=y \n" },
  { "java", "java -cp lib Main.java", OKAP_SCRIPT_FILE, "Main.java", "-cp lib\n" },
  { "java", "java -javaagent:evil.jar -jar app.jar", OKAP_SCRIPT_FILE, "app.jar",
    "-javaagent:evil.jar \n" },
  NONE_OF ("java", "java -cp lib Main"),
  NONE_OF ("java", "java @arguments"),
  FILE_OF ("perl", "perl -w agent.pl", "agent.pl"),
  { "perl5.36-x86_64-linux-gnu", "perl -Ilib agent.pl", OKAP_SCRIPT_FILE, "agent.pl",
    "-I lib\n" },
  NONE_OF ("perl", "perl -ne agent.pl"),
  FILE_OF ("ruby", "ruby agent.rb", "agent.rb"),
  NONE_OF ("ruby3.1", "ruby -e agent.rb"),
  FILE_OF ("php8.2", "php -f index.php", "index.php"),
  NONE_OF ("php", "php -r index.php"),
  FILE_OF ("lua5.4", "lua agent.lua", "agent.lua"),
  FILE_OF ("R", "R --no-echo --file=agent.R", "agent.R"),
  NONE_OF ("R", "R agent.R"),
  FILE_OF ("dotnet", "dotnet exec app.dll", "app.dll"),
  NONE_OF ("dotnet", "dotnet run"),
  FILE_OF ("ld-linux-x86-64.so.2", "ld.so /home/u/prog arg", "/home/u/prog"),
  { "ld-linux-x86-64.so.2", "ld.so --library-path /x /home/u/prog", OKAP_SCRIPT_FILE,
    "/home/u/prog", "--library-path /x\n" },
  NONE_OF ("ld-linux-x86-64.so.2", "ld.so --verify /home/u/prog"),
  FILE_OF ("electron", "electron app.asar", "app.asar"),
  NONE_OF ("gawk", "awk -f agent.awk"),
  NONE_OF ("qemu-aarch64", "qemu-aarch64 prog"),
};

static void
test_find (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) command = g_strsplit (cases[i].command, " ", -1);
      const OkapInterpreter *interpreter = okap_programs_find_interpreter (cases[i].interpreter);
      g_auto (OkapScript) script = { 0 };

      g_test_message ("%s", cases[i].command);
      g_assert_nonnull (interpreter);
      g_assert_cmpint (okap_script_find (interpreter, command, &script), ==, cases[i].kind);
      g_assert_cmpint (script.kind, ==, cases[i].kind);
      if (cases[i].kind == OKAP_SCRIPT_COMMANDS)
        continue;
      g_assert_cmpstr (script.name, ==, cases[i].name);
      g_assert_cmpstr (script.loads->str, ==, cases[i].loads);
    }
}

static void
test_names (void)
{
  static const char *const interpreters[] = {
    "python", "python3", "python3.11", "python3.13t", "pypy3", "platform-python3.6",
    "python3-dbg", "bash", "sh", "dash", "zsh", "node", "nodejs", "node18", "java", "ld.so",
    "ld-musl-x86_64.so.1", "qemu-x86_64-static", "electron", "electron28", "ruby3.1", "lua5.4",
  };
  static const char *const ordinary[] = {
    "curl", "code", "cursor", "node-exporter", "bash-language-server", "pythonista", "shfmt",
    "javac", "gimp", "firefox", "", "perldoc", "nodemon",
  };
  static const char *const relays[] = {
    "ssh", "sshd", "sshd-session", "socat", "socat1", "nc", "nc.openbsd", "ncat", "pasta",
    "slirp4netns", "rootlessport", "docker-proxy", "gvproxy", "kubectl", "xdg-dbus-proxy",
    "qemu-system-x86_64",
  };
  static const char *const no_relays[] = { "ssh-agent", "ncdu", "socatx", "curl", "python3" };

  for (gsize i = 0; i < G_N_ELEMENTS (interpreters); i++)
    g_assert_nonnull (okap_programs_find_interpreter (interpreters[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (ordinary); i++)
    g_assert_null (okap_programs_find_interpreter (ordinary[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (relays); i++)
    g_assert_true (okap_programs_is_relay (relays[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (no_relays); i++)
    g_assert_false (okap_programs_is_relay (no_relays[i]));
  g_assert_true (okap_programs_is_multicall ("busybox"));
  g_assert_false (okap_programs_is_multicall ("box"));
}

/* Any command line for any interpreter ends the search, and what was found is an argument of it. */
static void
test_broken (void)
{
  static const char *const words[] = {
    "-c", "-m", "-", "--", "", "-X", "x", "-jar", "--require", "--require=", "run", "-uBm", "+o",
    "-o", "--file=", "-=", "a.py", "\xff", "-\xff", "--import=", "eval",
  };
  static const char *const programs[] = {
    "python3", "bash", "node", "deno", "java", "perl", "R", "ld.so", "electron", "php", "gjs",
  };

  for (guint round = 0; round < 20000; round++)
    {
      const char *name = programs[round % G_N_ELEMENTS (programs)];
      char *command[8] = { (char *) name };
      g_auto (OkapScript) script = { 0 };

      for (int n = g_test_rand_int_range (0, 6); n > 0; n--)
        command[n] = (char *) words[g_test_rand_int_range (0, G_N_ELEMENTS (words))];
      if (okap_script_find (okap_programs_find_interpreter (name), command, &script)
          != OKAP_SCRIPT_COMMANDS)
        g_assert_true (script.name != NULL && *script.name != '\0');
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/script/find", test_find);
  g_test_add_func ("/script/names", test_names);
  g_test_add_func ("/script/broken", test_broken);
  return g_test_run ();
}
