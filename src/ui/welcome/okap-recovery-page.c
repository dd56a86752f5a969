/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recovery code, shown once. Two groups typed back show that it was kept; they are not a
 * secret to be guarded from the person who reads them on the same page. When the page is left,
 * labels, entries and our copy of the code are gone. Main thread. */
#include "config.h"

#include "okap-recovery-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-recovery-print.h"
#include "okap-rows.h"

#define FIRST_ASKED  1
#define SECOND_ASKED 4

struct _OkapRecoveryPage
{
  AdwBin parent_instance;

  OkapSecret *code;            /* (owned) (nullable) while shown */
  char **parts;                /* (owned) (nullable) its groups; wiped when left */

  GtkFlowBox *groups;          /* template children */
  GtkButton *copy_button;
  GtkEditable *first_row;
  GtkEditable *second_row;
  GtkLabel *hint_label;
  GtkWidget *continue_button;
};

G_DEFINE_FINAL_TYPE (OkapRecoveryPage, okap_recovery_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_KEPT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
forget (OkapRecoveryPage *self)
{
  GtkFlowBoxChild *child;

  while ((child = gtk_flow_box_get_child_at_index (self->groups, 0)) != NULL)
    gtk_flow_box_remove (self->groups, GTK_WIDGET (child));
  gtk_editable_set_text (self->first_row, "");
  gtk_editable_set_text (self->second_row, "");
  for (char **part = self->parts; part != NULL && *part != NULL; part++)
    okap_wipe (*part, strlen (*part));
  g_clear_pointer (&self->parts, g_strfreev);
  g_clear_pointer (&self->code, okap_secret_unref);
}

static gboolean
is_group (OkapRecoveryPage *self, GtkEditable *row, guint index)
{
  g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (row)));

  return index < g_strv_length (self->parts)
         && g_ascii_strcasecmp (typed, self->parts[index]) == 0;
}

static gboolean
is_complete (OkapRecoveryPage *self)
{
  return self->parts != NULL && is_group (self, self->first_row, FIRST_ASKED)
         && is_group (self, self->second_row, SECOND_ASKED);
}

static void
changed_cb (OkapRecoveryPage *self)
{
  gtk_widget_set_sensitive (self->continue_button, is_complete (self));
}

static void
continue_cb (OkapRecoveryPage *self)
{
  if (!is_complete (self))
    return;
  okap_row_drop_focus (GTK_WIDGET (self));
  forget (self);
  g_signal_emit (self, signals[SIGNAL_KEPT], 0);
}

static void
show_hint (OkapRecoveryPage *self, const char *words)
{
  gtk_label_set_text (self->hint_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), TRUE);
}

static void
copy_cb (OkapRecoveryPage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          okap_secret_get_text (self->code));
  show_hint (self, _("Copied. Whatever reads your clipboard can read it now; copy something else "
                     "when you have put it away."));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapRecoveryPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    words = g_strdup (_("Saved. Move the file to a place that is not this computer."));
  else
    /* Translators: %s says why */
    words = g_strdup_printf (_("The file could not be written: %s"), error->message);
  show_hint (self, words);
}

static void
file_chosen_cb (GtkFileChooserNative *chooser, int response, OkapRecoveryPage *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->code != NULL)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *text = g_strdup_printf (_("Recovery code of Okap\n\n%s\n"),
                                               okap_secret_get_text (self->code));
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      okap_wipe (text, strlen (text));
      g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE,
                                           G_FILE_CREATE_PRIVATE
                                             | G_FILE_CREATE_REPLACE_DESTINATION,
                                           NULL, saved_cb, g_object_ref (self));
    }
  g_object_unref (chooser);
}

static void
print_problem_cb (const char *words, gpointer user_data)
{
  show_hint (OKAP_RECOVERY_PAGE (user_data), words);
}

static void
print_cb (OkapRecoveryPage *self)
{
  if (self->code != NULL)
    okap_recovery_print (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->code,
                         print_problem_cb, self);
}

static void
save_cb (OkapRecoveryPage *self)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
    _("Save the Recovery Code"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
    GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), _("Okap recovery code.txt"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (file_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static GtkWidget *
make_group (guint number, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autofree char *count = g_strdup_printf ("%u", number);
  GtkWidget *number_label = gtk_label_new (count);
  GtkWidget *text_label = gtk_label_new (text);

  gtk_widget_add_css_class (number_label, "caption");
  gtk_widget_add_css_class (number_label, "dim-label");
  gtk_widget_add_css_class (text_label, "okap-code-group");
  gtk_box_append (GTK_BOX (box), number_label);
  gtk_box_append (GTK_BOX (box), text_label);
  return box;
}

static gboolean
okap_recovery_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (OKAP_RECOVERY_PAGE (widget)->copy_button));
}

static void
okap_recovery_page_dispose (GObject *object)
{
  OkapRecoveryPage *self = OKAP_RECOVERY_PAGE (object);

  if (self->code != NULL)
    forget (self);
  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_RECOVERY_PAGE);
  G_OBJECT_CLASS (okap_recovery_page_parent_class)->dispose (object);
}

static void
okap_recovery_page_class_init (OkapRecoveryPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_recovery_page_dispose;
  widget_class->grab_focus = okap_recovery_page_grab_focus;

  signals[SIGNAL_KEPT] = g_signal_new ("kept", OKAP_TYPE_RECOVERY_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-recovery-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapRecoveryPage, groups);
  gtk_widget_class_bind_template_child (widget_class, OkapRecoveryPage, copy_button);
  gtk_widget_class_bind_template_child (widget_class, OkapRecoveryPage, first_row);
  gtk_widget_class_bind_template_child (widget_class, OkapRecoveryPage, second_row);
  gtk_widget_class_bind_template_child (widget_class, OkapRecoveryPage, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapRecoveryPage, continue_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, continue_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, print_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
}

static void
okap_recovery_page_init (OkapRecoveryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_recovery_page_set_code: shows @code, groups of it separated by hyphens */
void
okap_recovery_page_set_code (OkapRecoveryPage *self, OkapSecret *code)
{
  forget (self);
  self->code = okap_secret_ref (code);
  self->parts = g_strsplit (okap_secret_get_text (code), "-", -1);
  for (guint i = 0; self->parts[i] != NULL; i++)
    gtk_flow_box_append (self->groups, make_group (i + 1, self->parts[i]));
  changed_cb (self);
}
