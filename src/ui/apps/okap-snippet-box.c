/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drop-down of snippets, the chosen one as text, and a button that copies it. The token of an app
 * is not kept by Okap, so the text reads it from OKAP_TOKEN. Main thread. */
#include "config.h"

#include "okap-snippet-box.h"

#include <glib/gi18n.h>

#include "okap-snippets.h"
#include "okap-words.h"

struct _OkapSnippetBox
{
  AdwPreferencesGroup parent_instance;

  GPtrArray *snippets;      /* (owned) (nullable) (element-type OkapSnippet) as in choice_row */

  AdwComboRow *choice_row;  /* template children */
  GtkLabel *code_label;
  GtkButton *copy_button;
};

G_DEFINE_FINAL_TYPE (OkapSnippetBox, okap_snippet_box, ADW_TYPE_PREFERENCES_GROUP)

static const OkapSnippet *
get_chosen (OkapSnippetBox *self)
{
  guint selected = adw_combo_row_get_selected (self->choice_row);

  return self->snippets != NULL && selected < self->snippets->len
         ? g_ptr_array_index (self->snippets, selected) : NULL;
}

static void
chosen_cb (OkapSnippetBox *self)
{
  const OkapSnippet *snippet = get_chosen (self);

  gtk_label_set_text (self->code_label, snippet != NULL ? snippet->text : "");
  gtk_button_set_label (self->copy_button, _("Copy"));
}

static void
copy_cb (OkapSnippetBox *self)
{
  const OkapSnippet *snippet = get_chosen (self);

  if (snippet == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), snippet->text);
  gtk_button_set_label (self->copy_button, _("Copied"));
}

static void
okap_snippet_box_dispose (GObject *object)
{
  OkapSnippetBox *self = OKAP_SNIPPET_BOX (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_SNIPPET_BOX);
  g_clear_pointer (&self->snippets, g_ptr_array_unref);
  G_OBJECT_CLASS (okap_snippet_box_parent_class)->dispose (object);
}

static void
okap_snippet_box_class_init (OkapSnippetBoxClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_snippet_box_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-snippet-box.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapSnippetBox, choice_row);
  gtk_widget_class_bind_template_child (widget_class, OkapSnippetBox, code_label);
  gtk_widget_class_bind_template_child (widget_class, OkapSnippetBox, copy_button);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
okap_snippet_box_init (OkapSnippetBox *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
okap_snippet_box_show (OkapSnippetBox *self, const OkapGrant *grant, const char *origin,
                       const char *token)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = adw_combo_row_get_selected (self->choice_row);

  g_clear_pointer (&self->snippets, g_ptr_array_unref);
  for (guint i = 0; i < grant->scopes->len; i++)
    {
      const OkapScope *scope = g_ptr_array_index (grant->scopes, i);
      GPtrArray *snippets = okap_snippets_list (scope, origin, token);
      g_autofree char *provider = okap_words_for_provider (scope->provider);

      for (guint j = 0; j < snippets->len; j++)
        {
          const OkapSnippet *snippet = g_ptr_array_index (snippets, j);
          g_autofree char *title = grant->scopes->len > 1
                                   ? g_strdup_printf ("%s: %s", provider, snippet->title) : NULL;

          gtk_string_list_append (names, title != NULL ? title : snippet->title);
        }
      if (self->snippets == NULL)
        self->snippets = snippets;
      else
        g_ptr_array_extend_and_steal (self->snippets, snippets);
    }
  adw_combo_row_set_model (self->choice_row, G_LIST_MODEL (names));
  if (self->snippets != NULL && selected < self->snippets->len)
    adw_combo_row_set_selected (self->choice_row, selected);
  chosen_cb (self);
}
