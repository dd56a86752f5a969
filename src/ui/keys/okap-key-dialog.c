/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds a key, or replaces one. The provider is recognised from the key while it is typed or pasted,
 * unless the user has chosen one. Main thread. The key is read in place from the entry's guarded
 * buffer, goes straight into a secret, and leaves the entry when it is taken. */
#include "config.h"

#include "okap-key-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-id.h"
#include "okap-provider.h"
#include "okap-rows.h"
#include "okap-words.h"

struct _OkapKeyDialog
{
  AdwWindow parent_instance;

  OkapVault *vault;             /* (owned) (immutable) (nullable) of a new key */
  OkapKeyCare *care;            /* (owned) (immutable) (nullable) of a key that is replaced */
  OkapKeyInfo *old_key;         /* (owned) (immutable) (nullable) which */
  GPtrArray *providers;         /* (owned) (element-type OkapProvider) as in the drop-down, in
                                   which the user's own comes after them */
  gboolean chosen;              /* the user picked the provider */
  gboolean recognising;         /* we are about to pick it */
  gboolean busy;

  GtkWidget *form;              /* template children */
  AdwPreferencesGroup *group;
  GtkWidget *spinner;
  GtkEditable *key_row;
  AdwComboRow *provider_row;
  GtkEditable *name_row;
  GtkEditable *address_row;
  GtkEditable *label_row;
  GtkLabel *hint_label;
  GtkWidget *add_button;
};

G_DEFINE_FINAL_TYPE (OkapKeyDialog, okap_key_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_ADDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* (transfer none) (nullable): NULL for the user's own */
static OkapProvider *
get_provider (OkapKeyDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->provider_row);

  return selected < self->providers->len ? g_ptr_array_index (self->providers, selected) : NULL;
}

/* The key without the white space that a paste brings along. */
static OkapSecret *
dup_key (OkapKeyDialog *self)
{
  const char *text = gtk_editable_get_text (self->key_row);
  gsize length;

  while (g_ascii_isspace (*text))
    text++;
  length = strlen (text);
  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  return okap_secret_new (text, length);
}

static gboolean
is_complete (OkapKeyDialog *self)
{
  OkapProvider *provider = get_provider (self);
  gboolean has_key = *gtk_editable_get_text (self->key_row) != '\0';
  gboolean has_address = *gtk_editable_get_text (self->address_row) != '\0';

  if (self->old_key != NULL)
    return has_key;
  if (provider != NULL)
    return has_key || (!okap_provider_needs_key (provider) && has_address);
  return okap_provider_id_is_valid (gtk_editable_get_text (self->name_row))
         && g_uri_is_valid (gtk_editable_get_text (self->address_row), G_URI_FLAGS_NONE, NULL);
}

static void
form_changed_cb (OkapKeyDialog *self)
{
  gtk_widget_set_sensitive (self->add_button, !self->busy && is_complete (self));
}

static void
set_hint (OkapKeyDialog *self, const char *words, gboolean problem)
{
  gtk_label_set_text (self->hint_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), *words != '\0');
  if (problem)
    gtk_widget_add_css_class (GTK_WIDGET (self->hint_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->hint_label), "error");
}

static void
provider_changed_cb (OkapKeyDialog *self)
{
  OkapProvider *provider = get_provider (self);
  gboolean own = provider == NULL;

  if (!self->recognising)
    self->chosen = TRUE;
  if (!own && !okap_provider_needs_key (provider))
    gtk_editable_set_text (self->address_row, okap_provider_get_base_url (provider));
  gtk_widget_set_visible (GTK_WIDGET (self->name_row), own);
  gtk_widget_set_visible (GTK_WIDGET (self->address_row),
                          own || !okap_provider_needs_key (provider));
  set_hint (self, own ? _("Anything that speaks OpenAI’s protocol works: a server of your own, a "
                          "gateway, another provider.")
                      : "", FALSE);
  form_changed_cb (self);
}

static void
select_provider (OkapKeyDialog *self, const char *id)
{
  for (guint i = 0; i < self->providers->len; i++)
    if (g_str_equal (okap_provider_get_id (g_ptr_array_index (self->providers, i)), id))
      {
        self->recognising = TRUE;
        adw_combo_row_set_selected (self->provider_row, i);
        self->recognising = FALSE;
      }
}

static void
key_changed_cb (OkapKeyDialog *self)
{
  g_autoptr (OkapSecret) key = dup_key (self);
  g_autoptr (GPtrArray) found = NULL;
  g_autofree char *words = NULL;
  OkapProvider *provider;

  form_changed_cb (self);
  if (okap_secret_get_length (key) == 0)
    {
      set_hint (self, "", FALSE);
      return;
    }
  found = okap_provider_recognise_key (okap_secret_get_text (key), NULL);
  if (found->len == 0)
    return;
  provider = g_ptr_array_index (found, 0);
  if (!self->chosen)
    select_provider (self, okap_provider_get_id (provider));
  if (self->old_key != NULL
      ? g_str_equal (okap_provider_get_id (provider), okap_key_info_get_provider (self->old_key))
      : get_provider (self) == provider)
    /* Translators: %s is the name of a provider */
    words = g_strdup_printf (_("Looks like a key of %s."), okap_provider_get_name (provider));
  else
    /* Translators: %s is the name of a provider, another one than is chosen */
    words = g_strdup_printf (_("This looks more like a key of %s."),
                             okap_provider_get_name (provider));
  set_hint (self, words, FALSE);
}

static void
set_busy (OkapKeyDialog *self, gboolean busy)
{
  self->busy = busy;
  if (busy)
    okap_row_drop_focus (GTK_WIDGET (self));
  gtk_widget_set_sensitive (self->form, !busy);
  gtk_widget_set_visible (self->spinner, busy);
  form_changed_cb (self);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) info = okap_vault_add_key_finish (OKAP_VAULT (source), result, &error);

  set_busy (self, FALSE);
  if (info == NULL)
    {
      g_autofree char *words = okap_words_for_error (error);

      set_hint (self, words, TRUE);
      return;
    }
  gtk_editable_set_text (self->key_row, "");
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, info);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean unchanged;
  g_autoptr (OkapKeyInfo) info = okap_key_care_replace_finish (OKAP_KEY_CARE (source), result,
                                                               &unchanged, &error);

  set_busy (self, FALSE);
  if (info == NULL)
    {
      g_autofree char *words = okap_words_for_error (error);

      set_hint (self, words, TRUE);
      return;
    }
  if (unchanged)
    {
      set_hint (self, _("This is the key that is in use already."), FALSE);
      return;
    }
  gtk_editable_set_text (self->key_row, "");
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
replace (OkapKeyDialog *self)
{
  g_autoptr (OkapSecret) key = dup_key (self);
  g_autofree char *rotation_id = okap_id_new ("rot");

  set_hint (self, _("The new key is being tested…"), FALSE);
  set_busy (self, TRUE);
  okap_key_care_replace_async (self->care, okap_key_info_get_id (self->old_key), rotation_id, key,
                               TRUE, replaced_cb, g_object_ref (self));
}

static void
add_cb (OkapKeyDialog *self)
{
  OkapProvider *provider = get_provider (self);
  const char *address = gtk_widget_get_visible (GTK_WIDGET (self->address_row))
                          ? gtk_editable_get_text (self->address_row) : "";
  g_autoptr (OkapSecret) key = NULL;

  if (self->busy || !is_complete (self))
    return;
  if (self->old_key != NULL)
    {
      replace (self);
      return;
    }
  key = dup_key (self);
  set_busy (self, TRUE);
  okap_vault_add_key_async (self->vault,
                            provider != NULL ? okap_provider_get_id (provider)
                                             : gtk_editable_get_text (self->name_row),
                            gtk_editable_get_text (self->label_row),
                            *address != '\0' ? address : NULL, key, added_cb,
                            g_object_ref (self));
}

static void
build_providers (OkapKeyDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autoptr (GPtrArray) all = okap_provider_list ();

  for (guint i = 0; i < all->len; i++)
    {
      OkapProvider *provider = g_ptr_array_index (all, i);

      if (g_str_equal (okap_provider_get_id (provider), "demo"))
        continue;
      g_ptr_array_add (self->providers, okap_provider_ref (provider));
      gtk_string_list_append (names, okap_provider_get_name (provider));
    }
  gtk_string_list_append (names, _("Another One"));
  self->recognising = TRUE;
  adw_combo_row_set_model (self->provider_row, G_LIST_MODEL (names));
  self->recognising = FALSE;
}

static void
okap_key_dialog_dispose (GObject *object)
{
  OkapKeyDialog *self = OKAP_KEY_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_KEY_DIALOG);
  g_clear_object (&self->vault);
  g_clear_object (&self->care);
  g_clear_object (&self->old_key);
  G_OBJECT_CLASS (okap_key_dialog_parent_class)->dispose (object);
}

static void
okap_key_dialog_finalize (GObject *object)
{
  g_ptr_array_unref (OKAP_KEY_DIALOG (object)->providers);
  G_OBJECT_CLASS (okap_key_dialog_parent_class)->finalize (object);
}

static void
okap_key_dialog_class_init (OkapKeyDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_key_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_key_dialog_finalize;

  signals[SIGNAL_ADDED] = g_signal_new ("added", OKAP_TYPE_KEY_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, OKAP_TYPE_KEY_INFO);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, form);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, group);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, key_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, provider_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, address_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, label_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyDialog, add_button);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, form_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, provider_changed_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
okap_key_dialog_init (OkapKeyDialog *self)
{
  self->providers = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_provider_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  build_providers (self);
}

/**
 * okap_key_dialog_new:
 * @provider: (nullable): id of the provider to begin with; NULL to recognise it from the key
 */
GtkWidget *
okap_key_dialog_new (OkapVault *vault, const char *provider)
{
  OkapKeyDialog *self = g_object_new (OKAP_TYPE_KEY_DIALOG, NULL);

  self->vault = g_object_ref (vault);
  if (provider != NULL)
    {
      select_provider (self, provider);
      self->chosen = TRUE;
    }
  self->recognising = TRUE;
  provider_changed_cb (self);
  self->recognising = FALSE;
  gtk_widget_grab_focus (GTK_WIDGET (self->key_row));
  return GTK_WIDGET (self);
}

/**
 * okap_key_dialog_new_replacement:
 * @old_key: which key is replaced
 *
 * Returns: a dialog that asks for the new key alone
 */
GtkWidget *
okap_key_dialog_new_replacement (OkapKeyCare *care, OkapKeyInfo *old_key)
{
  OkapKeyDialog *self = g_object_new (OKAP_TYPE_KEY_DIALOG, NULL);

  self->care = g_object_ref (care);
  self->old_key = g_object_ref (old_key);
  self->chosen = TRUE;
  gtk_window_set_title (GTK_WINDOW (self), _("Replace the Key"));
  gtk_button_set_label (GTK_BUTTON (self->add_button), C_("key", "Replace"));
  adw_preferences_group_set_description (self->group,
                                         _("Paste the new key. It is tested first; apps notice "
                                           "nothing. If the provider refuses it in the next ten "
                                           "minutes, the old one comes back."));
  gtk_widget_set_visible (GTK_WIDGET (self->provider_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->name_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->address_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->label_row), FALSE);
  set_hint (self, "", FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->key_row));
  return GTK_WIDGET (self);
}
