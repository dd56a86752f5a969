/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row that is drawn rather than built. Main thread.
 *
 * GtkListView keeps some two hundred rows whatever is on the screen, and gives all of them other
 * items when somebody drags the scroll bar. Labels would be laid out anew for each, seen or not,
 * several in a row. So a row is one widget of a height that depends on the font alone: taking
 * another item is a matter of strings, and they are laid out when it is drawn, for the twenty that
 * are seen.
 *
 *   ✓  App                              1,234 tokens      $0.0123
 *      OpenAI · gpt-4o                         1.2 s        14:03
 *
 * Where it is narrow, the middle column is left out. A screen reader reads the list item around
 * it, which gets all that is drawn as its name. */
#include "config.h"

#include "okap-log-row.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-currency.h"
#include "okap-log-words.h"
#include "okap-format.h"
#include "okap-words.h"

#define ICON 16
#define GAP 12
#define PADDING 8
#define END_WIDTH 150      /* from the end to the column in the middle, at the usual text size */
#define WIDE 580           /* from which on there is a column in the middle */
#define DIM 0.55
#define DIM_HIGH_CONTRAST 0.9

typedef enum
{
  TEXT_TITLE,
  TEXT_WHAT,
  TEXT_TOKENS,
  TEXT_TOOK,
  TEXT_COST,
  TEXT_WHEN,
  N_TEXTS,
} Text;

struct _OkapLogRow
{
  GtkWidget parent_instance;

  OkapLogItem *item;         /* (owned) (nullable) */
  gulong changed_id;
  gboolean fresh;            /* the texts are those of the item */
  gboolean well;             /* it ended well, or is no request */
  gboolean has_icon;
  PangoLayout *layouts[N_TEXTS];  /* (owned) (nullable) until it is drawn for the first time */
  int line_height;           /* of the font; 0 until it is measured */
};

G_DEFINE_FINAL_TYPE (OkapLogRow, okap_log_row, GTK_TYPE_WIDGET)

/* --- texts --- */

static void
take_text (OkapLogRow *self, Text text, char *words)
{
  if (self->layouts[text] == NULL)
    {
      self->layouts[text] = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
      pango_layout_set_single_paragraph_mode (self->layouts[text], TRUE);
      pango_layout_set_ellipsize (self->layouts[text], PANGO_ELLIPSIZE_END);
    }
  pango_layout_set_text (self->layouts[text], words, -1);
  g_free (words);
}

static char *
dup_cost (const OkapUsage *usage)
{
  g_autoptr (OkapUsage) booked = NULL;

  if (usage->over_nusd <= 0)
    return okap_words_for_cost (usage);
  booked = okap_usage_new ();  /* what was claimed beyond it stands in the details */
  booked->cost_nusd = usage->cost_nusd;
  booked->cost_status = usage->cost_status;
  return okap_words_for_cost (booked);
}

static void
take_usage (OkapLogRow *self, const OkapUsage *usage, gint64 now_us)
{
  self->well = okap_words_usage_succeeded (usage) || usage->cost_status == OKAP_COST_CORRECTION;
  self->has_icon = TRUE;
  take_text (self, TEXT_TITLE, g_strdup (usage->app));
  take_text (self, TEXT_WHAT, okap_log_words_for_what (usage));
  take_text (self, TEXT_TOKENS, okap_log_words_for_tokens (usage));
  take_text (self, TEXT_TOOK, usage->duration_us > 0 ? okap_format_duration (usage->duration_us)
                                                     : g_strdup (""));
  take_text (self, TEXT_COST, dup_cost (usage));
  take_text (self, TEXT_WHEN, okap_log_words_for_when (usage->started_us, now_us));
}

static void
take_entry (OkapLogRow *self, const OkapAuditEntry *entry, gint64 now_us)
{
  self->well = TRUE;
  self->has_icon = FALSE;
  take_text (self, TEXT_TITLE, g_strdup (entry->detail));
  take_text (self, TEXT_WHAT, g_strdup (okap_log_words_for_event (entry->event)));
  take_text (self, TEXT_TOKENS, g_strdup (""));
  take_text (self, TEXT_TOOK, g_strdup (""));
  take_text (self, TEXT_COST, g_strdup (""));
  take_text (self, TEXT_WHEN, okap_log_words_for_when (entry->time_us, now_us));
}

/* The list item around it is what a screen reader stops at. */
static void
tell_reader (OkapLogRow *self)
{
  GtkWidget *around = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autoptr (GString) name = g_string_new (NULL);

  for (guint i = 0; i < N_TEXTS; i++)
    {
      const char *words = pango_layout_get_text (self->layouts[i]);

      if (*words != '\0')
        g_string_append_printf (name, "%s%s", name->len > 0 ? ", " : "", words);
    }
  if (around != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (around), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    name->str, -1);
}

/* Whether there is something to draw. */
static gboolean
refresh (OkapLogRow *self)
{
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

  if (self->item == NULL || !okap_log_item_is_loaded (self->item))
    return FALSE;
  if (self->fresh)
    return TRUE;
  if (okap_log_item_get_usage (self->item) != NULL)
    take_usage (self, okap_log_item_get_usage (self->item), now_us);
  else
    take_entry (self, okap_log_item_get_entry (self->item), now_us);
  self->fresh = TRUE;
  tell_reader (self);
  return TRUE;
}

/* --- drawing --- */

static int
get_line_height (OkapLogRow *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics;

  if (self->line_height > 0)
    return self->line_height;
  metrics = pango_context_get_metrics (context, NULL, NULL);
  self->line_height = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));
  pango_font_metrics_unref (metrics);
  return self->line_height;
}

typedef struct
{
  OkapLogRow *row;
  GtkSnapshot *snapshot;
  GdkRGBA color;
  GdkRGBA dim;
  int width;
  gboolean rtl;
} Drawing;

/* Draws @text from @from on, or so that it ends at @to, both counted in the direction of reading.
 * It gets just the room that it needs, so that its own direction does not matter.
 * Returns where it begins, or @to if there is none. */
static int
draw_at (Drawing *drawing, Text text, int from, int to, gboolean at_end, int line,
         const GdkRGBA *color)
{
  PangoLayout *layout = drawing->row->layouts[text];
  float y = (float) (PADDING + line * drawing->row->line_height);
  int width, height, x;

  if (to <= from || *pango_layout_get_text (layout) == '\0')
    return to;
  pango_layout_set_width (layout, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  if (width > to - from)
    {
      width = to - from;
      pango_layout_set_width (layout, width * PANGO_SCALE);
    }
  from = at_end ? to - width : from;
  x = drawing->rtl ? drawing->width - from - width : from;
  gtk_snapshot_save (drawing->snapshot);
  gtk_snapshot_translate (drawing->snapshot, &GRAPHENE_POINT_INIT ((float) x, y));
  gtk_snapshot_append_layout (drawing->snapshot, layout, color);
  gtk_snapshot_restore (drawing->snapshot);
  return from;
}

static void
draw_icon (Drawing *drawing)
{
  GtkWidget *widget = GTK_WIDGET (drawing->row);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  const char *name = drawing->row->well ? "object-select-symbolic" : "dialog-warning-symbolic";
  g_autoptr (GtkIconPaintable) icon = gtk_icon_theme_lookup_icon (
    gtk_icon_theme_get_for_display (gtk_widget_get_display (widget)), name, NULL, ICON,
    gtk_widget_get_scale_factor (widget), gtk_widget_get_direction (widget), 0);
  GdkRGBA colors[4] = { drawing->dim, drawing->dim, drawing->dim, drawing->dim };
  int x = drawing->rtl ? drawing->width - ICON : 0;

  if (!drawing->row->well)
    (void) gtk_style_context_lookup_color (style, "warning_color", &colors[0]);
  gtk_snapshot_save (drawing->snapshot);
  gtk_snapshot_translate (drawing->snapshot,
                          &GRAPHENE_POINT_INIT ((float) x, (float) (PADDING
                                                + (drawing->row->line_height - ICON) / 2)));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), drawing->snapshot, ICON,
                                            ICON, colors, G_N_ELEMENTS (colors));
  gtk_snapshot_restore (drawing->snapshot);
}

static void
draw_texts (Drawing *drawing)
{
  OkapLogRow *self = drawing->row;
  int start = self->has_icon ? ICON + GAP : 0;
  int column = MIN (END_WIDTH * self->line_height / 18, drawing->width / 2);
  int last = drawing->width - column;
  int ends[2];

  ends[0] = draw_at (drawing, TEXT_COST, last, drawing->width, TRUE, 0, &drawing->color);
  ends[1] = draw_at (drawing, TEXT_WHEN, last, drawing->width, TRUE, 1, &drawing->dim);
  if (self->has_icon && drawing->width >= WIDE * self->line_height / 18)
    {
      ends[0] = draw_at (drawing, TEXT_TOKENS, last - column, last, TRUE, 0, &drawing->dim);
      ends[1] = draw_at (drawing, TEXT_TOOK, last - column, last, TRUE, 1, &drawing->dim);
    }
  (void) draw_at (drawing, TEXT_TITLE, start, ends[0] - GAP, FALSE, 0, &drawing->color);
  (void) draw_at (drawing, TEXT_WHAT, start, ends[1] - GAP, FALSE, 1, &drawing->dim);
}

static void
okap_log_row_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  OkapLogRow *self = OKAP_LOG_ROW (widget);
  AdwStyleManager *manager = adw_style_manager_get_for_display (gtk_widget_get_display (widget));
  Drawing drawing = { .row = self, .snapshot = snapshot, .width = gtk_widget_get_width (widget),
                      .rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL };

  if (!refresh (self))
    return;
  (void) get_line_height (self);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &drawing.color);
  drawing.dim = drawing.color;
  drawing.dim.alpha *= adw_style_manager_get_high_contrast (manager) ? DIM_HIGH_CONTRAST : DIM;
  if (self->has_icon)
    draw_icon (&drawing);
  draw_texts (&drawing);
}

static void
okap_log_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = 2 * get_line_height (OKAP_LOG_ROW (widget)) + 2 * PADDING;
  else
    {
      *minimum = 200;
      *natural = 600;
    }
}

static void
forget_layouts (OkapLogRow *self)
{
  for (guint i = 0; i < N_TEXTS; i++)
    g_clear_object (&self->layouts[i]);
  self->fresh = FALSE;
  self->line_height = 0;
}

static void
okap_log_row_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (okap_log_row_parent_class)->css_changed (widget, change);
  forget_layouts (OKAP_LOG_ROW (widget));
}

static void
okap_log_row_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS (okap_log_row_parent_class)->system_setting_changed (widget, setting);
  forget_layouts (OKAP_LOG_ROW (widget));
  gtk_widget_queue_resize (widget);
}

/* --- items --- */

static void
item_changed_cb (OkapLogRow *self)
{
  self->fresh = FALSE;
  (void) refresh (self);  /* a screen reader may ask also for what is not drawn */
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/** okap_log_row_set_item: @item is (nullable) */
void
okap_log_row_set_item (OkapLogRow *self, OkapLogItem *item)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->changed_id, self->item);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  if (!okap_log_item_is_loaded (item))
    self->changed_id = g_signal_connect_swapped (item, "changed", G_CALLBACK (item_changed_cb),
                                                 self);
  item_changed_cb (self);
}

static void
okap_log_row_dispose (GObject *object)
{
  OkapLogRow *self = OKAP_LOG_ROW (object);

  okap_log_row_set_item (self, NULL);
  forget_layouts (self);
  G_OBJECT_CLASS (okap_log_row_parent_class)->dispose (object);
}

static void
okap_log_row_class_init (OkapLogRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = okap_log_row_dispose;
  widget_class->measure = okap_log_row_measure;
  widget_class->snapshot = okap_log_row_snapshot;
  widget_class->css_changed = okap_log_row_css_changed;
  widget_class->system_setting_changed = okap_log_row_system_setting_changed;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
okap_log_row_init (OkapLogRow *self)
{
  okap_currency_watch (self, G_CALLBACK (item_changed_cb));
}

GtkWidget *
okap_log_row_new (void)
{
  return g_object_new (OKAP_TYPE_LOG_ROW, NULL);
}
