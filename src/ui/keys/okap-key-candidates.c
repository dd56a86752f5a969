/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The buttons that ask whose key it is. Main thread. */
#include "config.h"

#include "okap-key-candidates.h"

#include <glib/gi18n.h>

#include "okap-provider.h"

typedef struct
{
  char *id;                  /* (owned) */
  OkapCandidateFunc chosen;
  gpointer data;
} Candidate;

static void
candidate_free (gpointer data, GClosure *closure)
{
  Candidate *candidate = data;

  g_free (candidate->id);
  g_free (candidate);
}

/* The button may be gone before the function returns. */
static void
clicked_cb (GtkButton *button, Candidate *candidate)
{
  g_autofree char *id = g_strdup (candidate->id);

  candidate->chosen (id, candidate->data);
}

static void
add (GtkFlowBox *box, const char *id, const char *name, OkapCandidateFunc chosen, gpointer data)
{
  GtkWidget *button = gtk_button_new_with_label (name);
  Candidate *candidate = g_new (Candidate, 1);

  candidate->id = g_strdup (id);
  candidate->chosen = chosen;
  candidate->data = data;
  g_signal_connect_data (button, "clicked", G_CALLBACK (clicked_cb), candidate, candidate_free, 0);
  gtk_flow_box_append (box, button);
  gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
}

/** okap_key_candidates_clear: nothing is asked */
void
okap_key_candidates_clear (GtkFlowBox *box)
{
  GtkFlowBoxChild *child;

  while ((child = gtk_flow_box_get_child_at_index (box, 0)) != NULL)
    gtk_flow_box_remove (box, GTK_WIDGET (child));
  gtk_widget_set_visible (GTK_WIDGET (box), FALSE);
}

/**
 * okap_key_candidates_fill:
 * @providers: (element-type OkapProvider): whose it may be
 * @chosen: called with @data when one of them, or another one, was chosen
 */
void
okap_key_candidates_fill (GtkFlowBox *box, const GPtrArray *providers, OkapCandidateFunc chosen,
                          gpointer data)
{
  for (guint i = 0; i < providers->len; i++)
    {
      OkapProvider *provider = g_ptr_array_index (providers, i);

      add (box, okap_provider_get_id (provider), okap_provider_get_name (provider), chosen, data);
    }
  add (box, "", _("Another One"), chosen, data);
  gtk_widget_set_visible (GTK_WIDGET (box), TRUE);
}
