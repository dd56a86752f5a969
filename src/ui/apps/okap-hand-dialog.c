/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A grant by hand, in the editors and by the rules of the consent dialog: Allow guards itself, and
 * what takes the passphrase there takes it here. Main thread.
 *
 *   form ── Allow ──▶ who it is for is looked at ──▶ passphrase, if wanted ──▶ made ──▶ token
 *     ▲                         │ cannot be bound            │ wrong
 *     └─────────────────────────┴────────────────────────────┘
 *
 * The token is shown once; when the dialog closes, nobody but the app has it. */
#include "config.h"

#include "okap-hand-dialog.h"

#include <glib/gi18n.h>

#include "okap-allow-button.h"
#include "okap-caps.h"
#include "okap-end-row.h"
#include "okap-error.h"
#include "okap-key-dialog.h"
#include "okap-rows.h"
#include "okap-scope-editor.h"
#include "okap-snippet-box.h"
#include "okap-step-up-box.h"
#include "okap-text.h"
#include "okap-words.h"

struct _OkapHandDialog
{
  AdwWindow parent_instance;

  OkapCore *core;             /* (owned) (immutable) */
  GPtrArray *providers;       /* (owned) (element-type utf8) as in provider_row */
  GtkWidget *editor;          /* (unowned) (nullable) of the provider */
  OkapQuestion *question;     /* (owned) (nullable) while it is decided */
  char *program;              /* (owned) (nullable) path of the chosen file */
  GtkFileChooserNative *chooser;  /* (owned) (nullable) while it is open */
  gboolean unattended;        /* Allow was activated by no device */
  gboolean busy;

  GtkStack *stack;            /* template children */
  AdwEntryRow *name_row;
  AdwComboRow *provider_row;
  GtkWidget *scope_box;
  AdwComboRow *who_row;
  AdwActionRow *program_row;
  GtkWidget *risk_row;
  OkapEndRow *end_row;
  GtkWidget *form_box;
  GtkLabel *hint_label;
  OkapStepUpBox *step_up_box;
  OkapAllowButton *allow_button;
  GtkLabel *token_label;
  AdwActionRow *base_row;
  OkapSnippetBox *snippets;
};

G_DEFINE_FINAL_TYPE (OkapHandDialog, okap_hand_dialog, ADW_TYPE_WINDOW)

enum
{
  WHO_ONE,
  WHO_ANYBODY,
};

static OkapBroker *
get_broker (OkapHandDialog *self)
{
  return okap_core_get_broker (self->core);
}

static gboolean
is_portable (OkapHandDialog *self)
{
  return adw_combo_row_get_selected (self->who_row) == WHO_ANYBODY;
}

/* --- what is wanted --- */

/* (transfer full): as it stands in the form now. */
static OkapRequest *
make_request (OkapHandDialog *self)
{
  OkapRequest *request = okap_request_new (OKAP_SHAPE_A);

  g_ptr_array_add (request->scopes,
                   okap_scope_editor_dup_scope (OKAP_SCOPE_EDITOR (self->editor)));
  request->app_name = okap_text_clean (gtk_editable_get_text (GTK_EDITABLE (self->name_row)),
                                       OKAP_CAP_NAME_CHARS);
  request->expires_us = okap_end_row_get_end (self->end_row);
  request->portable = is_portable (self);
  request->bind_program = is_portable (self) ? NULL : g_strdup (self->program);
  return request;
}

static const char *
find_problem (OkapHandDialog *self)
{
  g_autofree char *name = okap_text_clean (gtk_editable_get_text (GTK_EDITABLE (self->name_row)),
                                           OKAP_CAP_NAME_CHARS);

  if (self->editor == NULL)
    return _("Add a key first.");
  if (*name == '\0')
    return _("Give the app a name, so that you recognise it later.");
  if (!is_portable (self) && self->program == NULL)
    return _("Choose the program that shall use it.");
  return okap_scope_editor_get_problem (OKAP_SCOPE_EDITOR (self->editor));
}

/* As the broker will say it: who asks is Okap's own window. */
static OkapStepUp
find_step_up (OkapHandDialog *self)
{
  g_autoptr (OkapRequest) request = make_request (self);
  g_autoptr (OkapIdentity) identity = okap_identity_seal (
    okap_identity_new (OKAP_IDENTITY_INSTALLED));
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_WINDOW, 0, 0, identity);
  g_autoptr (OkapAsk) ask = okap_ask_new (request, caller);
  OkapThreshold threshold = okap_broker_get_threshold (get_broker (self));

  return okap_step_up_find (ask, NULL, &threshold)
         | (self->unattended ? OKAP_STEP_UP_UNATTENDED : OKAP_STEP_UP_NONE);
}

static void
update (OkapHandDialog *self)
{
  const char *problem = find_problem (self);
  OkapStepUp reasons = self->editor != NULL ? find_step_up (self) : OKAP_STEP_UP_NONE;
  g_autofree char *why = reasons != OKAP_STEP_UP_NONE ? okap_step_up_dup_words (reasons) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->program_row), !is_portable (self));
  gtk_widget_set_visible (self->risk_row, is_portable (self));
  gtk_label_set_text (self->hint_label, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), problem != NULL);
  okap_step_up_box_set_why (self->step_up_box, problem == NULL ? why : NULL);
  okap_allow_button_set_complete (self->allow_button,
                                  problem == NULL && !self->busy
                                  && (reasons == OKAP_STEP_UP_NONE
                                      || okap_step_up_box_is_filled (self->step_up_box)));
}

static void
set_busy (OkapHandDialog *self, gboolean busy)
{
  self->busy = busy;
  gtk_widget_set_sensitive (self->form_box, !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->step_up_box), !busy);
  update (self);
}

static void
fail (OkapHandDialog *self, const GError *error)
{
  g_autofree char *words = okap_words_for_error (error);

  set_busy (self, FALSE);
  g_clear_object (&self->question);
  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE))
    {
      okap_step_up_box_set_problem (self->step_up_box, words);
      gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
      return;
    }
  gtk_label_set_text (self->hint_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), TRUE);
}

/* --- the way to the token --- */

static void
show_token (OkapHandDialog *self, const OkapGrant *grant, OkapSecret *token)
{
  const OkapScope *scope = g_ptr_array_index (grant->scopes, 0);
  const char *origin = okap_core_get_origin (self->core);
  g_autofree char *base = g_strconcat (origin, "/v1/", scope->provider, NULL);

  gtk_label_set_text (self->token_label, okap_secret_get_text (token));
  adw_action_row_set_subtitle (self->base_row, base);
  okap_snippet_box_show (self->snippets, grant, origin, okap_secret_get_text (token));
  gtk_stack_set_visible_child_name (self->stack, "token");
}

static void
made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapHandDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (OkapGrant) grant = okap_broker_authorize_finish (OKAP_BROKER (source), result, &token,
                                                              &error);

  if (grant != NULL)
    show_token (self, grant, token);
  else
    fail (self, error);
}

static void
make (OkapHandDialog *self, OkapProof *proof)
{
  g_autoptr (OkapDecision) decision = okap_decision_new_allowed (NULL, 0);

  decision->portable = okap_question_get_request (self->question)->portable;
  decision->unattended = self->unattended;
  decision->proof = proof != NULL ? okap_proof_ref (proof) : NULL;
  okap_broker_make_async (get_broker (self), self->question, decision, made_cb,
                          g_object_ref (self));
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapHandDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapProof) proof = okap_question_prove_finish (OKAP_QUESTION (source), result,
                                                            &error);

  if (proof == NULL)
    fail (self, error);
  else if (gtk_widget_get_visible (GTK_WIDGET (self)))
    make (self, proof);
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapHandDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) secret = NULL;

  g_clear_object (&self->question);
  self->question = okap_broker_prepare_finish (OKAP_BROKER (source), result, &error);
  if (self->question == NULL)
    {
      fail (self, error);
      return;
    }
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  if (!okap_step_up_box_is_filled (self->step_up_box))
    {
      make (self, NULL);
      return;
    }
  secret = okap_step_up_box_take_secret (self->step_up_box);
  okap_question_prove_async (self->question, secret, proven_cb, g_object_ref (self));
}

static void
approved_cb (OkapHandDialog *self)
{
  g_autoptr (OkapRequest) request = make_request (self);

  okap_row_drop_focus (GTK_WIDGET (self));
  self->busy = TRUE;  /* the passphrase is still wanted, so its box stays */
  gtk_widget_set_sensitive (self->form_box, FALSE);
  okap_allow_button_set_complete (self->allow_button, FALSE);
  okap_broker_prepare_async (get_broker (self), request, prepared_cb, g_object_ref (self));
}

static void
unattended_cb (OkapHandDialog *self)
{
  if (self->unattended)
    {
      approved_cb (self);
      return;
    }
  self->unattended = TRUE;
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
}

static void
step_up_activate_cb (OkapHandDialog *self)
{
  if (okap_allow_button_takes_key (self->allow_button))
    approved_cb (self);
}

static void
copy_token_cb (OkapHandDialog *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_text (self->token_label));
}

/* --- the form --- */

static void
add_key_cb (OkapHandDialog *self, OkapScopeEditor *editor)
{
  GtkWidget *dialog = okap_key_dialog_new (get_broker (self),
                                           okap_scope_editor_get_provider (editor));

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* What a new grant begins with: to chat, and the vault's own limits. */
static OkapScope *
make_scope (const char *provider)
{
  OkapScope *scope = okap_scope_new (provider);

  scope->capabilities = OKAP_CAPABILITY_CHAT;
  okap_limits_fill_defaults (&scope->limits);
  return scope;
}

static void
provider_changed_cb (OkapHandDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->provider_row);
  g_autoptr (OkapRequest) request = okap_request_new (OKAP_SHAPE_A);
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_WINDOW, 0, 0, NULL);
  g_autoptr (OkapAsk) ask = NULL;
  g_autoptr (OkapQuestion) question = NULL;

  if (self->editor != NULL)
    gtk_box_remove (GTK_BOX (self->scope_box), self->editor);
  self->editor = NULL;
  if (selected < self->providers->len)
    {
      OkapScope *scope = make_scope (g_ptr_array_index (self->providers, selected));

      g_ptr_array_add (request->scopes, scope);
      ask = okap_ask_new (request, caller);
      question = okap_question_new (ask, okap_vault_get_keys (okap_core_get_vault (self->core)));
      self->editor = okap_scope_editor_new_free (question, scope, FALSE);
      gtk_box_append (GTK_BOX (self->scope_box), self->editor);
      g_signal_connect_object (self->editor, "changed", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (self->editor, "add-key", G_CALLBACK (add_key_cb), self,
                               G_CONNECT_SWAPPED);
    }
  update (self);
}

static void
add_provider (OkapHandDialog *self, GtkStringList *names, const char *id)
{
  g_autofree char *name = okap_words_for_provider (id);

  if (g_ptr_array_find_with_equal_func (self->providers, id, g_str_equal, NULL))
    return;
  g_ptr_array_add (self->providers, g_strdup (id));
  gtk_string_list_append (names, name);
}

/* Those that there is a key for, and the one that needs none. */
static void
show_providers (OkapHandDialog *self)
{
  GListModel *keys = okap_vault_get_keys (okap_core_get_vault (self->core));
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (keys, i);

      add_provider (self, names, okap_key_info_get_provider (key));
    }
  add_provider (self, names, "demo");
  adw_combo_row_set_model (self->provider_row, G_LIST_MODEL (names));
}

static void
chosen_cb (OkapHandDialog *self, int response)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
      g_free (self->program);
      self->program = file != NULL ? g_file_get_path (file) : NULL;
    }
  g_clear_object (&self->chooser);
  adw_action_row_set_subtitle (self->program_row, self->program != NULL ? self->program : "");
  update (self);
}

static void
choose_cb (OkapHandDialog *self)
{
  g_autoptr (GFile) folder = g_file_new_for_path ("/usr/bin");

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Choose a Program"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  (void) gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
okap_hand_dialog_dispose (GObject *object)
{
  OkapHandDialog *self = OKAP_HAND_DIALOG (object);

  g_clear_object (&self->chooser);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_HAND_DIALOG);
  g_clear_object (&self->question);
  g_clear_object (&self->core);
  g_clear_pointer (&self->providers, g_ptr_array_unref);
  g_clear_pointer (&self->program, g_free);
  G_OBJECT_CLASS (okap_hand_dialog_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, provider_row);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, scope_box);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, who_row);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, program_row);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, risk_row);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, end_row);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, form_box);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, step_up_box);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, allow_button);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, token_label);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, base_row);
  gtk_widget_class_bind_template_child (widget_class, OkapHandDialog, snippets);
}

static void
okap_hand_dialog_class_init (OkapHandDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_hand_dialog_dispose;
  g_type_ensure (OKAP_TYPE_ALLOW_BUTTON);
  g_type_ensure (OKAP_TYPE_END_ROW);
  g_type_ensure (OKAP_TYPE_SNIPPET_BOX);
  g_type_ensure (OKAP_TYPE_STEP_UP_BOX);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-hand-dialog.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, provider_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, approved_cb);
  gtk_widget_class_bind_template_callback (widget_class, unattended_cb);
  gtk_widget_class_bind_template_callback (widget_class, step_up_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_token_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_hand_dialog_init (OkapHandDialog *self)
{
  self->providers = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
okap_hand_dialog_new (OkapCore *core)
{
  OkapHandDialog *self = g_object_new (OKAP_TYPE_HAND_DIALOG, NULL);

  self->core = g_object_ref (core);
  show_providers (self);
  provider_changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
  return GTK_WIDGET (self);
}
