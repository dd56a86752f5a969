/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A grant in the editors of the consent dialog, with what is there to begin with. Whether what is
 * shown is wider is asked of the function that the broker asks, and said in its words; then the
 * passphrase is wanted, and it alone decides. What narrows takes nothing. Main thread. */
#include "config.h"

#include "okap-edit-dialog.h"

#include <glib/gi18n.h>

#include "okap-budget.h"
#include "okap-end-row.h"
#include "okap-format.h"
#include "okap-key-dialog.h"
#include "okap-question.h"
#include "okap-rows.h"
#include "okap-scope-editor.h"
#include "okap-step-up-box.h"
#include "okap-text.h"
#include "okap-words.h"

#define NAME_CHARS 32

struct _OkapEditDialog
{
  AdwWindow parent_instance;

  OkapBroker *broker;         /* (owned) (immutable) */
  OkapGrantItem *item;        /* (owned) (immutable) */
  OkapQuestion *question;     /* (owned) for the editors: the keys that there are */
  GPtrArray *editors;         /* (owned) (element-type OkapScopeEditor) (unowned elements) */
  GtkWidget *end_row;         /* (unowned) */
  GtkWidget *portable;        /* (unowned) (nullable) a switch */
  gboolean busy;

  AdwWindowTitle *window_title;  /* template children */
  GtkBox *content_box;
  GtkLabel *hint_label;
  OkapStepUpBox *step_up_box;
  GtkWidget *save_button;
};

G_DEFINE_FINAL_TYPE (OkapEditDialog, okap_edit_dialog, ADW_TYPE_WINDOW)

static const OkapGrant *
get_grant (OkapEditDialog *self)
{
  return okap_grant_item_get_grant (self->item);
}

static OkapGrantEdit *
make_edit (OkapEditDialog *self)
{
  OkapGrantEdit *edit = okap_grant_edit_new ();

  edit->scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  for (guint i = 0; i < self->editors->len; i++)
    g_ptr_array_add (edit->scopes,
                     okap_scope_editor_dup_scope (g_ptr_array_index (self->editors, i)));
  edit->expires_us = okap_end_row_get_end (OKAP_END_ROW (self->end_row));
  edit->has_portable = self->portable != NULL;
  edit->portable = self->portable != NULL && gtk_switch_get_active (GTK_SWITCH (self->portable));
  return edit;
}

/* (nullable): that a limit is lowered below what is used already, and what becomes of that. */
static char *
dup_note (OkapEditDialog *self, const OkapGrant *next)
{
  for (guint i = 0; i < next->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (next->scopes, i);
      OkapStanding standings[OKAP_N_LIMITS];
      guint n = okap_gate_get_standings (okap_broker_get_gate (self->broker), next->id,
                                         scope->provider, standings);

      for (guint j = 0; j < n; j++)
        if (okap_limit_is_money (standings[j].limit)
            && okap_limits_has (&scope->limits, standings[j].limit)
            && scope->limits.value[standings[j].limit] < standings[j].cap
            && scope->limits.value[standings[j].limit] < standings[j].settled
                                                         + standings[j].reserved)
          {
            g_autofree char *used = okap_budget_dup_words (&standings[j]);

            /* Translators: %s is such as "$1.20 of $2.00 a day" */
            return g_strdup_printf (_("Already used: %s. What runs ends within what is set aside "
                                      "for it; nothing more is let in until the limit begins "
                                      "anew."), used);
          }
    }
  return NULL;
}

static void
update (OkapEditDialog *self)
{
  g_autoptr (OkapGrantEdit) edit = make_edit (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapGrant) next = okap_grant_edit_apply (get_grant (self), edit,
                                                      okap_clock_get_now (okap_clock_get_real ()),
                                                      &error);
  g_autofree char *wider = next != NULL ? okap_grant_dup_widening (get_grant (self), next) : NULL;
  g_autofree char *changes = next != NULL ? okap_grant_dup_changes (get_grant (self), next) : NULL;
  g_autofree char *note = next != NULL ? dup_note (self, next) : NULL;
  /* Translators: %s says what is allowed that was not before */
  g_autofree char *why = wider != NULL ? g_strdup_printf (_("This allows more: %s."), wider) : NULL;
  const char *problem = error != NULL ? error->message : NULL;

  for (guint i = 0; problem == NULL && i < self->editors->len; i++)
    problem = okap_scope_editor_get_problem (g_ptr_array_index (self->editors, i));
  gtk_label_set_text (self->hint_label, problem != NULL ? problem : note != NULL ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), problem != NULL || note != NULL);
  okap_step_up_box_set_why (self->step_up_box, problem == NULL ? why : NULL);
  gtk_widget_set_sensitive (self->save_button,
                            !self->busy && problem == NULL && changes != NULL
                            && (wider == NULL || okap_step_up_box_is_filled (self->step_up_box)));
}

static void
set_busy (OkapEditDialog *self, gboolean busy)
{
  self->busy = busy;
  gtk_widget_set_sensitive (GTK_WIDGET (self->content_box), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->step_up_box), !busy);
  update (self);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapEditDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (okap_broker_set_grant_state_finish (OKAP_BROKER (source), result, &error))
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  set_busy (self, FALSE);
  words = okap_words_for_error (error);
  if (gtk_widget_get_visible (GTK_WIDGET (self->step_up_box)))
    {
      okap_step_up_box_set_problem (self->step_up_box, words);
      gtk_widget_grab_focus (GTK_WIDGET (self->step_up_box));
      return;
    }
  gtk_label_set_text (self->hint_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), TRUE);
}

static void
save_cb (OkapEditDialog *self)
{
  g_autoptr (OkapGrantEdit) edit = NULL;
  g_autoptr (OkapSecret) secret = NULL;

  if (!gtk_widget_is_sensitive (self->save_button))
    return;
  edit = make_edit (self);
  if (okap_step_up_box_is_filled (self->step_up_box))
    secret = okap_step_up_box_take_secret (self->step_up_box);
  okap_row_drop_focus (GTK_WIDGET (self));
  okap_broker_edit_grant_async (self->broker, get_grant (self)->id, edit, secret, saved_cb,
                                g_object_ref (self));
  set_busy (self, TRUE);
}

/* It was changed elsewhere: what is shown is compared with what is there now. Once it has ended,
 * there is nothing left to be changed. */
static void
grant_changed_cb (OkapEditDialog *self)
{
  if (!okap_grant_is_live (get_grant (self), okap_clock_get_now (okap_clock_get_real ())))
    gtk_window_close (GTK_WINDOW (self));
  else
    update (self);
}

static void
add_key_cb (OkapEditDialog *self, OkapScopeEditor *editor)
{
  GtkWidget *dialog = okap_key_dialog_new (self->broker,
                                           okap_scope_editor_get_provider (editor));

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- building --- */

static OkapQuestion *
make_question (OkapBroker *broker, const OkapGrant *grant)
{
  g_autoptr (OkapRequest) request = okap_request_new (OKAP_SHAPE_A);
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_WINDOW, 0, 0, NULL);
  g_autoptr (OkapAsk) ask = NULL;

  for (guint i = 0; i < grant->scopes->len; i++)
    g_ptr_array_add (request->scopes, okap_scope_ref (g_ptr_array_index (grant->scopes, i)));
  ask = okap_ask_new (request, caller);
  return okap_question_new (ask, okap_vault_get_keys (okap_broker_get_vault (broker)));
}

static void
add_scopes (OkapEditDialog *self)
{
  const OkapGrant *grant = get_grant (self);

  for (guint i = 0; i < grant->scopes->len; i++)
    {
      GtkWidget *editor = okap_scope_editor_new_free (self->question,
                                                      g_ptr_array_index (grant->scopes, i),
                                                      grant->scopes->len > 1);

      g_ptr_array_add (self->editors, editor);
      gtk_box_append (self->content_box, editor);
      g_signal_connect_object (editor, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (editor, "add-key", G_CALLBACK (add_key_cb), self,
                               G_CONNECT_SWAPPED);
    }
}

/* One that was made by hand for anybody is of Okap itself, which does not use it. */
static gboolean
is_self (const OkapIdentity *identity)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  return program != NULL && g_strcmp0 (identity->program, program) == 0;
}

/* Who may use it, where there is a program to bind it to. */
static void
add_portable (OkapEditDialog *self, GtkWidget *group)
{
  const OkapGrant *grant = get_grant (self);
  GtkWidget *row;

  if (grant->identity->kind == OKAP_IDENTITY_UNKNOWN || grant->identity->kind == OKAP_IDENTITY_RUN
      || is_self (grant->identity))
    return;
  row = okap_row_new (_("Any program may use it"),
                      _("Then its token is good for whoever has it. Otherwise only the program "
                        "that it was given to may use it."));
  self->portable = gtk_switch_new ();
  gtk_switch_set_active (GTK_SWITCH (self->portable), grant->portable);
  gtk_widget_set_valign (self->portable, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->portable), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Any program may use it"), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), self->portable);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), self->portable);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_signal_connect_object (self->portable, "notify::active", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
}

static void
add_end (OkapEditDialog *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->end_row = g_object_new (OKAP_TYPE_END_ROW, NULL);
  okap_end_row_set_current (OKAP_END_ROW (self->end_row), get_grant (self)->expires_us);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->end_row);
  add_portable (self, group);
  gtk_box_append (self->content_box, group);
  g_signal_connect_object (self->end_row, "notify::selected", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
}

static void
okap_edit_dialog_dispose (GObject *object)
{
  OkapEditDialog *self = OKAP_EDIT_DIALOG (object);

  g_clear_pointer (&self->editors, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_EDIT_DIALOG);
  g_clear_object (&self->question);
  g_clear_object (&self->broker);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (okap_edit_dialog_parent_class)->dispose (object);
}

static void
okap_edit_dialog_class_init (OkapEditDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_edit_dialog_dispose;
  g_type_ensure (OKAP_TYPE_STEP_UP_BOX);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-edit-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapEditDialog, window_title);
  gtk_widget_class_bind_template_child (widget_class, OkapEditDialog, content_box);
  gtk_widget_class_bind_template_child (widget_class, OkapEditDialog, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapEditDialog, step_up_box);
  gtk_widget_class_bind_template_child (widget_class, OkapEditDialog, save_button);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_edit_dialog_init (OkapEditDialog *self)
{
  self->editors = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
okap_edit_dialog_new (OkapBroker *broker, OkapGrantItem *item)
{
  OkapEditDialog *self = g_object_new (OKAP_TYPE_EDIT_DIALOG, NULL);
  const OkapGrant *grant = okap_grant_item_get_grant (item);
  g_autofree char *name = okap_text_shorten (okap_grant_get_title (grant), NAME_CHARS);

  self->broker = g_object_ref (broker);
  self->item = g_object_ref (item);
  self->question = make_question (broker, grant);
  adw_window_title_set_subtitle (self->window_title, name);
  add_scopes (self);
  add_end (self);
  update (self);
  g_signal_connect_object (item, "notify::grant", G_CALLBACK (grant_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
