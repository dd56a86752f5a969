/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the vault recognises what a command of okap run starts.
 *
 *   a child, and a child's child          by descent: its ancestors lead to the command
 *   one that outlived its parent          by the unit: the command runs in a scope of its own, and
 *   (a daemon, "setsid cmd &")            systemd keeps there whatever it starts
 *
 * The scope is asked of the user's systemd before the vault is asked for access, because the vault
 * notes it with the grant; and /proc is asked whether we are in it, for an answer is no proof.
 * Nothing of this may keep a command from running: there may be no bus, no systemd, or one that
 * does not answer, and after a second it goes on without.
 *
 * Then orphans are adopted instead (PR_SET_CHILD_SUBREAPER holds through exec, and is not passed on
 * to children): the kernel gives them to the command rather than to init, and descent recognises
 * them. The price is that the command may find children that it never started, and leaves those
 * that end as zombies until it ends itself; so only where there is no scope. */
#include "config.h"

#include "okap-run-scope.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define BOUND_MS 1000
#define LOOK_AGAIN_MS 2
#define RANDOM_BYTES 8

typedef struct
{
  GMainContext *context;       /* (owned) ours alone */
  GMainLoop *loop;             /* (owned) */
  GCancellable *cancellable;   /* (owned) */
  char *scope;                 /* (owned) */
  char *description;           /* (owned) */
  guint pending;               /* calls that will still call back */
  gboolean over;               /* it succeeded, failed, or took too long */
  gboolean entered;
} Entering;

static void
finish (Entering *entering)
{
  entering->over = TRUE;
  g_cancellable_cancel (entering->cancellable);
  if (entering->pending == 0)
    g_main_loop_quit (entering->loop);
}

/**
 * okap_run_scope_is_in:
 * @cgroups: /proc/PID/cgroup
 * @scope: the name of a unit
 *
 * Returns: whether the process is in @scope itself, in any hierarchy that systemd keeps
 */
gboolean
okap_run_scope_is_in (const char *cgroups, const char *scope)
{
  g_auto (GStrv) lines = g_strsplit (cgroups, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      const char *slash = strrchr (*line, '/');

      if ((g_str_has_prefix (*line, "0::") || strstr (*line, ":name=systemd:") != NULL)
          && slash != NULL && strcmp (slash + 1, scope) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
look_cb (gpointer user_data)
{
  Entering *entering = user_data;
  g_autofree char *cgroups = NULL;

  if (entering->over)
    return G_SOURCE_REMOVE;
  if (!g_file_get_contents ("/proc/self/cgroup", &cgroups, NULL, NULL)
      || !okap_run_scope_is_in (cgroups, entering->scope))
    return G_SOURCE_CONTINUE;
  entering->entered = TRUE;
  finish (entering);
  return G_SOURCE_REMOVE;
}

static gboolean
too_long_cb (gpointer user_data)
{
  finish (user_data);
  return G_SOURCE_REMOVE;
}

static void
add_timeout (Entering *entering, guint ms, GSourceFunc func)
{
  g_autoptr (GSource) source = g_timeout_source_new (ms);

  g_source_set_callback (source, func, entering, NULL);
  g_source_attach (source, entering->context);
}

/* The call is answered when systemd has taken the job, which may be before it is done. */
static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Entering *entering = user_data;
  g_autoptr (GVariant) job = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                            NULL);

  entering->pending--;
  if (job == NULL || entering->over)
    finish (entering);
  else
    add_timeout (entering, LOOK_AGAIN_MS, look_cb);
}

static GVariant *
make_arguments (const Entering *entering)
{
  guint32 pid = (guint32) getpid ();
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE ("a(sv)"));
  g_variant_builder_add (&properties, "(sv)", "PIDs",
                         g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, &pid, 1, sizeof pid));
  g_variant_builder_add (&properties, "(sv)", "Description",
                         g_variant_new_string (entering->description));
  g_variant_builder_add (&properties, "(sv)", "Slice", g_variant_new_string ("app.slice"));
  g_variant_builder_add (&properties, "(sv)", "CollectMode",
                         g_variant_new_string ("inactive-or-failed"));
  return g_variant_new ("(ssa(sv)a(sa(sv)))", entering->scope, "fail", &properties, NULL);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Entering *entering = user_data;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, NULL);

  entering->pending--;
  if (bus == NULL || entering->over)
    {
      finish (entering);
      return;
    }
  entering->pending++;
  g_dbus_connection_call (bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                          "org.freedesktop.systemd1.Manager", "StartTransientUnit",
                          make_arguments (entering), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, BOUND_MS, entering->cancellable,
                          started_cb, entering);
}

/* (nullable): of a bus that runs; none is started for this. */
static char *
dup_address (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);
  g_autofree char *escaped = g_dbus_address_escape_value (path);

  if (address != NULL && g_dbus_is_supported_address (address, NULL))
    return g_strdup (address);
  return address == NULL && g_file_test (path, G_FILE_TEST_EXISTS)
         ? g_strconcat ("unix:path=", escaped, NULL) : NULL;
}

static char *
dup_scope_name (void)
{
  GString *name = g_string_new ("app-okap-run-");

  for (guint i = 0; i < RANDOM_BYTES; i++)
    g_string_append_printf (name, "%02x", (guint) g_random_int_range (0, 256));
  g_string_append (name, ".scope");
  return g_string_free (name, FALSE);
}

/**
 * okap_run_scope_enter:
 * @program: what will run, for those who list units
 *
 * Moves this process into a scope of its own; takes a second at most.
 *
 * Returns: whether it is in there now
 */
gboolean
okap_run_scope_enter (const char *program)
{
  g_autofree char *address = dup_address ();
  g_autofree char *valid = g_utf8_make_valid (program, -1);
  Entering entering = { 0 };

  if (address == NULL)
    return FALSE;
  entering.context = g_main_context_new ();
  entering.loop = g_main_loop_new (entering.context, FALSE);
  entering.cancellable = g_cancellable_new ();
  entering.scope = dup_scope_name ();
  entering.description = g_strconcat ("okap run: ", valid, NULL);
  g_main_context_push_thread_default (entering.context);
  add_timeout (&entering, BOUND_MS, too_long_cb);
  entering.pending++;
  g_dbus_connection_new_for_address (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                              | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, entering.cancellable, connected_cb, &entering);
  g_main_loop_run (entering.loop);
  g_main_context_pop_thread_default (entering.context);
  g_main_loop_unref (entering.loop);
  g_main_context_unref (entering.context);
  g_object_unref (entering.cancellable);
  g_free (entering.scope);
  g_free (entering.description);
  return entering.entered;
}

/** okap_run_scope_adopt: makes the command that this process becomes the parent of its orphans */
void
okap_run_scope_adopt (void)
{
  (void) prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  /* without it, orphans are not recognised */
}
