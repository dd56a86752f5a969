/* SPDX-License-Identifier: GPL-3.0-or-later */
/* create ──▶ recovery ──▶ start ──▶ "done": only forwards. */
#include "config.h"

#include "okap-welcome-page.h"

#include "okap-create-page.h"
#include "okap-recovery-page.h"

struct _OkapWelcomePage
{
  AdwBin parent_instance;

  GtkStack *stack;                  /* template children */
  OkapCreatePage *create_page;
  OkapRecoveryPage *recovery_page;
  GtkWidget *try_button;
};

G_DEFINE_FINAL_TYPE (OkapWelcomePage, okap_welcome_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
created_cb (OkapWelcomePage *self, OkapSecret *code)
{
  okap_recovery_page_set_code (self->recovery_page, code);
  gtk_stack_set_visible_child_name (self->stack, "recovery");
  gtk_widget_grab_focus (GTK_WIDGET (self->recovery_page));
}

static void
kept_cb (OkapWelcomePage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "start");
  gtk_widget_grab_focus (self->try_button);
}

static void
finish (OkapWelcomePage *self, const char *next)
{
  g_signal_emit (self, signals[SIGNAL_DONE], 0, next);
}

static void
try_it_cb (OkapWelcomePage *self)
{
  finish (self, "try-it");
}

static void
add_key_cb (OkapWelcomePage *self)
{
  finish (self, "add-key");
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
okap_welcome_page_class_init (OkapWelcomePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->grab_focus = okap_welcome_page_grab_focus;

  signals[SIGNAL_DONE] = g_signal_new ("done", OKAP_TYPE_WELCOME_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (OKAP_TYPE_CREATE_PAGE);
  g_type_ensure (OKAP_TYPE_RECOVERY_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-welcome-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, create_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, recovery_page);
  gtk_widget_class_bind_template_child (widget_class, OkapWelcomePage, try_button);
  gtk_widget_class_bind_template_callback (widget_class, created_cb);
  gtk_widget_class_bind_template_callback (widget_class, kept_cb);
  gtk_widget_class_bind_template_callback (widget_class, try_it_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, look_cb);
}

static void
okap_welcome_page_init (OkapWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_welcome_page_set_vault (OkapWelcomePage *self, OkapVault *vault)
{
  okap_create_page_set_vault (self->create_page, vault);
}
