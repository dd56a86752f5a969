/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who types at a terminal: the person, or a program that made the terminal. Main thread.
 *
 * Any program can start okap serve on a terminal of its own, wait until the person unlocks the
 * vault by okap unlock elsewhere, and then answer its own questions. So a terminal is believed only
 * after the passphrase came by it, or by the descriptor that was given to this very okap serve;
 * until then each grant takes the passphrase. The next lock ends the belief: who can unlock
 * elsewhere after that need not be who was here before. */
#include "config.h"

#include "okap-terminal-vouch.h"

#include <glib/gi18n-lib.h>

struct _OkapTerminalVouch
{
  OkapVault *vault;     /* (owned) */
  gulong locked;        /* the handler */
  gboolean given;
};

static void
locked_cb (OkapVault *vault, gpointer user_data)
{
  OkapTerminalVouch *self = user_data;

  self->given = FALSE;
}

/** okap_terminal_vouch_new: (transfer full): nothing was shown yet */
OkapTerminalVouch *
okap_terminal_vouch_new (OkapVault *vault)
{
  OkapTerminalVouch *self = g_new0 (OkapTerminalVouch, 1);

  self->vault = g_object_ref (vault);
  self->locked = g_signal_connect (vault, "locked", G_CALLBACK (locked_cb), self);
  return self;
}

/** okap_terminal_vouch_free: @self: (transfer full) */
void
okap_terminal_vouch_free (OkapTerminalVouch *self)
{
  g_signal_handler_disconnect (self->vault, self->locked);
  g_object_unref (self->vault);
  g_free (self);
}

/** okap_terminal_vouch_give: the right passphrase came; counts until the vault is locked */
void
okap_terminal_vouch_give (OkapTerminalVouch *self)
{
  self->given = okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;
}

/** okap_terminal_vouch_find_step_up: %OKAP_STEP_UP_UNATTENDED until the passphrase came */
OkapStepUp
okap_terminal_vouch_find_step_up (const OkapTerminalVouch *self)
{
  return self->given ? OKAP_STEP_UP_NONE : OKAP_STEP_UP_UNATTENDED;
}

/** okap_terminal_vouch_get_words: a line for the person, empty once the passphrase came */
const char *
okap_terminal_vouch_get_words (const OkapTerminalVouch *self)
{
  return self->given ? ""
                     : _("\nThe vault was unlocked elsewhere: allowing takes the passphrase "
                         "once.\n");
}
