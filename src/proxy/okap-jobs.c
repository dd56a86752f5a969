/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs: batches, predictions, films, responses in the background. The provider answers an app's
 * request with a name and goes on working; what that costs is known when it is over. Until then
 * the lease of the request stays reserved, so that a limit holds for them as for anything else.
 *
 *   WAITING ── time ──▶ ASKING ── not over ──▶ WAITING
 *                          ├── over ──▶ (READING its results, if they tell the use) ──▶ settled
 *                          └── nobody knows of it, or for too long ──▶ settled at its worst case
 *
 * Nothing but the work's name is kept between two questions: no key, so a locked vault holds none
 * here; while it is locked, nobody is asked. The longer a job runs, the rarer it is asked about: a
 * quarter of its age, between 2 seconds and 10 minutes. One timer serves all, and only while there
 * are jobs.
 *
 * What is known of a job is written beside the gate's journal before the app hears of it, so that
 * the next process goes on here (okap_jobs_resume()), with the same lease. Where it is asked about
 * follows from the provider's row, which is looked up when the vault is open.
 *
 * The proxy's thread. */
#include "config.h"

#include "okap-jobs.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-job-reader.h"
#include "okap-job-record.h"
#include "okap-money.h"

#define FIRST_WAIT_US (2 * OKAP_SECOND_US)
#define MOST_WAIT_US (10 * OKAP_MINUTE_US)
#define GIVE_UP_US (2 * OKAP_DAY_US)   /* providers end batches after a day */
#define ASKED_AT_ONCE 4
#define LOCKED_WAIT_US (10 * OKAP_SECOND_US)
#define MISSING_MOST 3                 /* answers that nobody knows of it */

typedef struct
{
  OkapJobs *jobs;               /* (unowned) */
  GList link;                   /* in jobs->all */
  OkapProvider *provider;       /* (owned) (nullable) keeps @endpoint; NULL until it is asked about
                                   for the first time */
  const OkapEndpoint *endpoint;
  char *poll;                   /* (owned) path */
  char *results;                /* (owned) (nullable) path */
  OkapLease lease;
  OkapJobRecord record;

  gint64 started_us;            /* monotonic, as all of these */
  gint64 next_us;               /* when it is asked about */
  guint n_missing;
  OkapTransfer *transfer;       /* (nullable) while it is asked about */
  gboolean reads_results;
  gboolean has_unpriced;        /* a result whose cost nobody knows */
  guint status;
  OkapJobReader reader;
  OkapMeter meter;
} Job;

struct _OkapJobs
{
  OkapUpstream *upstream;       /* (unowned) */
  OkapGate *gate;               /* (unowned) */
  OkapClock *clock;             /* (unowned) */
  GMainContext *context;        /* (owned) */
  GQueue all;                   /* of Job */
  guint n_asking;
  GSource *timer;               /* (owned) (nullable) while there is something to wait for */
};

static void ask_due (OkapJobs *jobs);

static void
job_free (Job *job)
{
  g_clear_pointer (&job->transfer, okap_transfer_cancel);
  g_clear_pointer (&job->provider, okap_provider_unref);
  okap_job_record_clear (&job->record);
  g_free (job->poll);
  g_free (job->results);
  g_free (job);
}

/** okap_jobs_new: @upstream, @gate, @clock: outlive the jobs */
OkapJobs *
okap_jobs_new (OkapUpstream *upstream, OkapGate *gate, OkapClock *clock, GMainContext *context)
{
  OkapJobs *jobs = g_new0 (OkapJobs, 1);

  jobs->upstream = upstream;
  jobs->gate = gate;
  jobs->clock = clock;
  jobs->context = g_main_context_ref (context);
  g_queue_init (&jobs->all);
  return jobs;
}

static void
stop_timer (OkapJobs *jobs)
{
  if (jobs->timer == NULL)
    return;
  g_source_destroy (jobs->timer);
  g_clear_pointer (&jobs->timer, g_source_unref);
}

/** okap_jobs_free: when its thread has ended; what is open stays reserved in the journal */
void
okap_jobs_free (OkapJobs *jobs)
{
  GList *l;

  stop_timer (jobs);
  while ((l = g_queue_pop_head_link (&jobs->all)) != NULL)
    job_free (l->data);
  g_main_context_unref (jobs->context);
  g_free (jobs);
}

/** okap_jobs_has_room: whether one more may be begun */
gboolean
okap_jobs_has_room (const OkapJobs *jobs)
{
  return jobs->all.length < OKAP_CAP_JOBS;
}

static gboolean
timer_cb (gpointer user_data)
{
  OkapJobs *jobs = user_data;

  stop_timer (jobs);
  ask_due (jobs);
  return G_SOURCE_REMOVE;
}

static void
arm_timer (OkapJobs *jobs)
{
  gint64 next_us = G_MAXINT64;
  gint64 now_us = okap_clock_get_monotonic (jobs->clock);

  stop_timer (jobs);
  if (jobs->n_asking >= ASKED_AT_ONCE)  /* the next answer goes on */
    return;
  for (GList *l = jobs->all.head; l != NULL; l = l->next)
    if (((Job *) l->data)->transfer == NULL)
      next_us = MIN (next_us, ((Job *) l->data)->next_us);
  if (next_us == G_MAXINT64)
    return;
  jobs->timer = g_timeout_source_new ((guint) (CLAMP (next_us - now_us, 0, MOST_WAIT_US) / 1000)
                                      + 1);
  g_source_set_callback (jobs->timer, timer_cb, jobs, NULL);
  g_source_set_static_name (jobs->timer, "okap-jobs");
  g_source_attach (jobs->timer, jobs->context);
}

static void
wait (Job *job)
{
  gint64 now_us = okap_clock_get_monotonic (job->jobs->clock);

  job->next_us = now_us + CLAMP ((now_us - job->started_us) / 4, FIRST_WAIT_US, MOST_WAIT_US);
}

/* What it came to is known, or never will be: then it is booked with all that was set aside. */
static void
settle (Job *job, gboolean known)
{
  OkapJobs *jobs = job->jobs;
  gint64 now_us = okap_clock_get_monotonic (jobs->clock);

  if (!known)
    job->record.usage->cost_status = OKAP_COST_UNKNOWN;
  job->record.usage->duration_us += now_us - job->started_us;
  g_queue_unlink (&jobs->all, &job->link);
  okap_gate_settle (jobs->gate, &job->lease, job->record.usage);
  job_free (job);
}

static void
begin_count (Job *job)
{
  OkapUsage *usage = job->record.usage;

  usage->units = (OkapUnits) { .count = { 0 } };
  usage->cost_nusd = 0;
  usage->cost_status = OKAP_COST_FREE;
  job->has_unpriced = FALSE;
}

/* What the provider says at the end; FALSE if it says too little. */
static gboolean
count (Job *job)
{
  OkapUsage *usage = job->record.usage;

  if (!okap_meter_is_exact (&job->meter))
    return FALSE;
  begin_count (job);
  okap_meter_get_units (&job->meter, &usage->units);
  if (job->meter.model[0] != '\0')
    {
      g_free (usage->model_served);
      usage->model_served = okap_provider_canonical_model (usage->provider, job->meter.model);
    }
  g_free (usage->tier);
  usage->tier = g_strdup (okap_meter_get_tier (&job->meter));
  if (okap_provider_reports_cost (job->provider)
      && okap_meter_get_cost (&job->meter, &usage->cost_nusd))
    {
      usage->cost_status = OKAP_COST_REPORTED;
      return TRUE;
    }
  return okap_costing_add_parts (&job->record.costing, &job->meter, usage) == OKAP_PRICED_WHOLE;
}

/* The results come in any number of lines, each with a model and a use of its own. */
static void
part_cb (const char *model, const OkapUnits *units, gpointer user_data)
{
  Job *job = user_data;

  OkapUsage *usage = job->record.usage;
  g_autofree char *canonical = okap_provider_canonical_model (job->record.costing.provider, model);

  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    usage->units.count[unit] = okap_money_add (usage->units.count[unit], units->count[unit]);
  if (okap_costing_add (&job->record.costing, &job->meter, canonical, units, usage)
      != OKAP_PRICED_WHOLE)
    job->has_unpriced = TRUE;
}

static void
head_cb (guint status, const char *headers, const char *content_type, gint64 content_length,
         gpointer user_data)
{
  Job *job = user_data;
  OkapFraming framing = job->reads_results ? OKAP_FRAMING_NDJSON
                                           : okap_framing_from_content_type (content_type);

  job->status = status;
  okap_meter_init (&job->meter, job->endpoint->meter, framing);
  okap_meter_set_request_units (&job->meter, &job->record.request);
  okap_meter_take_headers (&job->meter, headers);
  okap_job_reader_init (&job->reader, job->endpoint->job, framing);
  if (job->reads_results)
    {
      begin_count (job);
      okap_meter_set_part_func (&job->meter, part_cb, job);
    }
}

static gboolean
data_cb (const char *data, gsize length, gpointer user_data)
{
  Job *job = user_data;

  okap_meter_feed (&job->meter, data, length);
  if (!job->reads_results)
    okap_job_reader_feed (&job->reader, data, length);
  return TRUE;
}

/* Providers do not bill what failed, unless they say what it used. */
static gboolean
is_unbilled (const Job *job)
{
  static const char *const failures[] = { "failed", "canceled", "cancelled", "expired", "aborted",
                                          "timeout_exceeded", NULL };
  g_autofree char *state = g_ascii_strdown (job->reader.state, -1);

  return g_strv_contains (failures, state) && !job->meter.reported;
}

/* The work is over. What its parts did is read only if the whole is not told; of several models
 * it never is. */
static void
take_end (Job *job)
{
  const OkapJobRule *rule = job->endpoint->job;
  gboolean has_file = rule->results_id != NULL && job->reader.results[0] != '\0';

  job->record.usage->http_status = 200;
  if (has_file)
    {
      g_free (job->results);
      job->results = okap_job_fill_pattern (rule->results, job->reader.results, job->record.path);
    }
  if (rule->results_id != NULL && job->record.costing.model != NULL && count (job))
    settle (job, TRUE);
  else if (job->results != NULL)
    {
      job->reads_results = TRUE;
      job->next_us = 0;
    }
  else if (is_unbilled (job))
    {
      job->record.usage->cost_status = OKAP_COST_KNOWN;
      settle (job, TRUE);
    }
  else
    settle (job, rule->results_id == NULL && count (job));
}

/* Whether each result told what it used, and that has a price. Of a file that has only answers in
 * it, at least one has to; where failures stand among them, there may be no others. */
static gboolean
has_told_results (const Job *job)
{
  return !job->has_unpriced && !job->meter.doubtful
         && (job->endpoint->job->results_id == NULL || job->meter.reported);
}

/* An answer about a job came in whole. */
static void
take_answer (Job *job)
{
  if (job->status == 404 || job->status == 410)
    {
      if (++job->n_missing >= MISSING_MOST)
        settle (job, FALSE);
      else
        wait (job);
    }
  else if (job->status != 200)
    wait (job);
  else if (job->reads_results)
    settle (job, has_told_results (job));
  else if (okap_job_reader_is_final (&job->reader))
    take_end (job);
  else
    wait (job);
}

static void
done_cb (const GError *error, gpointer user_data)
{
  Job *job = user_data;
  OkapJobs *jobs = job->jobs;

  job->transfer = NULL;
  jobs->n_asking--;
  if (error == NULL)
    take_answer (job);
  else
    {
      job->reads_results = FALSE;
      wait (job);
    }
  ask_due (jobs);
}

/* Where it is asked about; FALSE if the provider knows nothing of such work. */
static gboolean
find_paths (Job *job, OkapProvider *provider)
{
  const OkapJobRecord *record = &job->record;
  const OkapJobRule *rule;
  g_auto (OkapRoute) route = { 0 };

  if (job->provider != NULL)
    return TRUE;
  if (record->path == NULL
      || !okap_provider_resolve (provider, record->method, record->path, &route, NULL)
      || route.endpoint->job == NULL)
    return FALSE;
  job->provider = okap_provider_ref (provider);
  job->endpoint = route.endpoint;
  rule = job->endpoint->job;
  job->poll = okap_job_fill_pattern (rule->poll, record->id, record->path);
  job->results = rule->results != NULL && rule->results_id == NULL
                 ? okap_job_fill_pattern (rule->results, record->id, record->path) : NULL;
  job->record.costing.meter = job->endpoint->meter;
  return TRUE;
}

/* Asks about @job, with the key as it is now; while the vault is locked there is none. */
static void
ask (Job *job)
{
  static const OkapTransferHandler handler = { .head = head_cb, .data = data_cb, .done = done_cb };
  static const char no_token[OKAP_TOKEN_LENGTH];
  OkapHttpHeader kept[OKAP_JOB_HEADERS];
  const OkapHttpHead head = { .method = "GET", .headers = kept,
                              .n_headers = okap_job_record_list_headers (&job->record, kept) };
  OkapJobs *jobs = job->jobs;
  g_autoptr (OkapAccess) access = okap_gate_dup_access (jobs->gate, job->record.usage->grant_id,
                                                        job->record.usage->provider);
  OkapHeaderList headers = { 0 };
  OkapTransferRequest request = { .method = "GET", .headers = &headers };

  if (access == NULL)
    {
      wait (job);
      job->next_us = MIN (job->next_us,
                          okap_clock_get_monotonic (jobs->clock) + LOCKED_WAIT_US);
      return;
    }
  if (!find_paths (job, access->credential->provider))
    {
      settle (job, FALSE);
      return;
    }
  request.path = job->reads_results ? job->results : job->poll;
  request.base_url = access->credential->base_url;
  job->status = 0;
  okap_headers_for_upstream (&head, no_token, access->credential, request.path, &headers);
  jobs->n_asking++;
  job->transfer = okap_transfer_start (jobs->upstream, &request, &handler, job);
}

/* While the vault is locked nobody knows whose lease it is; see okap-gate-job.c. */
static gboolean
is_given_up (const Job *job, gint64 now_us)
{
  return now_us - job->started_us > GIVE_UP_US && okap_gate_is_unlocked (job->jobs->gate);
}

static void
ask_due (OkapJobs *jobs)
{
  gint64 now_us = okap_clock_get_monotonic (jobs->clock);
  GList *next;

  for (GList *l = jobs->all.head; l != NULL; l = next)
    {
      Job *job = l->data;

      next = l->next;
      if (job->transfer != NULL || job->next_us > now_us)
        continue;
      if (is_given_up (job, now_us))
        settle (job, FALSE);
      else if (jobs->n_asking < ASKED_AT_ONCE)
        ask (job);
    }
  arm_timer (jobs);
}

static void
add_job (OkapJobs *jobs, Job *job)
{
  job->jobs = jobs;
  job->link.data = job;
  wait (job);
  g_queue_push_tail_link (&jobs->all, &job->link);
  arm_timer (jobs);
}

/**
 * okap_jobs_add:
 *
 * Takes over a request that was answered while the work goes on: it is settled here. It is kept on
 * the disk when this returns.
 */
void
okap_jobs_add (OkapJobs *jobs, const OkapJobStart *start)
{
  Job *job = g_new0 (Job, 1);
  OkapJobRecord *record = &job->record;
  g_autofree char *text = NULL;

  record->method = g_strdup (start->endpoint->method);
  record->path = g_strdup (start->path);
  record->id = g_strdup (start->id);
  record->usage = start->usage;
  record->request = start->request;
  okap_job_record_set_costing (record, start->costing);
  if (start->head != NULL)
    okap_job_record_take_head (record, start->head);
  text = okap_job_record_format (record);
  okap_gate_keep_job (jobs->gate, start->lease, record->usage->request_id, text);
  job->lease = *start->lease;
  *start->lease = (OkapLease) { .nusd = 0 };
  job->started_us = okap_clock_get_monotonic (jobs->clock);
  add_job (jobs, job);
}

/* As old as it is by the clock on the wall, which may have been set since. */
static gint64
find_start (const OkapJobs *jobs, const OkapUsage *usage)
{
  gint64 age_us = okap_clock_get_now (jobs->clock) - usage->started_us - usage->duration_us;

  return okap_clock_get_monotonic (jobs->clock) - MAX (age_us, 0);
}

/* What the journal knows of a request. */
static OkapUsage *
copy_row (const OkapUsage *from)
{
  OkapUsage *usage = okap_usage_new ();

  usage->request_id = g_strdup (from->request_id);
  usage->grant_id = g_strdup (from->grant_id);
  usage->app = g_strdup (from->app);
  usage->provider = g_strdup (from->provider);
  usage->endpoint = g_strdup (from->endpoint);
  usage->model_asked = g_strdup (from->model_asked);
  usage->model_served = g_strdup ("");
  usage->error = g_strdup (from->error);
  usage->started_us = from->started_us;
  return usage;
}

/**
 * okap_jobs_resume:
 *
 * Goes on with what an earlier process left. Once, before the thread runs. Of what cannot be read,
 * only the lease is known: it is booked with all that was set aside when the vault is open.
 */
void
okap_jobs_resume (OkapJobs *jobs)
{
  g_autoptr (GPtrArray) left = okap_gate_list_jobs (jobs->gate);

  for (guint i = 0; i < left->len; i++)
    {
      const OkapGateJob *from = left->pdata[i];
      Job *job = g_new0 (Job, 1);

      if (!okap_job_record_parse (from->text, &job->record)
          || g_strcmp0 (job->record.usage->request_id, from->usage->request_id) != 0
          || g_strcmp0 (job->record.usage->grant_id, from->usage->grant_id) != 0
          || g_strcmp0 (job->record.usage->provider, from->usage->provider) != 0)
        {
          okap_job_record_clear (&job->record);
          job->record.usage = copy_row (from->usage);
        }
      job->lease = from->lease;
      job->started_us = find_start (jobs, job->record.usage);
      add_job (jobs, job);
      job->next_us = okap_clock_get_monotonic (jobs->clock) + FIRST_WAIT_US;
    }
  arm_timer (jobs);
}
