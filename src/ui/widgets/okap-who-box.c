/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who asks. No text here is markup; what is too long is shortened in its middle, where the end of
 * a path stays readable, and stands whole in the details. */
#include "config.h"

#include "okap-who-box.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-evidence.h"
#include "okap-mismatch.h"
#include "okap-text.h"

#define SEEN_CHARS 96
#define NAME_CHARS 48

struct _OkapWhoBox
{
  GtkBox parent_instance;

  GtkImage *icon;            /* template children */
  GtkLabel *seen_label;
  GtkLabel *changed_label;
  GtkLabel *claim_label;
  GtkWidget *mismatch_box;
  GtkLabel *mismatch_label;
  GtkLabel *reason_label;
};

G_DEFINE_FINAL_TYPE (OkapWhoBox, okap_who_box, GTK_TYPE_BOX)

static void
okap_who_box_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_WHO_BOX);
  G_OBJECT_CLASS (okap_who_box_parent_class)->dispose (object);
}

static void
okap_who_box_class_init (OkapWhoBoxClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_who_box_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-who-box.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapWhoBox, icon);
  gtk_widget_class_bind_template_child (widget_class, OkapWhoBox, seen_label);
  gtk_widget_class_bind_template_child (widget_class, OkapWhoBox, changed_label);
  gtk_widget_class_bind_template_child (widget_class, OkapWhoBox, claim_label);
  gtk_widget_class_bind_template_child (widget_class, OkapWhoBox, mismatch_box);
  gtk_widget_class_bind_template_child (widget_class, OkapWhoBox, mismatch_label);
  gtk_widget_class_bind_template_child (widget_class, OkapWhoBox, reason_label);
}

static void
okap_who_box_init (OkapWhoBox *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_text (GtkLabel *label, GtkWidget *shown, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (shown, text != NULL);
}

static void
show_claim (OkapWhoBox *self, const OkapIdentity *seen, const OkapRequest *claim)
{
  g_autofree char *mismatch = okap_mismatch_dup_words (claim->app_name, seen);
  g_autofree char *name = okap_text_shorten (claim->app_name, NAME_CHARS);
  g_autofree char *words = *name != '\0'
                             /* Translators: %s is the name that an app gives itself */
                             ? g_strdup_printf (_("calls itself “%s”"), name)
                             : g_strdup (_("and gives no name"));
  g_autofree char *reason = *claim->reason != '\0'
                              /* Translators: %s is the reason that an app gives */
                              ? g_strdup_printf (_("“%s”"), claim->reason) : NULL;

  show_text (self->claim_label, GTK_WIDGET (self->claim_label), mismatch == NULL ? words : NULL);
  show_text (self->mismatch_label, self->mismatch_box, mismatch);
  show_text (self->reason_label, GTK_WIDGET (self->reason_label), reason);
}

/**
 * okap_who_box_show:
 * @claim: (nullable): what the program says of itself, if it said anything
 */
void
okap_who_box_show (OkapWhoBox *self, const OkapIdentity *seen, const OkapRequest *claim)
{
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  g_autofree char *words = okap_identity_dup_words (seen);
  g_autofree char *shown = okap_text_shorten (words, SEEN_CHARS);
  g_autofree char *changed = okap_evidence_dup_changed (seen, now_us);

  gtk_image_set_from_icon_name (self->icon, okap_evidence_get_icon (seen));
  gtk_label_set_text (self->seen_label, shown);
  show_text (self->changed_label, GTK_WIDGET (self->changed_label), changed);
  if (claim != NULL)
    show_claim (self, seen, claim);
  else
    {
      show_text (self->claim_label, GTK_WIDGET (self->claim_label), NULL);
      show_text (self->mismatch_label, self->mismatch_box, NULL);
      show_text (self->reason_label, GTK_WIDGET (self->reason_label), NULL);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}
