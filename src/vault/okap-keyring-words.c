/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is the matter with the login keyring, from the errors of the bus, and in words, which the
 * app translates. Pure. */
#include "config.h"

#include "okap-keyring-words.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <sodium.h>

#include "okap-error.h"
#include "okap-keyring.h"
#include "okap-text.h"

#define DETAILS_CHARS 200

static const struct
{
  OkapKeyringTrouble trouble;
  const char *words;
} rows[] = {
  { OKAP_KEYRING_NO_SERVICE,
    N_("There is no login keyring in this session (no program provides org.freedesktop.secrets). "
       "Install one, such as gnome-keyring, or go on with the passphrase") },
  { OKAP_KEYRING_HANGS, N_("The login keyring does not answer. Type the passphrase instead") },
  { OKAP_KEYRING_SLOW,
    N_("The login keyring did not finish within a minute. Perhaps it waits for a password in a "
       "window that cannot be seen. Try again, or go on with the passphrase") },
  { OKAP_KEYRING_LOCKED, N_("The login keyring is locked. Unlock it, or type the passphrase") },
  { OKAP_KEYRING_DISMISSED, N_("The login keyring was not unlocked. Nothing was changed") },
  { OKAP_KEYRING_NO_COLLECTION,
    N_("There is no default keyring to put this into. Make one with your desktop's password "
       "manager and set it as the default") },
  { OKAP_KEYRING_GONE,
    N_("The login keyring does not hold what opens this vault any more; it may have been reset. "
       "Type the passphrase, then turn the login keyring off and on again") },
  { OKAP_KEYRING_STRANGE,
    N_("What the login keyring holds does not open this vault. Type the passphrase, then turn the "
       "login keyring off and on again") },
  { OKAP_KEYRING_LOST,
    N_("The login keyring took the secret but did not give it back, so it is not used. Nothing was "
       "changed") },
  { OKAP_KEYRING_DIED, N_("The login keyring ended while it was asked. Try again") },
  { OKAP_KEYRING_BROKEN, N_("The login keyring reported an error") },
};

/** okap_keyring_trouble_from_error: @error: of libsecret or the bus */
OkapKeyringTrouble
okap_keyring_trouble_from_error (const GError *error)
{
  g_autofree char *remote = g_dbus_error_get_remote_error (error);

  if (g_strcmp0 (remote, "org.freedesktop.Secret.Error.IsLocked") == 0)
    return OKAP_KEYRING_LOCKED;
  if (g_strcmp0 (remote, "org.freedesktop.Secret.Error.NoSuchObject") == 0
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
    return OKAP_KEYRING_NO_COLLECTION;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED))
    return OKAP_KEYRING_DIED;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_FILE_NOT_FOUND)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_SERVER)
      || (remote != NULL && g_str_has_prefix (remote, "org.freedesktop.DBus.Error.Spawn"))
      || (remote == NULL && error->domain == G_IO_ERROR))
    return OKAP_KEYRING_NO_SERVICE;
  return OKAP_KEYRING_BROKEN;
}

/** okap_keyring_trouble_to_error: (details nullable): of the service, for what has no words here */
GError *
okap_keyring_trouble_to_error (OkapKeyringTrouble trouble, const char *details)
{
  g_autofree char *clean = NULL;

  g_assert (rows[trouble].trouble == trouble);
  if (trouble != OKAP_KEYRING_BROKEN || details == NULL)
    return g_error_new_literal (OKAP_ERROR, OKAP_ERROR_KEYRING, rows[trouble].words);
  clean = okap_text_clean (details, DETAILS_CHARS);
  return g_error_new (OKAP_ERROR, OKAP_ERROR_KEYRING, "%s: %s", rows[trouble].words, clean);
}

/** okap_keyring_dup_id: an id as the keyring's attributes name it */
char *
okap_keyring_dup_id (const guint8 id[OKAP_SEALED_ID_BYTES])
{
  char *hex = g_malloc (2 * OKAP_SEALED_ID_BYTES + 1);

  return sodium_bin2hex (hex, 2 * OKAP_SEALED_ID_BYTES + 1, id, OKAP_SEALED_ID_BYTES);
}
