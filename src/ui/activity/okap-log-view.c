/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of what happened with what one looks for above it: a text, filters behind a button, and
 * each filter that is set as a chip that takes it away again. Main thread. */
#include "config.h"

#include "okap-log-view.h"

#include <glib/gi18n.h>

#include "okap-log-filter.h"
#include "okap-log-list.h"

struct _OkapLogView
{
  AdwBin parent_instance;

  OkapLogKind kind;
  OkapLogModel *model;         /* (owned) (nullable) until set */
  OkapLogFilter *filter;

  GtkBox *bar;                 /* template children */
  GtkSearchEntry *search;
  GtkMenuButton *filter_button;
  GtkBox *filter_box;
  GtkFlowBox *chips;
  OkapLogList *list;
};

G_DEFINE_FINAL_TYPE (OkapLogView, okap_log_view, ADW_TYPE_BIN)

enum
{
  SIGNAL_ACTIVATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* (transfer full) (nullable) */
static char *
dup_text (OkapLogView *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (
                                        GTK_EDITABLE (self->search))));

  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

static void
apply (OkapLogView *self)
{
  if (self->kind == OKAP_LOG_REQUESTS)
    {
      OkapUsageFilter filter = { .text = dup_text (self) };

      okap_log_filter_fill_usage (self->filter, &filter);
      okap_log_model_set_usage_filter (self->model, &filter);
      okap_store_filter_clear (&filter);
    }
  else
    {
      OkapAuditFilter filter = { .text = dup_text (self) };

      okap_log_filter_fill_audit (self->filter, &filter);
      okap_log_model_set_audit_filter (self->model, &filter);
      okap_audit_filter_clear (&filter);
    }
}

static void
chip_clicked_cb (OkapLogView *self, GtkWidget *chip)
{
  gpointer field = g_object_get_data (G_OBJECT (chip), "okap-field");

  okap_log_filter_clear (self->filter, (OkapLogFilterField) GPOINTER_TO_INT (field));
  gtk_widget_grab_focus (GTK_WIDGET (self->filter_button));
}

static void
add_chip (OkapLogView *self, OkapLogFilterField field, const char *words)
{
  GtkWidget *chip = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (words);
  GtkWidget *cross = gtk_image_new_from_icon_name ("window-close-symbolic");
  /* Translators: of a button that takes away what the list is filtered by */
  g_autofree char *name = g_strdup_printf (_("%s: show the others, too"), words);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), cross);
  gtk_button_set_child (GTK_BUTTON (chip), box);
  gtk_widget_add_css_class (chip, "okap-chip");
  gtk_widget_set_tooltip_text (chip, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data (G_OBJECT (chip), "okap-field", GINT_TO_POINTER (field));
  g_signal_connect_object (chip, "clicked", G_CALLBACK (chip_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_flow_box_append (self->chips, chip);
  gtk_widget_set_focusable (gtk_widget_get_parent (chip), FALSE);
}

static void
show_chips (OkapLogView *self)
{
  GtkWidget *child;
  guint n = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->chips))) != NULL)
    gtk_flow_box_remove (self->chips, child);
  for (guint i = 0; i < OKAP_N_LOG_FILTER_FIELDS; i++)
    {
      g_autofree char *words = okap_log_filter_dup_words (self->filter, (OkapLogFilterField) i);

      if (words == NULL)
        continue;
      add_chip (self, (OkapLogFilterField) i, words);
      n++;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->chips), n > 0);
}

static void
changed_cb (OkapLogView *self)
{
  g_autofree char *text = dup_text (self);

  show_chips (self);
  apply (self);
  okap_log_list_set_filtered (self->list,
                              text != NULL || gtk_widget_get_visible (GTK_WIDGET (self->chips)));
}

static void
clear_cb (OkapLogView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  okap_log_filter_reset (self->filter);
}

static void
stop_search_cb (OkapLogView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static void
shown_cb (OkapLogView *self)
{
  okap_log_filter_refresh (self->filter);
}

static void
activated_cb (OkapLogView *self, OkapLogItem *item)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0, item);
}

static void
okap_log_view_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), OKAP_TYPE_LOG_VIEW);
  g_clear_object (&OKAP_LOG_VIEW (object)->model);
  G_OBJECT_CLASS (okap_log_view_parent_class)->dispose (object);
}

static void
okap_log_view_class_init (OkapLogViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_log_view_dispose;

  /**
   * OkapLogView::activated:
   * @item: (type OkapLogItem): which was chosen; it is loaded
   */
  signals[SIGNAL_ACTIVATED] = g_signal_new ("activated", OKAP_TYPE_LOG_VIEW, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1, OKAP_TYPE_LOG_ITEM);

  g_type_ensure (OKAP_TYPE_LOG_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/example/Okap/ui/okap-log-view.ui");
  gtk_widget_class_bind_template_child (widget_class, OkapLogView, bar);
  gtk_widget_class_bind_template_child (widget_class, OkapLogView, search);
  gtk_widget_class_bind_template_child (widget_class, OkapLogView, filter_button);
  gtk_widget_class_bind_template_child (widget_class, OkapLogView, filter_box);
  gtk_widget_class_bind_template_child (widget_class, OkapLogView, chips);
  gtk_widget_class_bind_template_child (widget_class, OkapLogView, list);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
}

static void
okap_log_view_init (OkapLogView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** okap_log_view_set_store: once */
void
okap_log_view_set_store (OkapLogView *self, OkapStore *store, OkapLogKind kind)
{
  gboolean requests = kind == OKAP_LOG_REQUESTS;

  self->kind = kind;
  self->model = okap_log_model_new (store, kind);
  self->filter = OKAP_LOG_FILTER (okap_log_filter_new (store, kind));
  gtk_box_prepend (self->filter_box, GTK_WIDGET (self->filter));
  g_signal_connect_object (self->filter, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  okap_log_list_set_model (self->list, self->model, requests ? _("Requests") : _("Decisions"));
  okap_log_list_set_empty (self->list, requests ? _("Nothing Happened Yet")
                                                : _("Nothing Was Decided Yet"),
                           requests ? _("Every request that an app sends through Okap appears "
                                        "here while it happens.")
                                    : _("What you allow, refuse and change is written down here, "
                                        "in a record that shows if somebody changed it."));
}

/** okap_log_view_add_end: puts @widget behind search and filters */
void
okap_log_view_add_end (OkapLogView *self, GtkWidget *widget)
{
  gtk_box_append (self->bar, widget);
}

/** okap_log_view_search: begins to look for a text */
void
okap_log_view_search (OkapLogView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

/** okap_log_view_show_app: only what @app asked for */
void
okap_log_view_show_app (OkapLogView *self, const char *app)
{
  clear_cb (self);
  okap_log_filter_set_app (self->filter, app);
}

/** okap_log_view_copy_ids: (transfer full): of what is in the list */
OkapIdSet *
okap_log_view_copy_ids (OkapLogView *self)
{
  return okap_log_model_copy_ids (self->model);
}
