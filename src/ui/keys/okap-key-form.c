/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new key, or the new one of a replacement, is typed here. Main thread.
 *
 * Whose key it is follows from its form while it is typed or pasted, unless the user has chosen.
 * A form that several providers' keys have is asked, with a button for each. The key is read in
 * place from the entry's guarded buffer, goes straight into a secret, and leaves the entry when it
 * is taken.
 *
 * A key with an address of its own takes a press by a device: some program that presses buttons
 * over the accessibility bus could have apps send there what they ask. Who cannot press that way
 * types the passphrase. */
#include "config.h"

#include "okap-key-form.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-id.h"
#include "okap-key-candidates.h"
#include "okap-press.h"
#include "okap-provider.h"
#include "okap-rows.h"
#include "okap-step-up-box.h"
#include "okap-words.h"

#define NOBODY 0   /* in the drop-down: not chosen yet */

struct _OkapKeyForm
{
  GtkBox parent_instance;

  OkapBroker *broker;           /* (owned) (nullable) until set */
  OkapKeyInfo *old_key;         /* (owned) (nullable) that is replaced */
  OkapPress *press;             /* (owned) (nullable) of the button */
  GPtrArray *providers;         /* (owned) (element-type OkapProvider) as in the drop-down behind
                                   NOBODY; the user's own comes after them */
  gboolean chosen;              /* the user picked the provider */
  gboolean recognising;         /* we are about to pick it */
  gboolean is_admin;            /* the key manages an account */
  gboolean busy;

  AdwPreferencesGroup *group;   /* template children */
  GtkEditable *key_row;
  GtkEditable *second_row;
  AdwComboRow *provider_row;
  GtkEditable *name_row;
  GtkEditable *address_row;
  GtkEditable *label_row;
  GtkWidget *spinner;
  GtkLabel *hint_label;
  GtkFlowBox *candidates;
  OkapStepUpBox *step_up;
};

G_DEFINE_FINAL_TYPE (OkapKeyForm, okap_key_form, GTK_TYPE_BOX)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_SUBMIT,
  SIGNAL_ADDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_own (OkapKeyForm *self)
{
  return adw_combo_row_get_selected (self->provider_row) == self->providers->len + 1;
}

/* (transfer none) (nullable): NULL for the user's own, and while none is chosen */
static OkapProvider *
get_provider (OkapKeyForm *self)
{
  guint selected = adw_combo_row_get_selected (self->provider_row);

  return selected > NOBODY && selected <= self->providers->len
           ? g_ptr_array_index (self->providers, selected - 1) : NULL;
}

/* What was typed without the white space that a paste brings along. */
static OkapSecret *
dup_typed (GtkEditable *row)
{
  const char *text = gtk_editable_get_text (row);
  gsize length;

  while (g_ascii_isspace (*text))
    text++;
  length = strlen (text);
  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  return okap_secret_new (text, length);
}

/* The key, with its second value if it has one. */
static OkapSecret *
dup_key (OkapKeyForm *self)
{
  g_autoptr (OkapSecret) key = dup_typed (self->key_row);
  g_autoptr (OkapSecret) second = NULL;

  if (!gtk_widget_get_visible (GTK_WIDGET (self->second_row)))
    return g_steal_pointer (&key);
  second = dup_typed (self->second_row);
  return okap_secret_get_length (second) > 0 ? okap_secret_new_pair (key, second)
                                             : g_steal_pointer (&key);
}

/* (nullable): the address that the key is to have of its own */
static const char *
get_address (OkapKeyForm *self)
{
  const char *address = gtk_editable_get_text (self->address_row);

  return gtk_widget_get_visible (GTK_WIDGET (self->address_row)) && *address != '\0' ? address
                                                                                     : NULL;
}

static const char *
get_provider_id (OkapKeyForm *self)
{
  OkapProvider *provider = get_provider (self);

  return provider != NULL ? okap_provider_get_id (provider)
                          : gtk_editable_get_text (self->name_row);
}

static void
form_changed_cb (OkapKeyForm *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
activated_cb (OkapKeyForm *self)
{
  g_signal_emit (self, signals[SIGNAL_SUBMIT], 0);
}

static void
set_hint (OkapKeyForm *self, const char *words, gboolean problem)
{
  gtk_label_set_text (self->hint_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), *words != '\0');
  if (problem)
    gtk_widget_add_css_class (GTK_WIDGET (self->hint_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->hint_label), "error");
}

static void
set_problem (OkapKeyForm *self, const GError *error)
{
  g_autofree char *words = okap_words_for_error (error);

  set_hint (self, words, TRUE);
}

/* --- provider --- */

static void
provider_changed_cb (OkapKeyForm *self)
{
  OkapProvider *provider = get_provider (self);
  const char *what = provider != NULL ? okap_provider_get_second_what (provider) : NULL;
  gboolean wants_address = provider != NULL && (!okap_provider_needs_key (provider)
                                                || *okap_provider_get_base_url (provider) == '\0');

  if (!self->recognising)
    {
      self->chosen = TRUE;
      okap_key_candidates_clear (self->candidates);
      set_hint (self, is_own (self) ? _("Anything that speaks OpenAI’s protocol works: a server of "
                                        "your own, a gateway, another provider.")
                                    : "", FALSE);
    }
  if (wants_address)
    gtk_editable_set_text (self->address_row, okap_provider_get_base_url (provider));
  if (what != NULL)
    {
      /* Translators: %s is what a second value of a key is, such as “the provider's own key” */
      g_autofree char *title = g_strdup_printf (_("Second Value (%s)"), what);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->second_row), title);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->second_row), what != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->name_row), is_own (self));
  gtk_widget_set_visible (GTK_WIDGET (self->address_row), is_own (self) || wants_address);
  form_changed_cb (self);
}

static void
select_provider (OkapKeyForm *self, const char *id)
{
  guint selected = NOBODY;

  for (guint i = 0; id != NULL && i < self->providers->len; i++)
    if (g_str_equal (okap_provider_get_id (g_ptr_array_index (self->providers, i)), id))
      selected = i + 1;
  adw_combo_row_set_selected (self->provider_row, selected);
}

static void
recognise (OkapKeyForm *self, const char *id)
{
  self->recognising = TRUE;
  select_provider (self, id);
  self->recognising = FALSE;
}

static void
candidate_cb (const char *id, gpointer user_data)
{
  OkapKeyForm *self = user_data;

  okap_row_drop_focus (GTK_WIDGET (self));
  if (*id != '\0')
    select_provider (self, id);
  else
    adw_combo_row_set_selected (self->provider_row, self->providers->len + 1);
  self->chosen = TRUE;
}

static void
tell_whose (OkapKeyForm *self, OkapProvider *found)
{
  const char *expected = self->old_key != NULL ? okap_key_info_get_provider (self->old_key)
                                               : get_provider_id (self);
  g_autofree char *words = NULL;

  if (g_str_equal (okap_provider_get_id (found), expected))
    /* Translators: %s is the name of a provider */
    words = g_strdup_printf (_("Looks like a key of %s."), okap_provider_get_name (found));
  else
    /* Translators: %s is the name of a provider, another one than is chosen */
    words = g_strdup_printf (_("This looks more like a key of %s."),
                             okap_provider_get_name (found));
  set_hint (self, words, FALSE);
}

/* Whether the key manages an account; says so. */
static gboolean
refuse_admin_key (OkapKeyForm *self, const char *key)
{
  for (guint i = 0; i < self->providers->len; i++)
    {
      OkapProvider *provider = g_ptr_array_index (self->providers, i);
      g_autofree char *words = NULL;

      if (!okap_provider_recognises_admin_key (provider, key))
        continue;
      /* Translators: %s is the name of a provider */
      words = g_strdup_printf (_("This key manages your account at %s. It could make other keys "
                                 "and lift limits, so no app may come near it. Make a key for the "
                                 "API there."), okap_provider_get_name (provider));
      set_hint (self, words, TRUE);
      return TRUE;
    }
  return FALSE;
}

static void
key_changed_cb (OkapKeyForm *self)
{
  g_autoptr (OkapSecret) key = dup_typed (self->key_row);
  const char *text = okap_secret_get_text (key);
  gboolean certain = FALSE;
  g_autoptr (GPtrArray) found = okap_provider_recognise_key (text, &certain);

  okap_key_candidates_clear (self->candidates);
  set_hint (self, "", FALSE);
  self->is_admin = refuse_admin_key (self, text);
  if (!self->is_admin && found->len > 0 && self->old_key == NULL && !self->chosen)
    {
      if (certain)
        recognise (self, okap_provider_get_id (g_ptr_array_index (found, 0)));
      else
        {
          recognise (self, NULL);
          okap_key_candidates_fill (self->candidates, found, candidate_cb, self);
          set_hint (self, _("Keys of several providers look like this. Whose is it?"), FALSE);
        }
    }
  if (certain && !self->is_admin)
    tell_whose (self, g_ptr_array_index (found, 0));
  if (found->len == 0 && self->old_key == NULL && !self->chosen)
    recognise (self, NULL);
  form_changed_cb (self);
}

/* --- adding --- */

static void
set_busy (OkapKeyForm *self, gboolean busy)
{
  self->busy = busy;
  if (busy)
    okap_row_drop_focus (GTK_WIDGET (self));
  gtk_widget_set_sensitive (GTK_WIDGET (self->group), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->candidates), !busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->step_up), !busy);
  gtk_widget_set_visible (self->spinner, busy);
  form_changed_cb (self);
}

static void
taken (OkapKeyForm *self, OkapKeyInfo *info)
{
  okap_key_form_clear (self);
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, info);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyForm) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) info = NULL;

  info = OKAP_IS_BROKER (source)
           ? okap_broker_add_key_finish (OKAP_BROKER (source), result, &error)
           : okap_vault_add_key_finish (OKAP_VAULT (source), result, &error);
  set_busy (self, FALSE);
  if (info != NULL)
    taken (self, info);
  else
    set_problem (self, error);
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyForm) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean unchanged;
  g_autoptr (OkapKeyInfo) info = okap_key_care_replace_finish (OKAP_KEY_CARE (source), result,
                                                               &unchanged, &error);

  set_busy (self, FALSE);
  if (info == NULL)
    set_problem (self, error);
  else if (unchanged)
    set_hint (self, _("This is the key that is in use already."), FALSE);
  else
    taken (self, info);
}

static void
replace (OkapKeyForm *self)
{
  g_autoptr (OkapSecret) key = dup_key (self);
  g_autofree char *rotation_id = okap_id_new ("rot");

  set_hint (self, _("The new key is being tested…"), FALSE);
  set_busy (self, TRUE);
  okap_key_care_replace_async (okap_broker_get_key_care (self->broker),
                               okap_key_info_get_id (self->old_key), rotation_id, key, TRUE,
                               replaced_cb, g_object_ref (self));
}

static void
add (OkapKeyForm *self, gboolean by_person)
{
  g_autoptr (OkapSecret) key = dup_key (self);
  g_autoptr (OkapSecret) passphrase = NULL;
  const char *label = gtk_editable_get_text (self->label_row);

  set_hint (self, "", FALSE);
  if (by_person)
    {
      set_busy (self, TRUE);
      okap_vault_add_key_async (okap_broker_get_vault (self->broker), get_provider_id (self),
                                label, get_address (self), key, added_cb, g_object_ref (self));
      return;
    }
  if (!okap_step_up_box_is_filled (self->step_up))
    {
      okap_step_up_box_set_why (self->step_up,
                                _("Apps would send what they ask to this address, and the press "
                                  "came from no keyboard or pointer."));
      gtk_widget_grab_focus (GTK_WIDGET (self->step_up));
      return;
    }
  passphrase = okap_step_up_box_take_secret (self->step_up);
  set_busy (self, TRUE);
  okap_broker_add_key_async (self->broker, get_provider_id (self), label, get_address (self), key,
                             passphrase, added_cb, g_object_ref (self));
}

/**
 * okap_key_form_submit:
 * @clicked: by the button, rather than by Return in a field
 *
 * Adds the key, or replaces the old one, if the form is complete. "added" or a hint follows.
 */
void
okap_key_form_submit (OkapKeyForm *self, gboolean clicked)
{
  gboolean pressed = self->press != NULL
                     && (clicked ? okap_press_take (self->press, 0)
                                 : okap_press_holds_return (self->press, 0));

  if (self->busy || !okap_key_form_is_complete (self))
    return;
  if (self->old_key != NULL)
    replace (self);
  else
    add (self, okap_provider_has_base_url (get_provider_id (self), get_address (self))
                 || (pressed && !gtk_widget_get_visible (GTK_WIDGET (self->step_up))));
}

/** okap_key_form_is_complete: whether there is enough to add the key, and nothing is under way */
gboolean
okap_key_form_is_complete (OkapKeyForm *self)
{
  OkapProvider *provider = get_provider (self);
  gboolean has_key = !okap_key_form_is_empty (self);
  const char *address = get_address (self);

  if (self->busy || self->is_admin)
    return FALSE;
  if (self->old_key != NULL)
    return has_key;
  if (gtk_widget_get_visible (GTK_WIDGET (self->step_up))
      && !okap_step_up_box_is_filled (self->step_up))
    return FALSE;
  if (provider != NULL)
    return (has_key || (!okap_provider_needs_key (provider) && address != NULL))
           && (address != NULL || *okap_provider_get_base_url (provider) != '\0');
  return is_own (self) && address != NULL
         && okap_provider_id_is_valid (gtk_editable_get_text (self->name_row))
         && g_uri_is_valid (address, G_URI_FLAGS_NONE, NULL);
}

/** okap_key_form_is_empty: whether no key was typed */
gboolean
okap_key_form_is_empty (OkapKeyForm *self)
{
  return *gtk_editable_get_text (self->key_row) == '\0';
}

/** okap_key_form_clear: as at first; nothing of a key is left */
void
okap_key_form_clear (OkapKeyForm *self)
{
  okap_row_drop_focus (GTK_WIDGET (self));
  gtk_editable_set_text (self->second_row, "");
  gtk_editable_set_text (self->key_row, "");
  gtk_editable_set_text (self->label_row, "");
  gtk_editable_set_text (self->name_row, "");
  gtk_editable_set_text (self->address_row, "");
  okap_step_up_box_set_why (self->step_up, NULL);
  okap_key_candidates_clear (self->candidates);
  self->chosen = self->old_key != NULL;
  recognise (self, NULL);
  set_hint (self, "", FALSE);
}

static void
build_providers (OkapKeyForm *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autoptr (GPtrArray) all = okap_provider_list ();

  gtk_string_list_append (names, _("Follows from the Key"));
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

static gboolean
okap_key_form_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (OKAP_KEY_FORM (widget)->key_row));
}

static void
okap_key_form_dispose (GObject *object)
{
  OkapKeyForm *self = OKAP_KEY_FORM (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), OKAP_TYPE_KEY_FORM);
  g_clear_object (&self->press);
  g_clear_object (&self->broker);
  g_clear_object (&self->old_key);
  G_OBJECT_CLASS (okap_key_form_parent_class)->dispose (object);
}

static void
okap_key_form_finalize (GObject *object)
{
  g_ptr_array_unref (OKAP_KEY_FORM (object)->providers);
  G_OBJECT_CLASS (okap_key_form_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, group);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, key_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, second_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, provider_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, name_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, address_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, label_row);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, spinner);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, hint_label);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, candidates);
  gtk_widget_class_bind_template_child (widget_class, OkapKeyForm, step_up);
}

static void
okap_key_form_class_init (OkapKeyFormClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_key_form_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_key_form_finalize;
  widget_class->grab_focus = okap_key_form_grab_focus;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_KEY_FORM, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SUBMIT] = g_signal_new ("submit", OKAP_TYPE_KEY_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ADDED] = g_signal_new ("added", OKAP_TYPE_KEY_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, OKAP_TYPE_KEY_INFO);

  g_type_ensure (OKAP_TYPE_STEP_UP_BOX);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-key-form.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, form_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, provider_changed_cb);
}

static void
okap_key_form_init (OkapKeyForm *self)
{
  self->providers = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_provider_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  build_providers (self);
}

void
okap_key_form_set_broker (OkapKeyForm *self, OkapBroker *broker)
{
  g_set_object (&self->broker, broker);
}

/** okap_key_form_set_button: the one that leads to okap_key_form_submit(); once */
void
okap_key_form_set_button (OkapKeyForm *self, GtkWidget *button)
{
  g_return_if_fail (self->press == NULL);

  self->press = okap_press_new (button);
}

/** okap_key_form_choose: begins with the provider of this id, whatever the key looks like */
void
okap_key_form_choose (OkapKeyForm *self, const char *provider)
{
  recognise (self, provider);
  self->chosen = get_provider (self) != NULL;
}

/** okap_key_form_replace: asks for the new key of @old_key alone; once */
void
okap_key_form_replace (OkapKeyForm *self, OkapKeyInfo *old_key)
{
  self->old_key = g_object_ref (old_key);
  self->chosen = TRUE;
  adw_preferences_group_set_description (self->group,
                                         _("Paste the new key. It is tested first; apps notice "
                                           "nothing. If the provider refuses it in the next ten "
                                           "minutes, the old one comes back."));
  recognise (self, okap_key_info_get_provider (old_key));
  gtk_widget_set_visible (GTK_WIDGET (self->provider_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->name_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->address_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->label_row), FALSE);
  set_hint (self, "", FALSE);
}
