/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The passphrase beside the press. The text leaves the entry when it is taken or no longer wanted.
 * Return in the entry decides nothing by itself: whoever listens asks the Allow button. */
#include "config.h"

#include "okap-step-up-box.h"

#include <glib/gi18n.h>

#include "okap-rows.h"

struct _OkapStepUpBox
{
  GtkBox parent_instance;

  GtkLabel *why_label;       /* template children */
  GtkWidget *entry;
  GtkLabel *problem_label;
};

G_DEFINE_FINAL_TYPE (OkapStepUpBox, okap_step_up_box, GTK_TYPE_BOX)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ACTIVATE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
changed_cb (OkapStepUpBox *self)
{
  if (okap_step_up_box_is_filled (self))
    okap_step_up_box_set_problem (self, NULL);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
activate_cb (OkapStepUpBox *self)
{
  if (okap_step_up_box_is_filled (self))
    g_signal_emit (self, signals[SIGNAL_ACTIVATE], 0);
}

static gboolean
okap_step_up_box_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (OKAP_STEP_UP_BOX (widget)->entry);
}

static void
okap_step_up_box_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_STEP_UP_BOX);
  G_OBJECT_CLASS (okap_step_up_box_parent_class)->dispose (object);
}

static void
okap_step_up_box_class_init (OkapStepUpBoxClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_step_up_box_dispose;
  widget_class->grab_focus = okap_step_up_box_grab_focus;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_STEP_UP_BOX, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ACTIVATE] = g_signal_new ("activate", OKAP_TYPE_STEP_UP_BOX, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-step-up-box.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapStepUpBox, why_label);
  gtk_widget_class_bind_template_child (widget_class, OkapStepUpBox, entry);
  gtk_widget_class_bind_template_child (widget_class, OkapStepUpBox, problem_label);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
okap_step_up_box_init (OkapStepUpBox *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_step_up_box_set_why: (nullable): why the passphrase is wanted; %NULL: it is not */
void
okap_step_up_box_set_why (OkapStepUpBox *self, const char *why)
{
  g_autofree char *words = why != NULL
    /* Translators: %s is one sentence or more: why the passphrase is wanted */
    ? g_strdup_printf (_("%s Type your passphrase to allow it."), why) : NULL;

  gtk_label_set_text (self->why_label, words != NULL ? words : "");
  if (why == NULL && gtk_widget_get_visible (GTK_WIDGET (self)))
    {
      okap_row_drop_focus (GTK_WIDGET (self));
      gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
    }
  gtk_widget_set_visible (GTK_WIDGET (self), why != NULL);
}

/** okap_step_up_box_set_problem: (nullable): what was wrong with what was typed */
void
okap_step_up_box_set_problem (OkapStepUpBox *self, const char *problem)
{
  gtk_label_set_text (self->problem_label, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), problem != NULL);
}

gboolean
okap_step_up_box_is_filled (OkapStepUpBox *self)
{
  return *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0';
}

/** okap_step_up_box_take_secret: (transfer full): what was typed; the entry is empty then */
OkapSecret *
okap_step_up_box_take_secret (OkapStepUpBox *self)
{
  OkapSecret *secret = okap_secret_new_from_string (
    gtk_editable_get_text (GTK_EDITABLE (self->entry)));

  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  return secret;
}
