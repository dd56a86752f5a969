/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The consent dialog. Main thread.
 *
 * Order: what Okap itself saw, then what the app says of itself as a quotation, then what it wants,
 * who could use it, and until when. Everything in it can be narrowed, nothing widened. There is no
 * default button and no mnemonic; the focus starts on the evidence. Closing and Esc refuse. Allow
 * guards itself (see okap-allow-button.c) and arms again whenever what is decided on changes from
 * outside. No text of the request is ever markup.
 *
 *   open ── press ──▶ decided
 *     │  ▲              ▲
 *     │  └─ wrong ─┐    │ right
 *     └── press that needs the passphrase ──▶ proving
 *
 * What needs it is asked of the question, as the broker asks it, and said before the press; a press
 * that no device made needs it always. What was pressed is what is decided, whatever changes while
 * the passphrase is checked. */
#include "config.h"

#include "okap-consent-dialog.h"

#include <glib/gi18n.h>

#include "okap-allow-button.h"
#include "okap-ask-details.h"
#include "okap-binding-group.h"
#include "okap-key-dialog.h"
#include "okap-refuse-button.h"
#include "okap-rows.h"
#include "okap-scope-editor.h"
#include "okap-step-up-box.h"
#include "okap-until-group.h"
#include "okap-who-box.h"
#include "okap-words.h"

struct _OkapConsentDialog
{
  AdwWindow parent_instance;

  OkapQuestion *question;    /* (owned) (immutable) */
  OkapBroker *broker;        /* (owned) (immutable) */
  GPtrArray *editors;        /* (owned) (element-type OkapScopeEditor) (unowned elements) */
  GtkWidget *binding_group;  /* (unowned) */
  GtkWidget *until_group;    /* (unowned) */
  OkapDecision *pressed;     /* (owned) (nullable) while the passphrase for it is checked */
  OkapDecision *decision;    /* (owned) (nullable) once decided */
  gboolean unattended;       /* Allow was activated by no device */
  gboolean decided;

  GtkWidget *content_box;    /* template children */
  OkapWhoBox *who;
  GtkWidget *match_box;
  GtkLabel *match_label;
  GtkBox *scopes_box;
  AdwExpanderRow *details_row;
  GtkLabel *hint_label;
  OkapStepUpBox *step_up_box;
  OkapRefuseButton *refuse_button;
  OkapAllowButton *allow_button;
  GtkLabel *waiting_label;
};

G_DEFINE_FINAL_TYPE (OkapConsentDialog, okap_consent_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_DECIDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
decide (OkapConsentDialog *self, OkapDecision *decision)
{
  if (self->decided)
    {
      okap_decision_free (decision);
      return;
    }
  self->decided = TRUE;
  self->decision = decision;
  g_signal_emit (self, signals[SIGNAL_DECIDED], 0);
}

/* Refusing */

static void
refused_cb (OkapConsentDialog *self, int refusal)
{
  OkapDecision *decision = okap_decision_new_refused ();

  decision->refusal = (OkapRefusal) refusal;
  decide (self, decision);
}

static gboolean
okap_consent_dialog_close_request (GtkWindow *window)
{
  refused_cb (OKAP_CONSENT_DIALOG (window), OKAP_REFUSAL_DISMISSED);
  return TRUE;
}

/* What stands in the dialog now */

static GPtrArray *
dup_scopes (OkapConsentDialog *self)
{
  GPtrArray *scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);

  for (guint i = 0; i < self->editors->len; i++)
    g_ptr_array_add (scopes, okap_scope_editor_dup_scope (g_ptr_array_index (self->editors, i)));
  return scopes;
}

static OkapStepUp
find_step_up (OkapConsentDialog *self)
{
  g_autoptr (GPtrArray) scopes = dup_scopes (self);

  return okap_question_find_step_up (self->question, scopes)
         | (self->unattended ? OKAP_STEP_UP_UNATTENDED : OKAP_STEP_UP_NONE);
}

static gboolean
needs_long_look (OkapConsentDialog *self)
{
  const OkapCaller *caller = okap_question_get_caller (self->question);

  switch (caller->identity->kind)
    {
    case OKAP_IDENTITY_UNKNOWN:
    case OKAP_IDENTITY_SCRIPT:
    case OKAP_IDENTITY_WEBSITE:
      return TRUE;
    case OKAP_IDENTITY_USER_PROGRAM:
    case OKAP_IDENTITY_INSTALLED:
    case OKAP_IDENTITY_SANDBOXED:
    case OKAP_IDENTITY_RUN:
    default:
      return caller->door == OKAP_DOOR_LINK;
    }
}

static void
update (OkapConsentDialog *self)
{
  const char *problem = NULL;
  OkapStepUp reasons = find_step_up (self);
  g_autofree char *why = reasons != OKAP_STEP_UP_NONE ? okap_step_up_dup_words (reasons) : NULL;

  for (guint i = 0; problem == NULL && i < self->editors->len; i++)
    problem = okap_scope_editor_get_problem (g_ptr_array_index (self->editors, i));
  gtk_label_set_text (self->hint_label, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), problem != NULL);

  okap_step_up_box_set_why (self->step_up_box, why);
  okap_allow_button_set_delay (self->allow_button, reasons != OKAP_STEP_UP_NONE
                                                   || needs_long_look (self)
                                                     ? OKAP_ALLOW_BUTTON_ARM_LONG_MS
                                                     : OKAP_ALLOW_BUTTON_ARM_MS);
  okap_allow_button_set_complete (self->allow_button,
                                  problem == NULL && self->pressed == NULL
                                  && (reasons == OKAP_STEP_UP_NONE
                                      || okap_step_up_box_is_filled (self->step_up_box)));
}

/* Allowing */

static void
set_proving (OkapConsentDialog *self, OkapDecision *pressed)
{
  g_clear_pointer (&self->pressed, okap_decision_free);
  self->pressed = pressed;
  gtk_widget_set_sensitive (self->content_box, pressed == NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->step_up_box), pressed == NULL);
  update (self);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapConsentDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapProof) proof = NULL;
  g_autofree char *words = NULL;

  proof = okap_question_prove_finish (OKAP_QUESTION (source), result, &error);
  if (self->decided || self->pressed == NULL)
    return;
  if (proof != NULL)
    {
      self->pressed->proof = g_steal_pointer (&proof);
      decide (self, g_steal_pointer (&self->pressed));
      return;
    }
  set_proving (self, NULL);
  words = okap_words_for_error (error);
  okap_step_up_box_set_problem (self->step_up_box, words);
  gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
}

static void
approved_cb (OkapConsentDialog *self)
{
  g_autoptr (GPtrArray) scopes = dup_scopes (self);
  g_autoptr (OkapSecret) secret = NULL;
  OkapUntilGroup *until = OKAP_UNTIL_GROUP (self->until_group);
  OkapDecision *decision = okap_decision_new_allowed (scopes,
                                                      okap_until_group_get_expires (until));

  decision->term = okap_until_group_get_term (until);
  decision->portable = okap_binding_group_get_portable (OKAP_BINDING_GROUP (self->binding_group));
  decision->unattended = self->unattended;
  if (find_step_up (self) == OKAP_STEP_UP_NONE)
    {
      decide (self, decision);
      return;
    }
  secret = okap_step_up_box_take_secret (self->step_up_box);
  okap_row_drop_focus (GTK_WIDGET (self->step_up_box));
  set_proving (self, decision);
  okap_question_prove_async (self->question, secret, proven_cb, g_object_ref (self));
}

/* A screen reader, or a program that plays one. */
static void
unattended_cb (OkapConsentDialog *self)
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
step_up_activate_cb (OkapConsentDialog *self)
{
  if (okap_allow_button_takes_key (self->allow_button))
    approved_cb (self);
}

/* What changes from outside */

static void
add_key_cb (OkapConsentDialog *self, OkapScopeEditor *editor)
{
  GtkWidget *dialog = okap_key_dialog_new (self->broker,
                                           okap_scope_editor_get_provider (editor));

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
waiting_changed_cb (OkapConsentDialog *self)
{
  guint waiting = okap_question_get_waiting (self->question);
  g_autofree char *words = g_strdup_printf (ngettext ("%u more request waiting",
                                                      "%u more requests waiting", waiting),
                                            waiting);

  gtk_label_set_text (self->waiting_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->waiting_label), waiting > 0);
}

/* Building */

static void
show_match (OkapConsentDialog *self)
{
  const char *code = okap_question_get_ask (self->question)->match_code;

  gtk_label_set_text (self->match_label, code != NULL ? code : "");
  gtk_widget_set_visible (self->match_box, code != NULL);
}

static void
show_scopes (OkapConsentDialog *self)
{
  OkapRequest *request = okap_question_get_request (self->question);

  for (guint i = 0; i < request->scopes->len; i++)
    {
      GtkWidget *editor = okap_scope_editor_new (self->question,
                                                 g_ptr_array_index (request->scopes, i),
                                                 request->scopes->len > 1);

      g_ptr_array_add (self->editors, editor);
      gtk_box_append (self->scopes_box, editor);
      g_signal_connect_object (editor, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (editor, "add-key", G_CALLBACK (add_key_cb), self,
                               G_CONNECT_SWAPPED);
    }
  self->binding_group = okap_binding_group_new (self->question);
  if (okap_binding_group_is_risk (OKAP_BINDING_GROUP (self->binding_group)))
    gtk_box_prepend (self->scopes_box, self->binding_group);
  else
    gtk_box_append (self->scopes_box, self->binding_group);
  self->until_group = okap_until_group_new (self->question);
  gtk_box_append (self->scopes_box, self->until_group);
}

static void
okap_consent_dialog_dispose (GObject *object)
{
  OkapConsentDialog *self = OKAP_CONSENT_DIALOG (object);

  g_clear_pointer (&self->editors, g_ptr_array_unref);
  g_clear_pointer (&self->pressed, okap_decision_free);
  g_clear_pointer (&self->decision, okap_decision_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_CONSENT_DIALOG);
  g_clear_object (&self->question);
  g_clear_object (&self->broker);
  G_OBJECT_CLASS (okap_consent_dialog_parent_class)->dispose (object);
}

static void
okap_consent_dialog_class_init (OkapConsentDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_consent_dialog_dispose;
  GTK_WINDOW_CLASS (class)->close_request = okap_consent_dialog_close_request;

  signals[SIGNAL_DECIDED] = g_signal_new ("decided", OKAP_TYPE_CONSENT_DIALOG, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (OKAP_TYPE_ALLOW_BUTTON);
  g_type_ensure (OKAP_TYPE_REFUSE_BUTTON);
  g_type_ensure (OKAP_TYPE_STEP_UP_BOX);
  g_type_ensure (OKAP_TYPE_WHO_BOX);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-consent-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, content_box);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, who);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, match_box);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, match_label);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, scopes_box);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, details_row);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, step_up_box);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, refuse_button);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, allow_button);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, waiting_label);
  gtk_widget_class_bind_template_callback (widget_class, refused_cb);
  gtk_widget_class_bind_template_callback (widget_class, approved_cb);
  gtk_widget_class_bind_template_callback (widget_class, unattended_cb);
  gtk_widget_class_bind_template_callback (widget_class, step_up_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_consent_dialog_init (OkapConsentDialog *self)
{
  self->editors = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * okap_consent_dialog_new:
 * @broker: to add a key to its vault, and for what was allowed before
 */
GtkWidget *
okap_consent_dialog_new (OkapQuestion *question, OkapBroker *broker)
{
  OkapConsentDialog *self = g_object_new (OKAP_TYPE_CONSENT_DIALOG, NULL);

  self->question = g_object_ref (question);
  self->broker = g_object_ref (broker);
  okap_who_box_show (self->who, okap_question_get_caller (question)->identity,
                     okap_question_get_request (question));
  show_match (self);
  show_scopes (self);
  okap_ask_details_fill (self->details_row, question, okap_broker_get_grants (broker));
  okap_refuse_button_set_question (self->refuse_button, question);
  waiting_changed_cb (self);
  update (self);
  g_signal_connect_object (question, "notify::waiting", G_CALLBACK (waiting_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_question_get_keys (question), "items-changed",
                           G_CALLBACK (okap_allow_button_disarm), self->allow_button,
                           G_CONNECT_SWAPPED);
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->who));
  return GTK_WIDGET (self);
}

/** okap_consent_dialog_steal_decision: (transfer full): once, after "decided" */
OkapDecision *
okap_consent_dialog_steal_decision (OkapConsentDialog *self)
{
  return g_steal_pointer (&self->decision);
}
