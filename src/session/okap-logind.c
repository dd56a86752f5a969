/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What logind tells of our session and of the machine. Main thread.
 *
 *   appeared ─▶ inhibit, subscribe ─▶ which session is ours? ─▶ subscribe, ask for its properties
 *                                       by the process; by "auto", which knows the display session
 *                                       of a service; by the environment, which may lack it
 *
 * Sleep is delayed by a descriptor that is taken at the start, so that logind waits until it is
 * closed: a signal alone may be read only after the machine is awake again. It is closed in every
 * case, once the caller has wiped what it has to; a new one is taken when the machine is awake.
 *
 * A seat that another session is at may have been handed to a screen for logging in, which is how
 * some desktops lock (away), to a console of our own user (not away), or to another user. */
#include "config.h"

#include "okap-logind.h"

#include <string.h>
#include <unistd.h>

#include "okap-service.h"

#define NAME       "org.freedesktop.login1"
#define PATH       "/org/freedesktop/login1"
#define MANAGER    "org.freedesktop.login1.Manager"
#define SESSION    "org.freedesktop.login1.Session"
#define SEAT       "org.freedesktop.login1.Seat"
#define PROPERTIES "org.freedesktop.DBus.Properties"

struct _OkapLogind
{
  OkapLogindFunc func;
  gpointer user_data;
  OkapService *service;  /* (owned) */
  int inhibitor;         /* (owned) or -1 */
  gboolean inhibiting;   /* it was asked for */
  char *session;         /* (owned) (nullable) path of ours */
  char *seat;            /* (owned) (nullable) path; NULL also if it has none */
  guint ways_left;       /* to find our session */
  gboolean graphical;    /* only then is IdleHint set by somebody who sees all input */
  gboolean away;
  gboolean asleep;       /* or about to be */
};

static void
say (OkapLogind *self, OkapLogindEvent event)
{
  self->func (event, self->user_data);
}

/* --- Sleep, and the end --- */

static void
inhibited_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  OkapLogind *self = user_data;
  int index;

  self->inhibiting = FALSE;
  if (answer == NULL || fds == NULL)
    return;
  g_variant_get (answer, "(h)", &index);
  if (self->inhibitor < 0 && index >= 0 && index < g_unix_fd_list_get_length (fds))
    self->inhibitor = g_unix_fd_list_get (fds, index, NULL);
}

/** okap_logind_inhibit: the next sleep waits for okap_logind_release() */
void
okap_logind_inhibit (OkapLogind *self)
{
  if (self->inhibitor >= 0 || self->inhibiting || !okap_service_is_there (self->service))
    return;
  self->inhibiting = TRUE;
  okap_service_call (self->service, PATH, MANAGER, "Inhibit",
                     g_variant_new ("(ssss)", "sleep", "Okap", "Wiping the keys from memory",
                                    "delay"),
                     "(h)", inhibited_cb);
}

/** okap_logind_release: the machine may sleep now */
void
okap_logind_release (OkapLogind *self)
{
  if (self->inhibitor >= 0)
    close (self->inhibitor);
  self->inhibitor = -1;
}

static void
sleep_cb (GVariant *parameters, gpointer user_data)
{
  OkapLogind *self = user_data;

  g_variant_get (parameters, "(b)", &self->asleep);
  say (self, self->asleep ? OKAP_LOGIND_SLEEP : OKAP_LOGIND_WAKE);
}

static void
shutdown_cb (GVariant *parameters, gpointer user_data)
{
  gboolean begins;

  g_variant_get (parameters, "(b)", &begins);
  if (begins)
    say (user_data, OKAP_LOGIND_END);
}

static void
removed_cb (GVariant *parameters, gpointer user_data)
{
  OkapLogind *self = user_data;
  const char *path;

  g_variant_get (parameters, "(&s&o)", NULL, &path);
  if (g_strcmp0 (path, self->session) == 0)
    say (self, OKAP_LOGIND_END);
}

/* --- Who is at the seat --- */

static void
set_away (OkapLogind *self, gboolean away)
{
  if (self->away == away)
    return;
  self->away = away;
  say (self, away ? OKAP_LOGIND_AWAY : OKAP_LOGIND_BACK);
}

static void
neighbour_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  OkapLogind *self = user_data;
  g_autoptr (GVariant) dict = answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
  const char *class = "";
  guint32 user = 0;
  gboolean known = dict != NULL && g_variant_lookup (dict, "Class", "&s", &class)
                   && g_variant_lookup (dict, "User", "(uo)", &user, NULL);

  if (!self->away)
    return;
  if (known && g_str_equal (class, "user") && user == getuid ())
    set_away (self, FALSE);
  else if (!known || g_str_equal (class, "user"))  /* whoever it is, it may be somebody else */
    say (self, OKAP_LOGIND_OTHER_USER);
}

static void
look_at_session (OkapLogind *self, GVariant *active)
{
  const char *id, *path;

  g_variant_get (active, "(&s&o)", &id, &path);
  if (*id == '\0')
    return;  /* nobody is, for a moment */
  if (g_strcmp0 (path, self->session) == 0)
    {
      set_away (self, FALSE);
      return;
    }
  set_away (self, TRUE);
  okap_service_get_all (self->service, path, SESSION, neighbour_cb);
}

static void
seat_asked_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  OkapLogind *self = user_data;
  g_autoptr (GVariant) dict = answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
  g_autoptr (GVariant) active = NULL;

  if (dict != NULL)
    active = g_variant_lookup_value (dict, "ActiveSession", G_VARIANT_TYPE ("(so)"));
  if (active != NULL)
    look_at_session (self, active);
  else if (self->away)
    say (self, OKAP_LOGIND_OTHER_USER);
}

static void
seat_changed_cb (GVariant *parameters, gpointer user_data)
{
  OkapLogind *self = user_data;
  g_autoptr (GVariant) changed = g_variant_get_child_value (parameters, 1);
  g_autoptr (GVariant) active = g_variant_lookup_value (changed, "ActiveSession",
                                                        G_VARIANT_TYPE ("(so)"));

  if (active != NULL)
    look_at_session (self, active);
}

static void
note_active (OkapLogind *self, gboolean active)
{
  set_away (self, !active);
  if (!active && self->seat != NULL)
    okap_service_get_all (self->service, self->seat, SEAT, seat_asked_cb);
}

/* --- Our session --- */

static void
note_properties (OkapLogind *self, GVariant *dict)
{
  gboolean value;

  if (g_variant_lookup (dict, "LockedHint", "b", &value))
    say (self, value ? OKAP_LOGIND_HINT_LOCKED : OKAP_LOGIND_HINT_UNLOCKED);
  if (g_variant_lookup (dict, "IdleHint", "b", &value) && self->graphical)
    say (self, value ? OKAP_LOGIND_IDLE : OKAP_LOGIND_ACTIVE);
  if (g_variant_lookup (dict, "Active", "b", &value) && self->seat != NULL)
    note_active (self, value);
}

static void
changed_cb (GVariant *parameters, gpointer user_data)
{
  g_autoptr (GVariant) changed = g_variant_get_child_value (parameters, 1);

  note_properties (user_data, changed);
}

static void
asked_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  OkapLogind *self = user_data;
  g_autoptr (GVariant) dict = answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
  const char *type = "";
  const char *seat_id = "";
  const char *seat = NULL;

  if (dict == NULL)
    return;
  (void) g_variant_lookup (dict, "Type", "&s", &type);
  self->graphical = g_str_equal (type, "x11") || g_str_equal (type, "wayland")
                    || g_str_equal (type, "mir");
  if (g_variant_lookup (dict, "Seat", "(&s&o)", &seat_id, &seat) && *seat_id != '\0')
    {
      self->seat = g_strdup (seat);
      okap_service_subscribe (self->service, seat, PROPERTIES, "PropertiesChanged", SEAT,
                              "(sa{sv}as)", seat_changed_cb);
    }
  note_properties (self, dict);
}

static void
lock_cb (GVariant *parameters, gpointer user_data)
{
  say (user_data, OKAP_LOGIND_LOCK);
}

static void
unlock_cb (GVariant *parameters, gpointer user_data)
{
  say (user_data, OKAP_LOGIND_UNLOCK);
}

static void
take_session (OkapLogind *self, const char *path)
{
  self->session = g_strdup (path);
  okap_service_subscribe (self->service, path, SESSION, "Lock", NULL, "()", lock_cb);
  okap_service_subscribe (self->service, path, SESSION, "Unlock", NULL, "()", unlock_cb);
  okap_service_subscribe (self->service, path, PROPERTIES, "PropertiesChanged", SESSION,
                          "(sa{sv}as)", changed_cb);
  okap_service_get_all (self->service, path, SESSION, asked_cb);
}

static void find_session (OkapLogind *self);

static void
found_cb (GVariant *answer, GUnixFDList *fds, gpointer user_data)
{
  OkapLogind *self = user_data;
  const char *path;

  if (answer == NULL)
    {
      find_session (self);
      return;
    }
  g_variant_get (answer, "(&o)", &path);
  take_session (self, path);
}

static void
find_session (OkapLogind *self)
{
  const char *id = g_getenv ("XDG_SESSION_ID");

  switch (self->ways_left--)
    {
    case 3:
      okap_service_call (self->service, PATH, MANAGER, "GetSessionByPID",
                         g_variant_new ("(u)", (guint32) getpid ()), "(o)", found_cb);
      break;
    case 2:
      okap_service_call (self->service, PATH, MANAGER, "GetSession", g_variant_new ("(s)", "auto"),
                         "(o)", found_cb);
      break;
    case 1:
      if (id != NULL && *id != '\0')
        okap_service_call (self->service, PATH, MANAGER, "GetSession", g_variant_new ("(s)", id),
                           "(o)", found_cb);
      break;
    default:
      g_debug ("This program belongs to no session that logind knows");
    }
}

static void
appeared_cb (OkapService *service, gpointer user_data)
{
  OkapLogind *self = user_data;

  okap_logind_inhibit (self);
  okap_service_subscribe (service, PATH, MANAGER, "PrepareForSleep", NULL, "(b)", sleep_cb);
  okap_service_subscribe (service, PATH, MANAGER, "PrepareForShutdown", NULL, "(b)", shutdown_cb);
  okap_service_subscribe (service, PATH, MANAGER, "SessionRemoved", NULL, "(so)", removed_cb);
  self->ways_left = 3;
  find_session (self);
}

/* Whether we are away the next one has to say anew; that the machine is awake, it will not. */
static void
vanished_cb (OkapService *service, gpointer user_data)
{
  OkapLogind *self = user_data;

  okap_logind_release (self);
  self->inhibiting = FALSE;
  self->graphical = FALSE;
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->seat, g_free);
  if (self->asleep)
    say (self, OKAP_LOGIND_WAKE);
  self->asleep = FALSE;
  say (self, OKAP_LOGIND_HINT_GONE);
}

/** okap_logind_new: nobody is called back before this returns */
OkapLogind *
okap_logind_new (OkapLogindFunc func, gpointer user_data)
{
  OkapLogind *self = g_new0 (OkapLogind, 1);

  self->func = func;
  self->user_data = user_data;
  self->inhibitor = -1;
  self->service = okap_service_watch (G_BUS_TYPE_SYSTEM, NAME, TRUE, appeared_cb, vanished_cb,
                                      self);
  return self;
}

void
okap_logind_free (OkapLogind *self)
{
  okap_service_unwatch (self->service);
  okap_logind_release (self);
  g_free (self->session);
  g_free (self->seat);
  g_free (self);
}
