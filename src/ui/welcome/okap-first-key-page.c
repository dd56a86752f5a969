/* SPDX-License-Identifier: GPL-3.0-or-later */
/* form ──added──▶ result, while its provider is asked ──▶ what it said ──▶ "next"
 *  ▲                                                          │
 *  └────────── another one, or this one is removed ───────────┘
 *
 * A key that the provider refuses can be taken out again at once. Main thread. */
#include "config.h"

#include "okap-first-key-page.h"

#include <glib/gi18n.h>

#include "okap-key-form.h"
#include "okap-key-words.h"
#include "okap-rows.h"
#include "okap-words.h"

struct _OkapFirstKeyPage
{
  AdwBin parent_instance;

  OkapCore *core;           /* (owned) (nullable) until set */
  OkapKeyInfo *key;         /* (owned) (nullable) that was added last */

  GtkStack *stack;          /* template children */
  OkapKeyForm *form;
  GtkWidget *add_button;
  AdwAvatar *avatar;
  AdwActionRow *key_row;
  GtkWidget *spinner;
  GtkImage *health_icon;
  GtkWidget *next_button;
  GtkWidget *again_button;
  GtkWidget *another_button;
};

G_DEFINE_FINAL_TYPE (OkapFirstKeyPage, okap_first_key_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_NEXT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static OkapKeyCare *
get_care (OkapFirstKeyPage *self)
{
  return okap_broker_get_key_care (okap_core_get_broker (self->core));
}

static void
changed_cb (OkapFirstKeyPage *self)
{
  gtk_widget_set_sensitive (self->add_button, okap_key_form_is_complete (self->form));
}

static void
clicked_cb (OkapFirstKeyPage *self)
{
  okap_key_form_submit (self->form, TRUE);
}

static void
submit_cb (OkapFirstKeyPage *self)
{
  okap_key_form_submit (self->form, FALSE);
}

static void
next_cb (OkapFirstKeyPage *self)
{
  g_signal_emit (self, signals[SIGNAL_NEXT], 0);
}

static void
show_form (OkapFirstKeyPage *self)
{
  g_clear_object (&self->key);
  gtk_stack_set_visible_child_name (self->stack, "form");
  gtk_widget_grab_focus (GTK_WIDGET (self->form));
}

static void
another_cb (OkapFirstKeyPage *self)
{
  show_form (self);
}

/* What the test found, and what the provider told of money. */
static void
show_verdict (OkapFirstKeyPage *self, const char *verdict)
{
  const OkapKeyStanding *standing = okap_key_care_get_standing (get_care (self), self->key);
  OkapKeyClass class = okap_key_care_get_health (get_care (self), self->key).class;
  const char *style = okap_words_health_style (class);
  g_autoptr (GString) words = g_string_new (verdict);

  for (guint i = 0; standing != NULL && i < standing->n_facts; i++)
    {
      g_autofree char *fact = okap_words_for_standing (&standing->facts[i]);

      g_string_append_printf (words, "\n%s", fact);
    }
  adw_action_row_set_subtitle (self->key_row, words->str);
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_image_set_from_icon_name (self->health_icon, okap_words_health_icon (class));
  gtk_widget_set_css_classes (GTK_WIDGET (self->health_icon),
                              (const char *[]) { style != NULL ? style : "dim-label", NULL });
  gtk_widget_set_visible (GTK_WIDGET (self->health_icon), TRUE);
  gtk_widget_set_visible (self->again_button, class == OKAP_KEY_BAD);
  gtk_widget_set_visible (self->another_button, class != OKAP_KEY_BAD);
}

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapFirstKeyPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  g_autofree char *verdict = NULL;

  (void) okap_core_test_key_finish (OKAP_CORE (source), result, &words, &error);
  if (self->key == NULL || self->core == NULL)
    return;
  verdict = okap_words_for_test (self->key, words, error);
  show_verdict (self, verdict);
}

static void
added_cb (OkapFirstKeyPage *self, OkapKeyInfo *key)
{
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (key));
  g_autofree char *name = okap_words_for_key (key);
  g_autofree char *title = g_strdup_printf ("%s %s", provider, name);

  g_set_object (&self->key, key);
  adw_avatar_set_text (self->avatar, provider);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->key_row), title);
  adw_action_row_set_subtitle (self->key_row, _("Asking the provider…"));
  gtk_widget_set_visible (self->spinner, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->health_icon), FALSE);
  gtk_widget_set_visible (self->again_button, FALSE);
  gtk_widget_set_visible (self->another_button, TRUE);
  gtk_stack_set_visible_child_name (self->stack, "result");
  gtk_widget_grab_focus (self->next_button);
  okap_core_test_key_async (self->core, okap_key_info_get_id (key), tested_cb,
                            g_object_ref (self));
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapFirstKeyPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean removed = okap_vault_remove_key_finish (OKAP_VAULT (source), result, &error);

  gtk_widget_set_sensitive (self->again_button, TRUE);
  if (self->key == NULL || self->core == NULL)
    return;
  if (removed)
    show_form (self);
  else
    {
      g_autofree char *words = okap_words_for_error (error);

      show_verdict (self, words);
    }
}

static void
again_cb (OkapFirstKeyPage *self)
{
  okap_row_drop_focus (self->again_button);
  gtk_widget_set_sensitive (self->again_button, FALSE);
  okap_vault_remove_key_async (okap_core_get_vault (self->core), okap_key_info_get_id (self->key),
                               removed_cb, g_object_ref (self));
}

static gboolean
okap_first_key_page_grab_focus (GtkWidget *widget)
{
  OkapFirstKeyPage *self = OKAP_FIRST_KEY_PAGE (widget);

  return gtk_widget_grab_focus (self->key != NULL ? self->next_button : GTK_WIDGET (self->form));
}

static void
okap_first_key_page_dispose (GObject *object)
{
  OkapFirstKeyPage *self = OKAP_FIRST_KEY_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_FIRST_KEY_PAGE);
  g_clear_object (&self->key);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_first_key_page_parent_class)->dispose (object);
}

static void
okap_first_key_page_class_init (OkapFirstKeyPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_first_key_page_dispose;
  widget_class->grab_focus = okap_first_key_page_grab_focus;

  signals[SIGNAL_NEXT] = g_signal_new ("next", OKAP_TYPE_FIRST_KEY_PAGE, G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (OKAP_TYPE_KEY_FORM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-first-key-page.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, stack);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, form);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, add_button);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, key_row);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, health_icon);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, next_button);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, again_button);
  gtk_widget_class_bind_template_child (widget_class, OkapFirstKeyPage, another_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, submit_cb);
  gtk_widget_class_bind_template_callback (widget_class, added_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, again_cb);
  gtk_widget_class_bind_template_callback (widget_class, another_cb);
}

static void
okap_first_key_page_init (OkapFirstKeyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  okap_key_form_set_button (self->form, self->add_button);
}

void
okap_first_key_page_set_core (OkapFirstKeyPage *self, OkapCore *core)
{
  self->core = g_object_ref (core);
  okap_key_form_set_broker (self->form, okap_core_get_broker (core));
}
