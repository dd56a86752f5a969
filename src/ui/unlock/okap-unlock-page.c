/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-unlock-page.h"

#include "okap-unlock-form.h"

struct _OkapUnlockPage
{
  AdwBin parent_instance;

  OkapUnlockForm *form;  /* template child */
};

G_DEFINE_FINAL_TYPE (OkapUnlockPage, okap_unlock_page, ADW_TYPE_BIN)

static gboolean
okap_unlock_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (OKAP_UNLOCK_PAGE (widget)->form));
}

static void
okap_unlock_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_UNLOCK_PAGE);
  G_OBJECT_CLASS (okap_unlock_page_parent_class)->dispose (object);
}

static void
okap_unlock_page_class_init (OkapUnlockPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_unlock_page_dispose;
  widget_class->grab_focus = okap_unlock_page_grab_focus;

  g_type_ensure (OKAP_TYPE_UNLOCK_FORM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-unlock-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapUnlockPage, form);
}

static void
okap_unlock_page_init (OkapUnlockPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_unlock_page_set_broker (OkapUnlockPage *self, OkapBroker *broker)
{
  okap_unlock_form_set_broker (self->form, broker);
}
