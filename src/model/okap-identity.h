/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define OKAP_TYPE_IDENTITY (okap_identity_get_type ())

/* How well a program is known. */
typedef enum
{
  OKAP_IDENTITY_UNKNOWN,       /* it could not be identified; the doubt says why */
  OKAP_IDENTITY_SCRIPT,        /* an interpreter with what it was told to run */
  OKAP_IDENTITY_USER_PROGRAM,  /* a program that the user could have changed */
  OKAP_IDENTITY_INSTALLED,     /* a program that only root can change */
  OKAP_IDENTITY_SANDBOXED,     /* a Flatpak or Snap app */
  OKAP_IDENTITY_WEBSITE,       /* an origin, in a browser that is known itself */
  OKAP_IDENTITY_RUN,           /* what the user started with okap run, and its children */
} OkapIdentityKind;

/* Why a program is not known better. */
typedef enum
{
  OKAP_DOUBT_NONE,
  OKAP_DOUBT_GONE,        /* its process had ended */
  OKAP_DOUBT_HIDDEN,      /* it does not let itself be read */
  OKAP_DOUBT_REPLACED,    /* its file was removed or replaced since it started */
  OKAP_DOUBT_CHANGED,     /* it became another one while it was looked at */
  OKAP_DOUBT_SHARED,      /* several programs hold the connection */
  OKAP_DOUBT_CONTAINER,   /* it has namespaces of its own, and no sandbox that can be proven */
  OKAP_DOUBT_RELAY,       /* it passes on what containers or other machines send */
  OKAP_DOUBT_LINK,        /* a link was opened; nobody knows by whom */
} OkapDoubt;

#define OKAP_N_DOUBTS (OKAP_DOUBT_LINK + 1)

/* A process, told apart from a later one with the same number. */
typedef struct
{
  pid_t pid;
  guint64 started;        /* clock ticks after boot: /proc/PID/stat, field 22 */
} OkapProcessId;

/* What Okap itself saw of a program; nothing in here comes from a request. Filled by who looked,
 * sealed, and constant from then on. Strings are as the kernel has them, perhaps not UTF-8. */
typedef struct
{
  gatomicrefcount ref_count;
  OkapIdentityKind kind;
  OkapDoubt doubt;

  /* what is compared, as far as the kind has it */
  char *program;          /* (owned) (nullable) path of the executable */
  char *script;           /* (owned) (nullable) path of what an interpreter runs, or "-m NAME" */
  char *digest;           /* (owned) (nullable) SHA-256 in hex of the script, else of the program */
  char *folder;           /* (owned) (nullable) in which a script runs */
  char *engine;           /* (owned) (nullable) "flatpak", "snap" */
  char *app_id;           /* (owned) (nullable) its name there */
  char *origin;           /* (owned) (nullable) of a website: "https://app.example.com" */
  OkapProcessId process;  /* pid 0 where it is not known */
  char *unit;             /* (owned) (nullable) the systemd unit that it runs in */

  /* what is only shown */
  gint64 changed_us;      /* when the script, else the program, was written; 0: not known */
  char *command;          /* (owned) (nullable) its command line, shortened */
  GArray *ancestors;      /* (owned) (element-type OkapProcessId) parent first; also compared with
                             what okap run started */
  char **parents;         /* (owned) (nullable) names of the programs of its ancestors */

  /*< private >*/
  char *key;              /* (owned) once sealed */
} OkapIdentity;

GType         okap_identity_get_type   (void) G_GNUC_CONST;
OkapIdentity *okap_identity_new        (OkapIdentityKind kind) G_GNUC_WARN_UNUSED_RESULT;
OkapIdentity *okap_identity_new_unknown (OkapDoubt doubt) G_GNUC_WARN_UNUSED_RESULT;
OkapIdentity *okap_identity_seal       (OkapIdentity *identity);
OkapIdentity *okap_identity_ref        (OkapIdentity *identity);
void          okap_identity_unref      (OkapIdentity *identity);
const char   *okap_identity_get_key    (const OkapIdentity *identity);
gboolean      okap_identity_covers     (const OkapIdentity *granted, const OkapIdentity *seen);
gboolean      okap_identity_is_changed (const OkapIdentity *granted, const OkapIdentity *seen);
char         *okap_identity_dup_name   (const OkapIdentity *identity);
char         *okap_identity_dup_words  (const OkapIdentity *identity);
const char   *okap_identity_kind_get_name (OkapIdentityKind kind);
void          okap_identity_build      (const OkapIdentity *identity, JsonBuilder *builder);
OkapIdentity *okap_identity_from_json  (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapIdentity, okap_identity_unref)

G_END_DECLS
