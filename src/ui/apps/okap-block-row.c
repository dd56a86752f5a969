/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that is not asked for now: since when and why, until when, and a button that ends it.
 * Ending it gives nothing, but the program may ask again, so no program may do it: it takes a press
 * by a device. Main thread. */
#include "config.h"

#include "okap-block-row.h"

#include <glib/gi18n.h>

#include "okap-format.h"
#include "okap-press.h"
#include "okap-rows.h"
#include "okap-text.h"

#define NAME_CHARS 48

typedef struct
{
  OkapBroker *broker;   /* (owned) */
  OkapBlock *block;     /* (owned) */
  OkapPress *press;     /* (owned) of the button */
  AdwActionRow *row;    /* (unowned) that the button is in */
} End;

static void
end_free (gpointer data, GClosure *closure)
{
  End *end = data;

  g_object_unref (end->broker);
  g_object_unref (end->block);
  g_object_unref (end->press);
  g_free (end);
}

/* (transfer full): why, and until when */
static char *
dup_words (OkapBlock *block)
{
  g_autofree char *why = okap_block_dup_reason_words (block);
  g_autofree char *until = NULL;

  if (okap_block_get_until (block) == OKAP_BLOCK_FOR_EVER)
    return g_strdup_printf ("%s\n%s", okap_block_get_words (block), why);
  until = okap_format_time (okap_block_get_until (block));
  /* Translators: who it is, a sentence why it is not asked for, and a time */
  return g_strdup_printf (_("%1$s\n%2$s Until %3$s."), okap_block_get_words (block), why, until);
}

static void
end_cb (GtkButton *button, End *end)
{
  g_autofree char *words = NULL;
  g_autofree char *told = NULL;

  if (okap_press_take (end->press, 0))
    {
      okap_broker_end_block (end->broker, end->block);
      return;
    }
  words = dup_words (end->block);
  told = g_strconcat (words, "\n", okap_press_get_hint (), NULL);
  adw_action_row_set_subtitle (end->row, told);
}

/** okap_block_row_new: (transfer floating): constant, as @block is */
GtkWidget *
okap_block_row_new (OkapBroker *broker, OkapBlock *block)
{
  g_autofree char *name = okap_text_shorten (okap_block_get_name (block), NAME_CHARS);
  g_autofree char *words = dup_words (block);
  GtkWidget *row = okap_row_new (name, words);
  GtkWidget *button = gtk_button_new_with_label (C_("a pause", "End"));
  End *end = g_new (End, 1);

  end->broker = g_object_ref (broker);
  end->block = g_object_ref (block);
  end->press = okap_press_new (button);
  end->row = ADW_ACTION_ROW (row);
  g_signal_connect_data (button, "clicked", G_CALLBACK (end_cb), end, end_free, 0);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}
