/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs that say nothing about who uses them, by name: interpreters, which do what a script
 * says, and relays, which pass on what containers and other machines send. Constant; any thread.
 *
 * Who takes another name for an interpreter of their own is a program in the user's files, known by
 * its content; an installed one has the name that its package gave it. */
#include "config.h"

#include "okap-programs.h"

#include <string.h>

#define SHELL_FLAGS "abefhiklmnprtuvxBCDEHPT"

static const OkapInterpreter interpreters[] = {
  { .names = "python pypy platform-python",
    .flags = "bBdEhIOPqRsStuvVx", .loads = "WX", .commands = "ci", .modules = "m",
    .long_values = "--check-hash-based-pycs" },
  { .names = "bash rbash sh dash ash ksh mksh lksh ksh93 posh yash osh",
    .flags = SHELL_FLAGS, .values = "oO", .commands = "cs",
    .long_flags = "--norc --noprofile --posix --login --restricted --verbose",
    .long_loads = "--rcfile --init-file", .unless = "stdin" },
  /* Here -b ends the options, and -O has no value. */
  { .names = "zsh rzsh", .flags = "aefhiklmnprtuvxBCDEHPT", .values = "o", .commands = "cs",
    .long_flags = "--login", .unless = "stdin" },
  { .names = "fish", .flags = "iln", .loads = "C", .commands = "c",
    .long_flags = "--login --interactive --no-config --private" },
  { .names = "csh tcsh bsd-csh", .flags = "defFilmnqvVxX", .commands = "bcst" },
  { .names = "perl", .flags = "acfhlnpstTuUvwWX", .loads = "ImM", .commands = "eE" },
  { .names = "ruby jruby truffleruby", .flags = "alnpsUvwW", .loads = "CEIr", .commands = "e",
    .long_flags = "--disable=* --enable=* --yjit --jit --encoding=*" },
  { .names = "php", .flags = "nqCeHs", .loads = "cdz", .commands = "rBREa",
    .long_scripts = "-f --file", .last = "--" },
  { .names = "lua luajit luau texlua", .flags = "EWv", .loads = "l", .commands = "ei" },
  { .names = "node nodejs", .flags = "i", .loads = "rC", .commands = "epcv",
    .long_loads = "--require --import --loader --experimental-loader --env-file --conditions "
                  "--env-file= --require= --import= --loader= --experimental-loader= "
                  "--conditions= --openssl-config= --icu-data-dir= --snapshot-blob",
    .long_values = "--title --max-http-header-size --inspect-port --inspect-publish-uid",
    .long_flags = "--title= --stack-trace-limit= --max-http-header-size= --max-old-space-size= "
                  "--max_old_space_size= --max-semi-space-size= --stack-size= --no-warnings "
                  "--trace-warnings --trace-deprecation --no-deprecation --inspect "
                  "--inspect= --inspect-brk --inspect-brk= --inspect-wait --inspect-wait= "
                  "--enable-source-maps --no-experimental-* --experimental-vm-modules "
                  "--experimental-strip-types --experimental-transform-types "
                  "--experimental-sqlite --experimental-fetch --experimental-modules "
                  "--experimental-json-modules --experimental-wasm-modules "
                  "--experimental-specifier-resolution= --experimental-require-module "
                  "--experimental-websocket --experimental-permission --expose-gc "
                  "--expose_gc --preserve-symlinks --unhandled-rejections= --use-openssl-ca "
                  "--use-system-ca --use-bundled-ca --harmony* --interactive --watch "
                  "--disable-warning= --dns-result-order= --insecure-http-parser" },
  { .names = "deno", .flags = "Aqr", .loads = "cL", .words = "run serve",
    .stops = "eval repl task test bench cache install add jupyter lsp x",
    .long_flags = "--allow-* --deny-* --no-* --quiet --reload* --unstable* --check* --cached-only "
                  "--frozen* --inspect* --watch* --v8-flags=* --node-modules-dir* --seed=* "
                  "--location=* --env-file --lock",
    .long_loads = "--config --import-map --cert --preload --config= --import-map= --cert= "
                  "--preload= --env-file= --lock=" },
  { .names = "bun", .flags = "i", .loads = "rc", .commands = "ep", .words = "run",
    .stops = "x exec test install add repl build create init upgrade",
    .long_flags = "--bun --smol --hot --watch --silent --no-install --prefer-offline "
                  "--no-clear-screen --inspect*",
    .long_loads = "--preload --require --import --env-file --config --cwd --tsconfig-override "
                  "--preload= --require= --import= --env-file= --config= --cwd= "
                  "--tsconfig-override=" },
  { .names = "java", .suffix = ".java", .long_scripts = "-jar",
    .long_flags = "-server -client -ea -da -esa -dsa -showversion -ea:* -da:* -verbose* "
                  "--enable-preview --show-version",
    .long_loads = "-X* -D* -javaagent:* -agentlib:* -agentpath:* -cp -classpath --class-path "
                  "-p --module-path --add-modules --add-opens --add-exports --class-path=* "
                  "--module-path=* --add-modules=* --add-opens=* --add-exports=* "
                  "--enable-native-access=* --upgrade-module-path" },
  { .names = "dotnet", .suffix = ".dll", .words = "exec",
    .long_loads = "--depsfile --runtimeconfig --additionalprobingpath --additional-deps "
                  "--fx-version --roll-forward" },
  { .names = "mono mono-sgen", .suffix = ".exe", .long_flags = "--debug* --desktop --server --gc=*",
    .long_loads = "--config --profile=*" },
  /* R reads no file without the option. */
  { .names = "R", .last = "--args", .suffix = "\n", .long_scripts = "--file=", .flags = "s",
    .long_flags = "--no-echo --no-restore --vanilla --slave --no-save --quiet --no-environ "
                  "--no-site-file --no-init-file --no-restore-data --no-restore-history "
                  "--no-readline --interactive" },
  { .names = "pwsh", .suffix = ".ps1", .long_flags = "-NoProfile -NoLogo -NonInteractive",
    .long_scripts = "-File -file -f" },
  { .names = "gjs gjs-console cjs cjs-console", .flags = "m", .loads = "IC", .commands = "c",
    .long_flags = "--module" },
  { .names = "qjs quickjs tjs", .flags = "mhdTq", .loads = "I", .commands = "ei",
    .long_flags = "--std --module --script", .words = "run" },
  { .names = "tclsh wish expect jimsh" },
  { .names = "guile", .loads = "LCxl", .commands = "c", .long_scripts = "-s",
    .long_flags = "--no-auto-compile --auto-compile --fresh-auto-compile --debug --no-debug" },
  { .names = "julia", .commands = "eEi", .loads = "JLtp", .flags = "q",
    .long_flags = "--startup-file=no --color=* --history-file=* --project",
    .long_loads = "--project=" },
  { .names = "escript racket ocaml octave octave-cli clisp" },
  /* Some read commands from their input after their script; others serve many scripts. */
  { .names = "swipl sbcl php-cgi php-fpm phpdbg jrunscript gdb-multiarch micropython "
             "awk gawk mawk nawk original-awk gdb lldb erl beam.smp elixir ipython pypy-c "
             "nu elvish xonsh emacs-script wine wine64 wine-preloader wine64-preloader box64 "
             "box86 FEXInterpreter FEXLoader memcheck-amd64-linux callgrind-amd64-linux "
             "helgrind-amd64-linux massif-amd64-linux none-amd64-linux rr strace ltrace",
    .opaque = TRUE },
  { .names = "electron", .flags = "i", .loads = "r", .commands = "e",
    .long_flags = "--no-sandbox --disable-* --enable-* --ozone-platform*",
    .long_loads = "--require --require=" },
  { .names = "env bunx", .opaque = TRUE },
};

/* The dynamic loader, started as a program: ld-linux-x86-64.so.2 --library-path DIR PROGRAM. */
static const OkapInterpreter loader = {
  .long_flags = "--inhibit-cache --argv0=*",
  .long_values = "--argv0",
  .long_loads = "--library-path --preload --audit --inhibit-rpath --glibc-hwcaps-prepend "
                "--glibc-hwcaps-mask",
};

/* An emulator of processors runs a whole other program. */
static const OkapInterpreter emulator = { .opaque = TRUE };

static const char relays[] =
  /* networks of containers and virtual machines */
  "slirp4netns pasta pasta.avx2 passt passt.avx2 rootlessport rootlesskit docker-proxy docker "
  "dockerd containerd containerd-shim-runc-v2 podman conmon crun runc netavark aardvark-dns "
  "gvproxy gvforwarder vpnkit vpnkit-bridge com.docker.backend com.docker.vpnkit buildkitd "
  "nerdctl limactl colima lxc lxd incus incusd multipass multipassd VBoxHeadless VBoxNetNAT "
  "VirtualBoxVM vmware-vmx vmware-natd firecracker cloud-hypervisor crosvm wslrelay wsl.exe "
  "minikube kind k3s kubectl kubelet k9s oc telepresence host-spawn distrobox-host-exec toolbox "
  "flatpak-spawn flatpak-bwrap flatpak-dbus-proxy xdg-dbus-proxy bwrap waypipe "
  /* tunnels and proxies */
  "ssh sshd sshd-session sshd-auth autossh dbclient dropbear plink mosh-server socat socat1 nc "
  "ncat netcat nc.openbsd nc.traditional stunnel stunnel4 haproxy nginx caddy envoy traefik "
  "squid tinyproxy privoxy 3proxy apache2 httpd lighttpd varnishd mitmproxy cloudflared ngrok "
  "tailscaled tailscale frpc frps chisel rathole bore gost adb iproxy inetd xinetd "
  "systemd-socket-proxyd redsocks microsocks danted sing-box xray v2ray tor websocat wstunnel";

/** okap_programs_has_word: whether @word is in @list, or begins with one that ends in "*" or "=" */
gboolean
okap_programs_has_word (const char *list, const char *word)
{
  gsize length = strlen (word);

  for (const char *at = list; at != NULL && *at != '\0';)
    {
      gsize n = strcspn (at, " ");

      if (n == length && memcmp (at, word, n) == 0)
        return TRUE;
      if (n > 1 && at[n - 1] == '*' && length >= n - 1 && memcmp (at, word, n - 1) == 0)
        return TRUE;
      if (n > 1 && at[n - 1] == '=' && length >= n && memcmp (at, word, n) == 0)
        return TRUE;
      at += n + strspn (at + n, " ");
    }
  return FALSE;
}

/* Whether @name is one of @list, or one with a version behind it: "python3.11", "nc.openbsd". */
static gboolean
is_named (const char *list, const char *name)
{
  for (const char *at = list; *at != '\0';)
    {
      gsize n = strcspn (at, " ");

      if (strncmp (at, name, n) == 0)
        {
          const char *rest = name + n;

          if (*rest == '\0' || g_ascii_isdigit (*rest) || strcmp (rest, "-dbg") == 0
              || strcmp (rest, "-static") == 0 || (*rest == '-' && g_ascii_isdigit (rest[1])))
            return TRUE;
        }
      at += n + strspn (at + n, " ");
    }
  return FALSE;
}

/**
 * okap_programs_find_interpreter:
 * @name: of a program, without its folder
 *
 * Returns: (nullable): how it reads its command line; NULL if it is no interpreter
 */
const OkapInterpreter *
okap_programs_find_interpreter (const char *name)
{
  if ((g_str_has_prefix (name, "ld-") && strstr (name, ".so") != NULL)
      || strcmp (name, "ld.so") == 0)
    return &loader;
  if (g_str_has_prefix (name, "qemu-") && !g_str_has_prefix (name, "qemu-system"))
    return &emulator;
  for (gsize i = 0; i < G_N_ELEMENTS (interpreters); i++)
    if (is_named (interpreters[i].names, name))
      return &interpreters[i];
  return NULL;
}

/** okap_programs_is_relay: whether program @name passes on what others send */
gboolean
okap_programs_is_relay (const char *name)
{
  return g_str_has_prefix (name, "qemu-system") || is_named (relays, name);
}

/** okap_programs_is_multicall: whether @name is many programs, the first argument says which */
gboolean
okap_programs_is_multicall (const char *name)
{
  return is_named ("busybox toybox", name);
}
