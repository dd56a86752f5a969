/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of the first run.
 *
 *   create ──▶ recovery ──▶ login ⇄ key ⇄ ask ──▶ "done"
 *                 ▲
 *              new-code      Okap ended while the recovery code was on show: nobody has it
 *
 * The step in hand is kept in the settings, so that whoever was interrupted goes on there once the
 * vault is unlocked again. Any program of the user can write them; it gains nothing, since each
 * step but the first can be skipped and none gives anything away. The passphrase stays in guarded
 * memory until the login step is over, so that nobody has to type it twice in a row. Main
 * thread. */
#include "config.h"

#include "okap-welcome-page.h"

#include <glib/gi18n.h>

#include "okap-create-page.h"
#include "okap-first-key-page.h"
#include "okap-proof-page.h"
#include "okap-recovery-page.h"
#include "okap-settings.h"
#include "okap-steps.h"
#include "okap-vault-slots.h"
#include "okap-words.h"

#define STEP_KEY "welcome-step"
#define N_STEPS 5

struct _OkapWelcomePage
{
  AdwBin parent_instance;

  OkapCore *core;                   /* (owned) (nullable) until set */
  OkapSecret *passphrase;           /* (owned) (nullable) from its making to the login step */

  GtkStack *stack;                  /* template children */
  OkapCreatePage *create_page;
  OkapRecoveryPage *recovery_page;
  OkapProofPage *new_code_page;
  OkapProofPage *login_page;
  OkapFirstKeyPage *key_page;
  GtkWidget *ask_button;
  GtkWidget *back_button;
  OkapSteps *steps;
};

G_DEFINE_FINAL_TYPE (OkapWelcomePage, okap_welcome_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const struct
{
  const char *page;
  const char *kept;      /* where to go on; empty: nowhere */
  const char *back;      /* (nullable) */
  guint step;
} pages[] = {
  { "create", "", NULL, 1 },
  { "recovery", "new-code", NULL, 2 },
  { "new-code", "new-code", NULL, 2 },
  { "login", "login", NULL, 3 },
  { "key", "key", "login", 4 },
  { "ask", "ask", "key", 5 },
};

static guint
find_page (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_strcmp0 (pages[i].page, name) == 0)
      return i;
  return 0;
}

/* The step before, if there is one: not to a keyring that is of no use. */
static const char *
get_back (const char *name)
{
  const char *back = pages[find_page (name)].back;

  return g_strcmp0 (back, "login") == 0 && !okap_vault_can_use_keyring () ? NULL : back;
}

static void
show (OkapWelcomePage *self, const char *name)
{
  guint i = find_page (name);

  gtk_stack_set_visible_child_name (self->stack, name);
  okap_steps_set (self->steps, pages[i].step, N_STEPS);
  gtk_widget_set_visible (self->back_button, get_back (name) != NULL);
  g_settings_set_string (okap_settings_get (), STEP_KEY, pages[i].kept);
  if (g_str_equal (name, "ask"))
    gtk_widget_grab_focus (self->ask_button);
  else
    gtk_widget_grab_focus (gtk_stack_get_visible_child (self->stack));
}

static void
back_cb (OkapWelcomePage *self)
{
  show (self, get_back (gtk_stack_get_visible_child_name (self->stack)));
}

/* --- passphrase and recovery code --- */

static void
created_cb (OkapWelcomePage *self, OkapSecret *code, OkapSecret *passphrase)
{
  g_clear_pointer (&self->passphrase, okap_secret_unref);
  self->passphrase = okap_secret_ref (passphrase);
  okap_recovery_page_set_code (self->recovery_page, code);
  show (self, "recovery");
}

static void
show_login (OkapWelcomePage *self)
{
  okap_proof_page_set_known (self->login_page, self->passphrase);
  okap_proof_page_set_busy (self->login_page, NULL);
  show (self, "login");
}

static void
kept_cb (OkapWelcomePage *self)
{
  if (okap_vault_can_use_keyring ())
    show_login (self);
  else
    show (self, "key");
}

static void
new_code_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapWelcomePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = NULL;
  g_autofree char *words = NULL;

  if (okap_vault_change_slots_finish (OKAP_VAULT (source), result, &code, &error))
    {
      okap_proof_page_set_busy (self->new_code_page, NULL);
      okap_recovery_page_set_code (self->recovery_page, code);
      show (self, "recovery");
      return;
    }
  g_clear_pointer (&self->passphrase, okap_secret_unref);
  words = okap_words_for_error (error);
  okap_proof_page_set_problem (self->new_code_page, words);
}

static void
new_code_cb (OkapWelcomePage *self)
{
  g_clear_pointer (&self->passphrase, okap_secret_unref);
  self->passphrase = okap_proof_page_take_secret (self->new_code_page);
  okap_proof_page_set_busy (self->new_code_page, _("Sealing the vault…"));
  okap_vault_new_recovery_code_async (okap_core_get_vault (self->core), self->passphrase,
                                      new_code_made_cb, g_object_ref (self));
}

/* --- login --- */

static void
login_done_cb (OkapWelcomePage *self)
{
  okap_proof_page_set_known (self->login_page, NULL);
  g_clear_pointer (&self->passphrase, okap_secret_unref);
  show (self, "key");
}

static void
login_added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapWelcomePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (okap_vault_add_keyring_slot_finish (OKAP_VAULT (source), result, &error))
    {
      okap_proof_page_set_busy (self->login_page, NULL);
      login_done_cb (self);
      return;
    }
  words = okap_words_for_error (error);
  okap_proof_page_set_problem (self->login_page, words);
}

static void
login_cb (OkapWelcomePage *self)
{
  g_autoptr (OkapSecret) proof = okap_proof_page_take_secret (self->login_page);

  okap_proof_page_set_busy (self->login_page, _("Asking the login keyring…"));
  okap_vault_add_keyring_slot_async (okap_core_get_vault (self->core), proof, login_added_cb,
                                     g_object_ref (self));
}

/* --- the rest --- */

static void
key_done_cb (OkapWelcomePage *self)
{
  show (self, "ask");
}

static void
finish (OkapWelcomePage *self, const char *next)
{
  g_settings_reset (okap_settings_get (), STEP_KEY);
  g_signal_emit (self, signals[SIGNAL_DONE], 0, next);
}

static void
try_it_cb (OkapWelcomePage *self)
{
  finish (self, "try-it");
}

static void
look_cb (OkapWelcomePage *self)
{
  finish (self, "look");
}

static gboolean
okap_welcome_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (
    gtk_stack_get_visible_child (OKAP_WELCOME_PAGE (widget)->stack));
}

static void
okap_welcome_page_dispose (GObject *object)
{
  OkapWelcomePage *self = OKAP_WELCOME_PAGE (object);

  g_clear_pointer (&self->passphrase, okap_secret_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_WELCOME_PAGE);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_welcome_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, create_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, recovery_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, new_code_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, login_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, key_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, ask_button);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, back_button);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, steps);
}

static void
okap_welcome_page_class_init (OkapWelcomePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_welcome_page_dispose;
  widget_class->grab_focus = okap_welcome_page_grab_focus;

  signals[SIGNAL_DONE] = g_signal_new ("done", OKAP_TYPE_WELCOME_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (OKAP_TYPE_CREATE_PAGE);
  g_type_ensure (OKAP_TYPE_RECOVERY_PAGE);
  g_type_ensure (OKAP_TYPE_PROOF_PAGE);
  g_type_ensure (OKAP_TYPE_FIRST_KEY_PAGE);
  g_type_ensure (OKAP_TYPE_STEPS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-welcome-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, created_cb);
  gtk_widget_class_bind_template_callback (widget_class, kept_cb);
  gtk_widget_class_bind_template_callback (widget_class, new_code_cb);
  gtk_widget_class_bind_template_callback (widget_class, login_cb);
  gtk_widget_class_bind_template_callback (widget_class, login_done_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_done_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, try_it_cb);
  gtk_widget_class_bind_template_callback (widget_class, look_cb);
}

static void
okap_welcome_page_init (OkapWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  okap_steps_set (self->steps, 1, N_STEPS);
  okap_proof_page_set_words (self->new_code_page, "dialog-password-symbolic",
                             _("Make a New Recovery Code"),
                             _("Okap ended while the recovery code was on show, before you could "
                               "say that you have it. Make another one; the first then opens "
                               "nothing."),
                             _("Make a New Code"), _("I Have the First One"));
  okap_proof_page_set_words (self->login_page, "system-lock-screen-symbolic",
                             _("Unlock with Your Login?"),
                             _("The login keyring can keep a key to the vault, so that it opens "
                               "when you log in. If the disk is stolen, your keys stay safe. But "
                               "programs that you run can read that keyring: against them, only "
                               "the passphrase helps."),
                             _("Unlock with Login"), _("Always Ask for the Passphrase"));
}

void
okap_welcome_page_set_core (OkapWelcomePage *self, OkapCore *core)
{
  self->core = g_object_ref (core);
  okap_create_page_set_vault (self->create_page, okap_core_get_vault (core));
  okap_first_key_page_set_core (self->key_page, core);
}

/** okap_welcome_page_resume: the vault was unlocked: goes on with a first run that was interrupted.
 *   Returns: whether there is one */
gboolean
okap_welcome_page_resume (OkapWelcomePage *self)
{
  g_autofree char *step = g_settings_get_string (okap_settings_get (), STEP_KEY);
  guint i = find_page (step);

  if (i == 0 || g_str_equal (step, "recovery"))
    return FALSE;
  okap_proof_page_set_known (self->new_code_page, NULL);
  if (g_str_equal (step, "login"))
    kept_cb (self);
  else
    show (self, step);
  return TRUE;
}
