/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One entry of a request, to be read and narrowed. Main thread.
 *
 * The bounds are what was asked for: ticks can only be taken away, numbers only be lowered, so the
 * widget cannot make a scope that is wider than the request. (The broker checks it once more.)
 * Without a request, "free", it starts with what there is, and all can be had: each limit can be
 * switched off, models are typed.
 * Rows are built here and not in a template because a request decides which there are. */
#include "config.h"

#include "okap-scope-editor.h"

#include <glib/gi18n.h>
#include <math.h>

#include "okap-ceiling-row.h"
#include "okap-clock.h"
#include "okap-models-row.h"
#include "okap-money.h"
#include "okap-provider.h"
#include "okap-rows.h"
#include "okap-words.h"

struct _OkapScopeEditor
{
  AdwPreferencesGroup parent_instance;

  OkapQuestion *question;                   /* (owned) (immutable) */
  OkapScope *asked;                         /* (owned) (immutable) */
  gboolean free;                            /* (immutable) it is no request */
  GPtrArray *keys;                          /* (owned) (element-type OkapKeyInfo) as in @key_row */
  AdwComboRow *key_row;                     /* (unowned) */
  GtkWidget *no_key_row;                    /* (unowned) */
  AdwExpanderRow *models_row;               /* (unowned) (nullable) */
  GtkWidget *free_models_row;               /* (unowned) (nullable) instead, if free */
  GPtrArray *model_checks;                  /* (owned) (element-type GtkWidget) as asked->models */
  AdwExpanderRow *may_row;                  /* (unowned) */
  GtkWidget *may_checks[OKAP_N_CAPABILITIES];  /* (unowned) (nullable) */
  GtkWidget *limit_spins[OKAP_N_LIMITS];    /* (unowned) (nullable) */
  GtkWidget *limit_checks[OKAP_N_LIMITS];   /* (unowned) (nullable) whether there is one, if free */
  GtkWidget *ceiling_row;                   /* (unowned) (nullable) where prices are missing */
};

G_DEFINE_FINAL_TYPE (OkapScopeEditor, okap_scope_editor, ADW_TYPE_PREFERENCES_GROUP)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ADD_KEY,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_active (GtkWidget *check)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (check));
}

static void
add_row (OkapScopeEditor *self, GtkWidget *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
}

static gboolean
needs_key (OkapScopeEditor *self)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup (self->asked->provider);

  return provider == NULL || okap_provider_needs_key (provider);
}

static char **
dup_models (OkapScopeEditor *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->model_checks->len; i++)
    if (is_active (g_ptr_array_index (self->model_checks, i)))
      g_strv_builder_add (builder, self->asked->models[i]);
  return g_strv_builder_end (builder);
}

static OkapCapability
get_capabilities (OkapScopeEditor *self)
{
  guint capabilities = 0;

  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    if (self->may_checks[i] != NULL && is_active (self->may_checks[i]))
      capabilities |= 1u << i;
  return (OkapCapability) capabilities;
}

static void
changed_cb (OkapScopeEditor *self)
{
  g_autofree char *may = okap_words_for_capabilities (get_capabilities (self));

  if (self->model_checks->len > 0)
    {
      g_auto (GStrv) models = dup_models (self);
      g_autofree char *words = models[0] != NULL ? okap_words_for_models (models)
                                                 : g_strdup (_("None"));

      adw_expander_row_set_subtitle (self->models_row, words);
    }
  adw_expander_row_set_subtitle (self->may_row, may);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
watch_check (OkapScopeEditor *self, GtkWidget *check)
{
  g_signal_connect_object (check, "toggled", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

/* Which key */

static void
keys_changed_cb (OkapScopeEditor *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_clear_pointer (&self->keys, g_ptr_array_unref);
  self->keys = okap_question_list_keys (self->question, self->asked->provider);
  for (guint i = 0; i < self->keys->len; i++)
    {
      g_autofree char *words = okap_words_for_key (g_ptr_array_index (self->keys, i));

      gtk_string_list_append (names, words);
    }
  adw_combo_row_set_model (self->key_row, G_LIST_MODEL (names));
  for (guint i = 0; i < self->keys->len; i++)
    if (g_strcmp0 (okap_key_info_get_id (g_ptr_array_index (self->keys, i)), self->asked->key_id)
        == 0)
      adw_combo_row_set_selected (self->key_row, i);
  gtk_widget_set_visible (GTK_WIDGET (self->key_row), self->keys->len > 0);
  gtk_widget_set_visible (self->no_key_row, self->keys->len == 0);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
add_key_clicked_cb (OkapScopeEditor *self)
{
  g_signal_emit (self, signals[SIGNAL_ADD_KEY], 0);
}

static GtkWidget *
make_no_key_row (OkapScopeEditor *self, const char *provider_name)
{
  g_autofree char *none = NULL;
  GtkWidget *row;
  GtkWidget *button;

  if (!needs_key (self))
    return okap_row_new (provider_name, _("Works without a key"));

  /* Translators: %s is the name of a provider, such as OpenAI */
  none = g_strdup_printf (_("No key for %s yet"), provider_name);
  row = okap_row_new (none, NULL);
  button = gtk_button_new_with_label (_("Add One…"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", G_CALLBACK (add_key_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
build_key (OkapScopeEditor *self)
{
  g_autofree char *name = okap_words_for_provider (self->asked->provider);
  /* Translators: %s is the name of a provider, such as OpenAI */
  g_autofree char *title = g_strdup_printf (_("%s key"), name);

  self->key_row = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->key_row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->key_row), title);
  add_row (self, GTK_WIDGET (self->key_row));

  self->no_key_row = make_no_key_row (self, name);
  add_row (self, self->no_key_row);

  g_signal_connect_object (okap_question_get_keys (self->question), "items-changed",
                           G_CALLBACK (keys_changed_cb), self, G_CONNECT_SWAPPED);
  keys_changed_cb (self);
}

/* Which models, and what for */

static void
build_models (OkapScopeEditor *self)
{
  g_autofree char *words = okap_words_for_models (self->asked->models);
  GtkWidget *row;

  if (self->free)
    {
      self->free_models_row = okap_models_row_new (self->asked->models);
      g_signal_connect_object (self->free_models_row, "changed", G_CALLBACK (changed_cb), self,
                               G_CONNECT_SWAPPED);
      add_row (self, self->free_models_row);
      return;
    }
  if (self->asked->models[0] == NULL)
    {
      row = okap_row_new (_("All models"), _("Also the most expensive ones, and those to come"));
      gtk_widget_add_css_class (row, "okap-risk");
      adw_action_row_set_icon_name (ADW_ACTION_ROW (row), "dialog-warning-symbolic");
      add_row (self, row);
      return;
    }

  self->models_row = ADW_EXPANDER_ROW (okap_row_new_expander (_("Models"), words));
  for (char **model = self->asked->models; *model != NULL; model++)
    {
      g_autofree char *name = okap_words_for_model (*model);
      GtkWidget *check;

      row = okap_row_new_check (name, NULL, &check);
      watch_check (self, check);
      g_ptr_array_add (self->model_checks, check);
      adw_expander_row_add_row (self->models_row, row);
    }
  add_row (self, GTK_WIDGET (self->models_row));
}

static void
build_may (OkapScopeEditor *self)
{
  g_autofree char *words = okap_words_for_capabilities (self->asked->capabilities);

  /* Translators: what an app may do, such as "Chat · Embeddings" */
  self->may_row = ADW_EXPANDER_ROW (okap_row_new_expander (_("May be used for"), words));
  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    if (self->free || (self->asked->capabilities & (1u << i)) != 0)
      {
        OkapCapability capability = (OkapCapability) (1u << i);
        GtkWidget *row = okap_row_new_check (okap_words_for_capability (capability),
                                             okap_words_about_capability (capability),
                                             &self->may_checks[i]);

        gtk_check_button_set_active (GTK_CHECK_BUTTON (self->may_checks[i]),
                                     (self->asked->capabilities & capability) != 0);
        watch_check (self, self->may_checks[i]);
        adw_expander_row_add_row (self->may_row, row);
      }
  add_row (self, GTK_WIDGET (self->may_row));
}

/* How much */

static guint
decimals_for (gint64 nusd)
{
  return nusd % (OKAP_NUSD_PER_USD / 100) == 0 ? 2 : 4;
}

static void
build_limit (OkapScopeEditor *self, OkapLimit limit)
{
  const OkapLimits *limits = &self->asked->limits;
  gint64 value = limits->value[limit];
  gboolean money = okap_limit_is_money (limit);
  gboolean ours = (limits->defaulted & (1u << limit)) != 0;
  const char *subtitle = NULL;

  if (ours)
    subtitle = _("Okap’s default");

  add_row (self, okap_row_new_spin (okap_words_for_limit (limit), subtitle, money ? "$" : NULL,
                                    money ? okap_money_to_double (value) : (double) value,
                                    money ? decimals_for (value) : 0, &self->limit_spins[limit]));
}

/* What a limit that is switched on begins with. */
static gint64
get_usual (OkapLimit limit)
{
  OkapLimits usual = { 0 };

  okap_limits_fill_defaults (&usual);
  if (okap_limits_has (&usual, limit))
    return usual.value[limit];
  return okap_limit_is_money (limit) ? OKAP_NUSD_PER_USD : 1;
}

static void
limit_toggled_cb (OkapScopeEditor *self)
{
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (self->limit_checks[i] != NULL)
      gtk_widget_set_sensitive (self->limit_spins[i], is_active (self->limit_checks[i]));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* With a tick for whether there is one, up to the most that a limit can be. */
static void
build_free_limit (OkapScopeEditor *self, OkapLimit limit)
{
  const OkapLimits *limits = &self->asked->limits;
  gboolean money = okap_limit_is_money (limit);
  gint64 value = okap_limits_has (limits, limit) ? limits->value[limit] : get_usual (limit);
  gint64 most = okap_limit_get_most (limit);
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *row = okap_row_new_spin (okap_words_for_limit (limit), NULL, money ? "$" : NULL,
                                      money ? okap_money_to_double (most) : (double) most,
                                      money ? decimals_for (value) : 0, &self->limit_spins[limit]);
  GtkSpinButton *spin = GTK_SPIN_BUTTON (self->limit_spins[limit]);
  /* Translators: %s is a limit such as "Dollars a month" */
  g_autofree char *words = g_strdup_printf (_("Limit: %s"), okap_words_for_limit (limit));

  gtk_spin_button_set_increments (spin, money ? 0.5 : 1, money ? 5 : 10);
  gtk_spin_button_set_value (spin, money ? okap_money_to_double (value) : (double) value);
  self->limit_checks[limit] = check;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), okap_limits_has (limits, limit));
  gtk_widget_set_sensitive (GTK_WIDGET (spin), okap_limits_has (limits, limit));
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  g_signal_connect_object (check, "toggled", G_CALLBACK (limit_toggled_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (spin, "value-changed", G_CALLBACK (limit_toggled_cb), self,
                           G_CONNECT_SWAPPED);
  add_row (self, row);
}

/* Those that a person thinks of, and what else there is. */
static void
build_limits (OkapScopeEditor *self)
{
  const OkapLimits *limits = &self->asked->limits;

  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (!self->free && okap_limits_has (limits, (OkapLimit) i))
      build_limit (self, (OkapLimit) i);
    else if (self->free
             && (okap_limits_has (limits, (OkapLimit) i) || i <= OKAP_LIMIT_TOTAL_SPEND
                 || i == OKAP_LIMIT_REQUESTS_PER_MINUTE || i == OKAP_LIMIT_REQUESTS_PER_DAY))
      build_free_limit (self, (OkapLimit) i);
}

static gint64
get_limit (OkapScopeEditor *self, OkapLimit limit)
{
  gint64 asked = self->free ? okap_limit_get_most (limit) : self->asked->limits.value[limit];
  double shown;

  gtk_spin_button_update (GTK_SPIN_BUTTON (self->limit_spins[limit]));
  shown = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->limit_spins[limit]));
  return CLAMP (okap_limit_is_money (limit) ? (gint64) llround (shown * (double) OKAP_NUSD_PER_USD)
                                            : (gint64) llround (shown), 0, asked);
}

static void
okap_scope_editor_dispose (GObject *object)
{
  OkapScopeEditor *self = OKAP_SCOPE_EDITOR (object);

  g_clear_object (&self->question);
  g_clear_pointer (&self->asked, okap_scope_unref);
  g_clear_pointer (&self->keys, g_ptr_array_unref);
  g_clear_pointer (&self->model_checks, g_ptr_array_unref);
  G_OBJECT_CLASS (okap_scope_editor_parent_class)->dispose (object);
}

static void
okap_scope_editor_class_init (OkapScopeEditorClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_scope_editor_dispose;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_SCOPE_EDITOR, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ADD_KEY] = g_signal_new ("add-key", OKAP_TYPE_SCOPE_EDITOR, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_scope_editor_init (OkapScopeEditor *self)
{
  self->model_checks = g_ptr_array_new ();
}

static GtkWidget *
make (OkapQuestion *question, OkapScope *asked, gboolean titled, gboolean is_free)
{
  OkapScopeEditor *self = g_object_new (OKAP_TYPE_SCOPE_EDITOR, NULL);

  self->question = g_object_ref (question);
  self->asked = okap_scope_ref (asked);
  self->free = is_free;
  if (titled)
    {
      g_autofree char *name = okap_words_for_provider (asked->provider);
      g_autofree char *escaped = g_markup_escape_text (name, -1);

      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), escaped);
    }
  build_key (self);
  build_models (self);
  build_may (self);
  build_limits (self);
  if (okap_scope_has_money (asked)
      && (asked->ceiling.set
          || okap_scope_lacks_price (asked, okap_clock_get_now (okap_clock_get_real ()))))
    {
      self->ceiling_row = okap_ceiling_row_new ();
      okap_ceiling_row_set (OKAP_CEILING_ROW (self->ceiling_row), &asked->ceiling);
      g_signal_connect_object (self->ceiling_row, "changed", G_CALLBACK (changed_cb), self,
                               G_CONNECT_SWAPPED);
      add_row (self, self->ceiling_row);
    }
  return GTK_WIDGET (self);
}

/**
 * okap_scope_editor_new:
 * @asked: what was asked for: the upper bound
 * @titled: whether to name the provider above the rows, because there are several entries
 */
GtkWidget *
okap_scope_editor_new (OkapQuestion *question, OkapScope *asked, gboolean titled)
{
  return make (question, asked, titled, FALSE);
}

GtkWidget *
okap_scope_editor_new_free (OkapQuestion *question, OkapScope *scope, gboolean titled)
{
  return make (question, scope, titled, TRUE);
}

const char *
okap_scope_editor_get_provider (OkapScopeEditor *self)
{
  return self->asked->provider;
}

/** okap_scope_editor_get_problem: (transfer none) (nullable): why this cannot be allowed so */
const char *
okap_scope_editor_get_problem (OkapScopeEditor *self)
{
  if (self->keys->len == 0 && needs_key (self))
    return _("Add a key first, or don’t allow.");
  if (self->asked->capabilities != OKAP_CAPABILITY_NONE
      && get_capabilities (self) == OKAP_CAPABILITY_NONE)
    return _("Leave at least one thing that the app may do, or don’t allow.");
  if (self->free_models_row != NULL)
    return okap_models_row_is_empty (OKAP_MODELS_ROW (self->free_models_row))
           ? _("Choose a model, or all of them.") : NULL;
  for (guint i = 0; i < self->model_checks->len; i++)
    if (is_active (g_ptr_array_index (self->model_checks, i)))
      return NULL;
  return self->model_checks->len > 0 ? _("Leave at least one model, or don’t allow.") : NULL;
}

/** okap_scope_editor_dup_scope: (transfer full): what is shown now */
OkapScope *
okap_scope_editor_dup_scope (OkapScopeEditor *self)
{
  OkapScope *scope = okap_scope_copy (self->asked);
  guint selected = adw_combo_row_get_selected (self->key_row);

  if (self->model_checks->len > 0 || self->free_models_row != NULL)
    {
      g_strfreev (scope->models);
      scope->models = self->free_models_row != NULL
                      ? okap_models_row_dup_models (OKAP_MODELS_ROW (self->free_models_row))
                      : dup_models (self);
    }
  scope->capabilities = get_capabilities (self);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (self->limit_spins[i] != NULL)
      {
        gint64 value = get_limit (self, (OkapLimit) i);

        if (self->limit_checks[i] != NULL && !is_active (self->limit_checks[i]))
          {
            scope->limits.set &= ~(1u << i);
            scope->limits.defaulted &= ~(1u << i);
            continue;
          }
        okap_limits_set (&scope->limits, (OkapLimit) i, value);
      }
  if (self->ceiling_row != NULL)
    scope->ceiling = okap_ceiling_row_get (OKAP_CEILING_ROW (self->ceiling_row));
  if (selected < self->keys->len)
    {
      g_free (scope->key_id);
      scope->key_id = g_strdup (okap_key_info_get_id (g_ptr_array_index (self->keys, selected)));
    }
  return scope;
}
