/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scroll-activity DATABASE: shows the Activity page over the rows of a database, scrolls through
 * them, and prints how long the frames took: what the main thread did from the frame's beginning
 * to its end, in time on the clock and in time of the processor. Needs a display; 1200 × 800. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "okap-activity-page.h"

#define WIDTH 1200
#define HEIGHT 800

typedef struct
{
  const char *name;
  guint n_frames;
  double step;              /* pixels a frame; 0: to any place */
} Round;

static const Round rounds[] = {
  { "wheel", 600, 53 },
  { "fling", 600, 400 },
  { "drag", 300, 0 },
};

typedef struct
{
  GMainLoop *loop;
  GtkAdjustment *adjustment;
  GRand *rand;
  const Round *round;
  guint n_frames;
  gint64 begin_us;
  gint64 begin_cpu_us;
  GArray *wall;             /* (element-type gint64) of each frame */
  GArray *cpu;
} Scroll;

static gint64
get_cpu_us (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return first < second ? -1 : first > second;
}

static double
get_ms (GArray *values, double part)
{
  g_array_sort (values, compare);
  return (double) g_array_index (values, gint64, (guint) (part * (values->len - 1))) / 1e3;
}

static void
before_cb (GdkFrameClock *clock, Scroll *scroll)
{
  scroll->begin_us = g_get_monotonic_time ();
  scroll->begin_cpu_us = get_cpu_us ();
}

static void
after_cb (GdkFrameClock *clock, Scroll *scroll)
{
  gint64 wall_us = g_get_monotonic_time () - scroll->begin_us;
  gint64 cpu_us = get_cpu_us () - scroll->begin_cpu_us;

  if (scroll->round == NULL)
    return;
  g_array_append_val (scroll->wall, wall_us);
  g_array_append_val (scroll->cpu, cpu_us);
  if (++scroll->n_frames >= scroll->round->n_frames)
    g_main_loop_quit (scroll->loop);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Scroll *scroll = data;
  double most = gtk_adjustment_get_upper (scroll->adjustment)
                - gtk_adjustment_get_page_size (scroll->adjustment);

  if (scroll->round == NULL)
    return G_SOURCE_CONTINUE;
  if (scroll->round->step > 0)
    gtk_adjustment_set_value (scroll->adjustment,
                              gtk_adjustment_get_value (scroll->adjustment)
                              + scroll->round->step);
  else
    gtk_adjustment_set_value (scroll->adjustment, g_rand_double_range (scroll->rand, 0, most));
  return G_SOURCE_CONTINUE;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!okap_store_open_finish (OKAP_STORE (source), result, &error))
    g_error ("The database does not open: %s", error->message);
  g_main_loop_quit (user_data);
}

static GtkWidget *
find_scroller (GtkWidget *widget)
{
  if (GTK_IS_SCROLLED_WINDOW (widget) && gtk_widget_get_mapped (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_scroller (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
run_round (Scroll *scroll, const Round *round)
{
  g_array_set_size (scroll->wall, 0);
  g_array_set_size (scroll->cpu, 0);
  scroll->n_frames = 0;
  scroll->round = round;
  g_main_loop_run (scroll->loop);
  scroll->round = NULL;
  printf ("%s: frame ms median %.1f, 95 %% %.1f, worst %.1f; of the processor %.1f, %.1f, %.1f\n",
          round->name, get_ms (scroll->wall, 0.5), get_ms (scroll->wall, 0.95),
          get_ms (scroll->wall, 1), get_ms (scroll->cpu, 0.5), get_ms (scroll->cpu, 0.95),
          get_ms (scroll->cpu, 1));
}

int
main (int argc, char *argv[])
{
  Scroll scroll = { .loop = g_main_loop_new (NULL, FALSE), .rand = g_rand_new_with_seed (5),
                    .wall = g_array_new (FALSE, FALSE, sizeof (gint64)),
                    .cpu = g_array_new (FALSE, FALSE, sizeof (gint64)) };
  g_autoptr (OkapStore) store = NULL;
  GtkWidget *window, *page, *scroller;
  gint64 begin_us;

  if (argc != 2)
    {
      fprintf (stderr, "Usage: scroll-activity DATABASE\n");
      return EXIT_FAILURE;
    }
  adw_init ();
  store = okap_store_new (argv[1]);
  okap_store_open_async (store, opened_cb, scroll.loop);
  g_main_loop_run (scroll.loop);

  window = adw_window_new ();
  page = g_object_new (OKAP_TYPE_ACTIVITY_PAGE, NULL);
  adw_window_set_content (ADW_WINDOW (window), page);
  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);
  okap_activity_page_set_store (OKAP_ACTIVITY_PAGE (page), store);
  gtk_window_present (GTK_WINDOW (window));
  begin_us = g_get_monotonic_time ();
  while ((scroller = find_scroller (page)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  printf ("list: shown after %.0f ms\n", (double) (g_get_monotonic_time () - begin_us) / 1e3);
  g_timeout_add (1500, quit_cb, scroll.loop);
  g_main_loop_run (scroll.loop);

  scroll.adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  g_signal_connect (gtk_widget_get_frame_clock (window), "before-paint", G_CALLBACK (before_cb),
                    &scroll);
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint", G_CALLBACK (after_cb),
                    &scroll);
  gtk_widget_add_tick_callback (page, tick_cb, &scroll, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    run_round (&scroll, &rounds[i]);
  return EXIT_SUCCESS;
}
