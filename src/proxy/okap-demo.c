/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A provider that needs no key and no network, so that a new user sees the whole way of a request
 * within a minute, and tests have an upstream that never changes. It speaks OpenAI's chat, streamed
 * word by word or whole, tells usage, and always says the same. The thread of its context. */
#include "config.h"

#include "okap-demo.h"

#include <string.h>

#include "okap-json.h"
#include "okap-model-finder.h"

#define WORD_MS 30
#define CREATED "1767225600"

static const struct
{
  const char *model;
  const char *text;
} voices[] = {
  { "demo-fast",
    "Hello! I am the demo model that lives inside Okap. Your app asked me through Okap with a "
    "token of its own, you allowed it, and no provider key was needed. Each word of mine is one "
    "event of a stream, and Okap counts them as they pass." },
  { "demo-large",
    "Hello! I am the larger of the two demo models that live inside Okap, which means that I say "
    "the same with more words. An app asked for access, and you saw a window with its name, its "
    "reason and its limits. You allowed it, so the app got a token that works only here. It never "
    "saw a key. With that token it asked me this question, and I answer word by word. Okap counts "
    "the words as they pass and writes down what they cost. When you take the access back, I stop "
    "in the middle of a sentence." },
};

struct _OkapDemo
{
  const OkapTransferHandler *handler;
  gpointer user_data;
  GSource *source;        /* (owned) */
  const char *model;      /* (nullable) one of voices */
  const char *next;       /* what is still to be said */
  guint words;            /* said so far */
  gint64 prompt_tokens;
  gboolean streams;
  gboolean usage_apart;   /* the app asked for usage in an event of its own */
  gboolean head_told;
  char *whole;            /* (owned) (nullable) an answer in one piece */
  guint status;
};

static gboolean
get_flag (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && json_node_get_boolean (node);
}

static void
choose_voice (OkapDemo *demo, const char *model)
{
  g_autofree char *canonical = okap_provider_canonical_model ("demo", model);

  for (guint i = 0; i < G_N_ELEMENTS (voices); i++)
    if (strcmp (voices[i].model, canonical) == 0)
      {
        demo->model = voices[i].model;
        demo->next = voices[i].text;
      }
}

static void
read_request (OkapDemo *demo, const char *body, gsize length)
{
  JsonNode *node = okap_json_parse_strict (body, length, OKAP_JSON_DEPTH_MOST, NULL);
  g_auto (OkapModelFinding) finding = { 0 };

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      JsonNode *options = json_object_get_member (object, "stream_options");

      demo->streams = get_flag (object, "stream");
      demo->usage_apart = options != NULL && JSON_NODE_HOLDS_OBJECT (options)
                          && get_flag (json_node_get_object (options), "include_usage");
      if (okap_model_find (body, length, &finding, NULL) && finding.model != NULL)
        choose_voice (demo, finding.model);
      demo->prompt_tokens = finding.prompt_bytes / 4 + 1;
    }
  g_clear_pointer (&node, json_node_unref);
}

static guint
count_words (const char *text)
{
  guint words = 1;

  for (const char *p = text; *p != '\0'; p++)
    words += *p == ' ' ? 1 : 0;
  return words;
}

static char *
format_usage (const OkapDemo *demo, guint words)
{
  return g_strdup_printf ("{\"prompt_tokens\":%" G_GINT64_FORMAT ",\"completion_tokens\":%u,"
                          "\"total_tokens\":%" G_GINT64_FORMAT "}",
                          demo->prompt_tokens, words, demo->prompt_tokens + words);
}

static char *
format_models (void)
{
  return g_strdup ("{\"object\":\"list\",\"data\":["
                   "{\"id\":\"demo-fast\",\"object\":\"model\",\"created\":" CREATED ","
                   "\"owned_by\":\"okap\"},"
                   "{\"id\":\"demo-large\",\"object\":\"model\",\"created\":" CREATED ","
                   "\"owned_by\":\"okap\"}]}");
}

static char *
format_model (const OkapDemo *demo)
{
  return g_strdup_printf ("{\"id\":\"%s\",\"object\":\"model\",\"created\":" CREATED ","
                          "\"owned_by\":\"okap\"}", demo->model);
}

static char *
format_answer (const OkapDemo *demo)
{
  guint words = count_words (demo->next);
  g_autofree char *usage = format_usage (demo, words);

  return g_strdup_printf ("{\"id\":\"chatcmpl-demo\",\"object\":\"chat.completion\","
                          "\"created\":" CREATED ",\"model\":\"%s\",\"choices\":[{\"index\":0,"
                          "\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},"
                          "\"finish_reason\":\"stop\"}],\"usage\":%s}",
                          demo->model, demo->next, usage);
}

static void
set_no_model (OkapDemo *demo)
{
  demo->status = 404;
  demo->whole = g_strdup ("{\"error\":{\"message\":\"The demo provider has the models demo-fast "
                          "and demo-large\",\"type\":\"invalid_request_error\",\"param\":\"model\","
                          "\"code\":\"model_not_found\"}}");
}

/* One event of the stream. @choices: (nullable) of its content; @usage: (nullable) its JSON. */
static char *
format_event (const OkapDemo *demo, const char *choices, const char *usage)
{
  return g_strdup_printf ("data: {\"id\":\"chatcmpl-demo\",\"object\":\"chat.completion.chunk\","
                          "\"created\":" CREATED ",\"model\":\"%s\",\"choices\":[%s]%s%s}\n\n",
                          demo->model, choices, usage != NULL ? ",\"usage\":" : "",
                          usage != NULL ? usage : "");
}

static char *
format_word (OkapDemo *demo)
{
  gsize length = strcspn (demo->next, " ");
  g_autofree char *choices = g_strdup_printf ("{\"index\":0,\"delta\":{%s\"content\":\"%s%.*s\"},"
                                              "\"finish_reason\":null}",
                                              demo->words == 0 ? "\"role\":\"assistant\"," : "",
                                              demo->words == 0 ? "" : " ",
                                              (int) length, demo->next);

  demo->next += length + (demo->next[length] == ' ' ? 1 : 0);
  demo->words++;
  return format_event (demo, choices, NULL);
}

static char *
format_end (OkapDemo *demo)
{
  static const char stop[] = "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}";
  g_autofree char *usage = format_usage (demo, demo->words);
  g_autofree char *last = format_event (demo, stop, demo->usage_apart ? NULL : usage);
  g_autofree char *apart = demo->usage_apart ? format_event (demo, "", usage) : NULL;

  return g_strconcat (last, apart != NULL ? apart : "", "data: [DONE]\n\n", NULL);
}

static void
demo_free (OkapDemo *demo)
{
  g_source_destroy (demo->source);
  g_source_unref (demo->source);
  g_free (demo->whole);
  g_free (demo);
}

/* Hands bytes on; FALSE: not now, and whoever called tries again after the resume. */
static gboolean
tell (OkapDemo *demo, const char *bytes)
{
  if (demo->handler->data (bytes, strlen (bytes), demo->user_data))
    return TRUE;
  g_source_set_ready_time (demo->source, -1);
  return FALSE;
}

static void
tell_head (OkapDemo *demo)
{
  const char *type = demo->streams && demo->whole == NULL ? "text/event-stream"
                                                          : "application/json";
  g_autofree char *headers = g_strdup_printf ("Content-Type: %s\r\n", type);

  demo->head_told = TRUE;
  demo->handler->head (demo->status, headers, type,
                       demo->whole != NULL ? (gint64) strlen (demo->whole) : -1, demo->user_data);
}

static void
end (OkapDemo *demo)
{
  const OkapTransferHandler *handler = demo->handler;
  gpointer user_data = demo->user_data;

  demo_free (demo);
  handler->done (NULL, user_data);
}

static gboolean
speak_cb (gpointer user_data)
{
  OkapDemo *demo = user_data;
  gboolean over = demo->whole != NULL || *demo->next == '\0';
  const char *before = demo->next;
  guint words = demo->words;
  g_autofree char *event = NULL;

  if (!demo->head_told)
    tell_head (demo);
  if (demo->whole == NULL)
    event = over ? format_end (demo) : format_word (demo);
  if (!tell (demo, demo->whole != NULL ? demo->whole : event))
    {
      demo->next = before;
      demo->words = words;
      return G_SOURCE_CONTINUE;
    }
  if (over)
    {
      end (demo);
      return G_SOURCE_REMOVE;
    }
  if (demo->handler->flush != NULL)
    demo->handler->flush (demo->user_data);
  g_source_set_ready_time (demo->source, g_source_get_time (demo->source) + WORD_MS * 1000);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_ready (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

/**
 * okap_demo_start:
 * @path: below the base URL
 * @body: (nullable): only looked at before this returns
 *
 * Never calls @handler before it returns.
 *
 * Returns: (transfer none): valid until done() or okap_demo_cancel()
 */
OkapDemo *
okap_demo_start (GMainContext *context, const char *path, const char *body, gsize length,
                 const OkapTransferHandler *handler, gpointer user_data)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_ready };
  OkapDemo *demo = g_new0 (OkapDemo, 1);

  demo->handler = handler;
  demo->user_data = user_data;
  demo->status = 200;
  demo->next = "";
  if (strcmp (path, "/models") == 0)
    demo->whole = format_models ();
  else if (g_str_has_prefix (path, "/models/"))
    {
      choose_voice (demo, path + strlen ("/models/"));
      demo->whole = demo->model != NULL ? format_model (demo) : NULL;
    }
  else
    {
      read_request (demo, body, length);
      if (demo->model != NULL && !demo->streams)
        demo->whole = format_answer (demo);
    }
  if (demo->whole == NULL && demo->model == NULL)
    set_no_model (demo);

  demo->source = g_source_new (&funcs, sizeof (GSource));
  g_source_set_static_name (demo->source, "okap-demo");
  g_source_set_callback (demo->source, speak_cb, demo, NULL);
  g_source_set_ready_time (demo->source, g_get_monotonic_time () + WORD_MS * 1000);
  g_source_attach (demo->source, context);
  return demo;
}

/** okap_demo_resume: data() takes bytes again */
void
okap_demo_resume (OkapDemo *demo)
{
  g_source_set_ready_time (demo->source, 0);
}

/** okap_demo_cancel: ends it at once, without done() */
void
okap_demo_cancel (OkapDemo *demo)
{
  demo_free (demo);
}
