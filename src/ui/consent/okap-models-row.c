/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For who decides on models without having been asked for some: names are typed, since no list of a
 * provider's models is whole. A name that is still in the entry counts as typed. */
#include "config.h"

#include "okap-models-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-rows.h"
#include "okap-words.h"

struct _OkapModelsRow
{
  AdwExpanderRow parent_instance;

  GtkWidget *all_check;    /* (unowned) */
  GtkWidget *entry_row;    /* (unowned) */
  GPtrArray *names;        /* (owned) (element-type utf8) */
  GPtrArray *checks;       /* (owned) (element-type GtkWidget) (unowned elements) as @names */
};

G_DEFINE_FINAL_TYPE (OkapModelsRow, okap_models_row, ADW_TYPE_EXPANDER_ROW)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_active (GtkWidget *check)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (check));
}

static void
changed_cb (OkapModelsRow *self)
{
  gboolean all = is_active (self->all_check);
  g_auto (GStrv) models = okap_models_row_dup_models (self);
  g_autofree char *words = okap_models_row_is_empty (self) ? g_strdup (_("None"))
                                                           : okap_words_for_models (models);

  for (guint i = 0; i < self->checks->len; i++)
    gtk_widget_set_sensitive (g_ptr_array_index (self->checks, i), !all);
  gtk_widget_set_sensitive (self->entry_row, !all);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), words);
  if (all)
    gtk_widget_add_css_class (GTK_WIDGET (self), "okap-risk");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "okap-risk");
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
add_model (OkapModelsRow *self, const char *name)
{
  g_autofree char *words = okap_words_for_model (name);
  GtkWidget *check;
  GtkWidget *row;

  if (g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, NULL)
      || self->names->len >= OKAP_CAP_REQUEST_MODELS || strlen (name) > OKAP_CAP_MODEL_BYTES)
    return;
  row = okap_row_new_check (words, NULL, &check);
  g_ptr_array_add (self->names, g_strdup (name));
  g_ptr_array_add (self->checks, check);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_signal_connect_object (check, "toggled", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

/* (transfer full) (nullable) */
static char *
dup_typed (OkapModelsRow *self)
{
  char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry_row))));

  if (*name != '\0')
    return name;
  g_free (name);
  return NULL;
}

static void
apply_cb (OkapModelsRow *self)
{
  g_autofree char *name = dup_typed (self);

  if (name == NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->entry_row), "");
  add_model (self, name);
  changed_cb (self);
}

static void
okap_models_row_finalize (GObject *object)
{
  OkapModelsRow *self = OKAP_MODELS_ROW (object);

  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->checks);
  G_OBJECT_CLASS (okap_models_row_parent_class)->finalize (object);
}

static void
okap_models_row_class_init (OkapModelsRowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_models_row_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_MODELS_ROW, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_models_row_init (OkapModelsRow *self)
{
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->checks = g_ptr_array_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _("Models"));
}

GtkWidget *
okap_models_row_new (char *const *models)
{
  OkapModelsRow *self = g_object_new (OKAP_TYPE_MODELS_ROW, NULL);
  GtkWidget *row = okap_row_new_check (_("All models"),
                                       _("Also the most expensive ones, and those to come"),
                                       &self->all_check);

  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->all_check), models[0] == NULL);
  self->entry_row = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->entry_row), _("Another model"));
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->entry_row), TRUE);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), self->entry_row);
  for (char *const *model = models; *model != NULL; model++)
    add_model (self, *model);
  g_signal_connect_object (self->all_check, "toggled", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry_row, "apply", G_CALLBACK (apply_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry_row, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  changed_cb (self);
  return GTK_WIDGET (self);
}

char **
okap_models_row_dup_models (OkapModelsRow *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *typed = dup_typed (self);

  if (is_active (self->all_check))
    return g_strv_builder_end (builder);
  for (guint i = 0; i < self->checks->len; i++)
    if (is_active (g_ptr_array_index (self->checks, i)))
      g_strv_builder_add (builder, g_ptr_array_index (self->names, i));
  if (typed != NULL && !g_ptr_array_find_with_equal_func (self->names, typed, g_str_equal, NULL))
    g_strv_builder_add (builder, typed);
  return g_strv_builder_end (builder);
}

gboolean
okap_models_row_is_empty (OkapModelsRow *self)
{
  g_auto (GStrv) models = okap_models_row_dup_models (self);

  return !is_active (self->all_check) && models[0] == NULL;
}
