/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The details of a question: all that was seen of who asks, whole; what the app says of itself and
 * cannot be checked; and what this program was given before. */
#include "config.h"

#include "okap-ask-details.h"

#include <glib/gi18n.h>

#include "okap-broker.h"
#include "okap-clock.h"
#include "okap-evidence.h"
#include "okap-format.h"
#include "okap-rows.h"

static void
add_detail (const char *title, const char *value, gpointer user_data)
{
  GtkWidget *row;

  if (value == NULL || *value == '\0')
    return;
  row = okap_row_new (title, value);
  gtk_widget_add_css_class (row, "property");
  adw_expander_row_add_row (user_data, row);
}

/* (transfer full) (nullable): what the program was given so far; NULL if nobody can know */
static char *
dup_history (const OkapIdentity *identity, GListModel *grants)
{
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());
  g_autofree char *last = NULL;
  guint n_live = 0, n_ended = 0;
  gint64 last_us = 0;
  g_autofree char *live = NULL;
  g_autofree char *ended = NULL;

  if (identity->kind == OKAP_IDENTITY_UNKNOWN)
    return NULL;
  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);
      const OkapGrant *grant = okap_grant_item_get_grant (item);

      if (!okap_identity_covers (grant->identity, identity))
        continue;
      if (okap_grant_is_live (grant, now_us))
        n_live++;
      else
        n_ended++;
      last_us = MAX (last_us, grant->created_us);
    }
  if (n_live + n_ended == 0)
    return g_strdup (_("This program was never allowed anything"));
  last = okap_format_ago (last_us, now_us);
  live = g_strdup_printf (ngettext ("allowed %u request that still holds",
                                    "allowed %u requests that still hold", n_live), n_live);
  ended = g_strdup_printf (ngettext ("%u that ended", "%u that ended", n_ended), n_ended);
  /* Translators: "allowed 2 requests that still hold, 1 that ended; the last: 3 minutes ago" */
  return g_strdup_printf (_("You %1$s, %2$s; the last: %3$s"), live, ended, last);
}

/** okap_ask_details_fill: @grants: (element-type OkapGrantItem): all that there are */
void
okap_ask_details_fill (AdwExpanderRow *row, OkapQuestion *question, GListModel *grants)
{
  static const char *const shapes[] = {
    [OKAP_SHAPE_A] = "OKAP 1.0", [OKAP_SHAPE_B] = "OKAP, first draft", [OKAP_SHAPE_C] = "okap SDK",
  };
  const OkapAsk *ask = okap_question_get_ask (question);
  const OkapRequest *request = ask->request;
  g_autofree char *history = dup_history (ask->caller->identity, grants);
  g_autofree char *until = okap_format_time (request->expires_us);

  okap_evidence_foreach (ask->caller->identity, add_detail, row);
  add_detail (_("Came in by"), okap_evidence_get_door (ask->caller->door), row);
  if (ask->bind_to != NULL)
    {
      g_autofree char *words = okap_identity_dup_words (ask->bind_to);

      add_detail (_("Wants the token for"), words, row);
      add_detail (_("Checksum of that file"), ask->bind_to->digest, row);
    }
  add_detail (_("Earlier"), history, row);
  add_detail (_("Calls itself"), request->app_name, row);
  add_detail (_("Says it belongs to"), request->app_url, row);
  add_detail (_("Wants to be called back at"), request->callback, row);
  add_detail (_("Asks until"), until, row);
  add_detail (_("Speaks"), shapes[request->shape], row);
}
