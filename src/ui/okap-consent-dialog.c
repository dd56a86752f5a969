/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The consent dialog. Main thread.
 *
 * Order: what Okap itself saw, then what the app says of itself as a quotation, then what it wants.
 * Everything in it can be narrowed, nothing widened. There is no default button and no mnemonic;
 * the focus starts on the evidence. Closing and Esc refuse. Allow guards itself (see
 * okap-allow-button.c) and arms again whenever what is decided on changes from outside. No text of
 * the request is ever markup. */
#include "config.h"

#include "okap-consent-dialog.h"

#include <glib/gi18n.h>

#include "okap-allow-button.h"
#include "okap-format.h"
#include "okap-key-dialog.h"
#include "okap-rows.h"
#include "okap-scope-editor.h"
#include "okap-text.h"
#include "okap-until-group.h"
#include "okap-words.h"

#define EVIDENCE_CHARS 96
#define NAME_CHARS     48

struct _OkapConsentDialog
{
  AdwWindow parent_instance;

  OkapQuestion *question;    /* (owned) (immutable) */
  OkapVault *vault;          /* (owned) (immutable) */
  GPtrArray *editors;        /* (owned) (element-type OkapScopeEditor) (unowned elements) */
  GtkWidget *until_group;    /* (unowned) */
  OkapDecision *decision;    /* (owned) (nullable) once decided */
  gboolean decided;

  GtkWidget *who;            /* template children */
  GtkImage *evidence_icon;
  GtkLabel *evidence_label;
  GtkLabel *claim_label;
  GtkLabel *reason_label;
  GtkBox *scopes_box;
  AdwExpanderRow *details_row;
  GtkLabel *hint_label;
  GtkWidget *refuse_button;
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

static void
refuse_cb (OkapConsentDialog *self)
{
  decide (self, okap_decision_new_refused ());
}

static void
approved_cb (OkapConsentDialog *self)
{
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);

  for (guint i = 0; i < self->editors->len; i++)
    g_ptr_array_add (scopes, okap_scope_editor_dup_scope (g_ptr_array_index (self->editors, i)));
  decide (self, okap_decision_new_allowed (
                  scopes, okap_until_group_get_expires (OKAP_UNTIL_GROUP (self->until_group))));
}

static void
show_hint (OkapConsentDialog *self, const char *words)
{
  gtk_label_set_text (self->hint_label, words != NULL ? words : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), words != NULL);
}

static void
unattended_cb (OkapConsentDialog *self)
{
  show_hint (self, _("Press Allow itself, with the pointer or the keyboard."));
}

static gboolean
okap_consent_dialog_close_request (GtkWindow *window)
{
  refuse_cb (OKAP_CONSENT_DIALOG (window));
  return TRUE;
}

static void
editor_changed_cb (OkapConsentDialog *self)
{
  const char *problem = NULL;

  for (guint i = 0; problem == NULL && i < self->editors->len; i++)
    problem = okap_scope_editor_get_problem (g_ptr_array_index (self->editors, i));
  show_hint (self, problem);
  okap_allow_button_set_complete (self->allow_button, problem == NULL);
}

static void
keys_changed_cb (OkapConsentDialog *self)
{
  okap_allow_button_disarm (self->allow_button);
}

static void
add_key_cb (OkapConsentDialog *self, OkapScopeEditor *editor)
{
  GtkWidget *dialog = okap_key_dialog_new (self->vault, okap_scope_editor_get_provider (editor));

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

/* Who asks */

static void
show_who (OkapConsentDialog *self)
{
  const OkapRequest *request = okap_question_get_request (self->question);
  const OkapCaller *caller = okap_question_get_caller (self->question);
  g_autofree char *evidence = okap_caller_dup_words (caller);
  g_autofree char *shown = okap_text_shorten (evidence, EVIDENCE_CHARS);
  g_autofree char *name = okap_text_shorten (request->app_name, NAME_CHARS);
  g_autofree char *claim = *name != '\0'
                             /* Translators: %s is the name that an app gives itself */
                             ? g_strdup_printf (_("calls itself “%s”"), name)
                             : g_strdup (_("and gives no name"));
  /* Translators: %s is the reason that an app gives, as a quotation */
  g_autofree char *reason = g_strdup_printf (_("“%s”"), request->reason);

  gtk_image_set_from_icon_name (self->evidence_icon, okap_words_caller_icon (caller));
  gtk_label_set_text (self->evidence_label, shown);
  gtk_label_set_text (self->claim_label, claim);
  gtk_label_set_text (self->reason_label, reason);
  gtk_widget_set_visible (GTK_WIDGET (self->reason_label), *request->reason != '\0');
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->who), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  evidence, -1);
}

static void
add_detail (OkapConsentDialog *self, const char *title, const char *value)
{
  GtkWidget *row;

  if (value == NULL || *value == '\0')
    return;
  row = okap_row_new (title, value);
  gtk_widget_add_css_class (row, "property");
  adw_expander_row_add_row (self->details_row, row);
}

static void
show_details (OkapConsentDialog *self)
{
  static const char *const shapes[] = {
    [OKAP_SHAPE_A] = "OKAP 1.0", [OKAP_SHAPE_B] = "OKAP, first draft", [OKAP_SHAPE_C] = "okap SDK",
  };
  const OkapRequest *request = okap_question_get_request (self->question);
  const OkapCaller *caller = okap_question_get_caller (self->question);
  g_autofree char *evidence = okap_caller_dup_words (caller);
  g_autofree char *process = caller->pid > 0 ? g_strdup_printf ("%d", (int) caller->pid) : NULL;
  g_autofree char *until = okap_format_time (request->expires_us);

  add_detail (self, _("What Okap saw"), evidence);
  add_detail (self, _("Process"), process);
  add_detail (self, _("Came in by"), caller->door == OKAP_DOOR_TCP
                                       ? _("The local network port; anyone on this computer can "
                                           "reach it")
                                       : _("Okap’s socket, which only your programs can reach"));
  add_detail (self, _("Calls itself"), request->app_name);
  add_detail (self, _("Says it belongs to"), request->app_url);
  add_detail (self, _("Wants to be called back at"), request->callback);
  add_detail (self, _("Asks until"), until);
  add_detail (self, _("Speaks"), shapes[request->shape]);
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
      g_signal_connect_object (editor, "changed", G_CALLBACK (editor_changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (editor, "add-key", G_CALLBACK (add_key_cb), self,
                               G_CONNECT_SWAPPED);
    }
  self->until_group = okap_until_group_new (request->expires_us, request->expires_defaulted);
  gtk_box_append (self->scopes_box, self->until_group);
  editor_changed_cb (self);
}

static void
okap_consent_dialog_dispose (GObject *object)
{
  OkapConsentDialog *self = OKAP_CONSENT_DIALOG (object);

  g_clear_object (&self->question);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->editors, g_ptr_array_unref);
  g_clear_pointer (&self->decision, okap_decision_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_CONSENT_DIALOG);
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
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-consent-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, who);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, evidence_icon);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, evidence_label);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, claim_label);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, reason_label);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, scopes_box);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, details_row);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, refuse_button);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, allow_button);
  gtk_widget_class_bind_template_child (widget_class, OkapConsentDialog, waiting_label);
  gtk_widget_class_bind_template_callback (widget_class, refuse_cb);
  gtk_widget_class_bind_template_callback (widget_class, approved_cb);
  gtk_widget_class_bind_template_callback (widget_class, unattended_cb);
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
 * @vault: to add a key to, if one is missing
 */
GtkWidget *
okap_consent_dialog_new (OkapQuestion *question, OkapVault *vault)
{
  OkapConsentDialog *self = g_object_new (OKAP_TYPE_CONSENT_DIALOG, NULL);

  self->question = g_object_ref (question);
  self->vault = g_object_ref (vault);
  show_who (self);
  show_scopes (self);
  show_details (self);
  waiting_changed_cb (self);
  g_signal_connect_object (question, "notify::waiting", G_CALLBACK (waiting_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (okap_question_get_keys (question), "items-changed",
                           G_CALLBACK (keys_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_window_set_focus (GTK_WINDOW (self), self->who);
  return GTK_WIDGET (self);
}

/** okap_consent_dialog_steal_decision: (transfer full): once, after "decided" */
OkapDecision *
okap_consent_dialog_steal_decision (OkapConsentDialog *self)
{
  return g_steal_pointer (&self->decision);
}
