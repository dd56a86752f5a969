/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may use the token. Usually only the program that asks. An app may ask for a token that any
 * program may use, for containers and relays; that is a risk, shown as one, and may be narrowed to
 * the program here. A program that is not known cannot be told apart from others, so its token is
 * good for whoever has it, and there is nothing to choose. */
#include "config.h"

#include "okap-binding-group.h"

#include <glib/gi18n.h>

#include "okap-rows.h"
#include "okap-text.h"

#define PROGRAM_CHARS 64

struct _OkapBindingGroup
{
  AdwPreferencesGroup parent_instance;

  GtkWidget *row;        /* (unowned) */
  GtkWidget *image;      /* (unowned) in it */
  GtkWidget *only;       /* (unowned) (nullable) the switch */
  char *program;         /* (owned) to whom it can be bound, in words */
};

G_DEFINE_FINAL_TYPE (OkapBindingGroup, okap_binding_group, ADW_TYPE_PREFERENCES_GROUP)

/* Says it in the one row that there is. */
static void
show (OkapBindingGroup *self, gboolean risk, const char *title, const char *words)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row), words);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->image), risk ? "dialog-warning-symbolic"
                                                              : "changes-prevent-symbolic");
  if (risk)
    gtk_widget_add_css_class (self->row, "okap-risk");
  else
    gtk_widget_remove_css_class (self->row, "okap-risk");
}

static void
only_changed_cb (OkapBindingGroup *self)
{
  if (gtk_switch_get_active (GTK_SWITCH (self->only)))
    show (self, FALSE, _("Only this program may use it"), self->program);
  else
    show (self, TRUE, _("Any program may use it"),
          _("The app asks for a token that is good for whoever has it. Switch on to bind it to "
            "the program."));
}

static void
add_switch (OkapBindingGroup *self)
{
  self->only = gtk_switch_new ();
  gtk_widget_set_valign (self->only, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->only), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Only this program"), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), self->only);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->row), self->only);
  g_signal_connect_object (self->only, "notify::active", G_CALLBACK (only_changed_cb), self,
                           G_CONNECT_SWAPPED);
  only_changed_cb (self);
}

static void
okap_binding_group_finalize (GObject *object)
{
  g_free (OKAP_BINDING_GROUP (object)->program);
  G_OBJECT_CLASS (okap_binding_group_parent_class)->finalize (object);
}

static void
okap_binding_group_class_init (OkapBindingGroupClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_binding_group_finalize;
}

static void
okap_binding_group_init (OkapBindingGroup *self)
{
  self->row = okap_row_new ("", NULL);
  self->image = gtk_image_new ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->image), GTK_ACCESSIBLE_PROPERTY_LABEL, "",
                                  -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (self->row), self->image);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), self->row);
}

GtkWidget *
okap_binding_group_new (OkapQuestion *question)
{
  OkapBindingGroup *self = g_object_new (OKAP_TYPE_BINDING_GROUP, NULL);
  const OkapAsk *ask = okap_question_get_ask (question);
  const OkapIdentity *target = ask->bind_to != NULL ? ask->bind_to : ask->caller->identity;
  g_autofree char *words = okap_identity_dup_words (target);

  self->program = okap_text_shorten (words, PROGRAM_CHARS);
  if (target->kind == OKAP_IDENTITY_UNKNOWN && ask->redeemed)
    show (self, FALSE, _("Only the program that fetches it first"),
          _("Okap cannot see which one that will be."));
  else if (target->kind == OKAP_IDENTITY_UNKNOWN)
    show (self, TRUE, _("Any program may use it"),
          _("Okap cannot tell who asks, so whoever has the token may use it, for a day at most."));
  else if (ask->request->portable)
    add_switch (self);
  else
    show (self, FALSE, ask->bind_to != NULL ? _("Only another program may use it")
                                            : _("Only this program may use it"), self->program);
  return GTK_WIDGET (self);
}

/** okap_binding_group_is_risk: whether it is shown as one now */
gboolean
okap_binding_group_is_risk (OkapBindingGroup *self)
{
  return gtk_widget_has_css_class (self->row, "okap-risk");
}

/** okap_binding_group_get_portable: what is shown now */
gboolean
okap_binding_group_get_portable (OkapBindingGroup *self)
{
  return self->only != NULL && !gtk_switch_get_active (GTK_SWITCH (self->only));
}
