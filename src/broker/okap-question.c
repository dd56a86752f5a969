/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a prompter shows: the request, who made it, and the keys it could use. */
#include "config.h"

#include "okap-prompter.h"

struct _OkapQuestion
{
  GObject parent_instance;

  OkapAsk *ask;          /* (owned) (immutable) models in their canonical form */
  GListModel *keys;      /* (owned) (immutable) all keys of the vault; empty while locked */
  guint waiting;         /* how many more requests are in the queue */
};

typedef enum
{
  PROP_WAITING = 1,
} OkapQuestionProperty;

static GParamSpec *properties[PROP_WAITING + 1];

G_DEFINE_FINAL_TYPE (OkapQuestion, okap_question, G_TYPE_OBJECT)

static void
okap_question_finalize (GObject *object)
{
  OkapQuestion *self = OKAP_QUESTION (object);

  okap_ask_free (self->ask);
  g_object_unref (self->keys);
  G_OBJECT_CLASS (okap_question_parent_class)->finalize (object);
}

static void
okap_question_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapQuestion *self = OKAP_QUESTION (object);

  switch ((OkapQuestionProperty) id)
    {
    case PROP_WAITING:
      g_value_set_uint (value, self->waiting);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_question_class_init (OkapQuestionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = okap_question_finalize;
  object_class->get_property = okap_question_get_property;

  properties[PROP_WAITING] =
    g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
okap_question_init (OkapQuestion *self)
{
}

/** okap_question_new: (transfer full): @keys is a list of OkapKeyInfo that may change */
OkapQuestion *
okap_question_new (const OkapAsk *ask, GListModel *keys)
{
  OkapQuestion *self = g_object_new (OKAP_TYPE_QUESTION, NULL);

  self->ask = okap_ask_copy (ask);
  self->keys = g_object_ref (keys);
  return self;
}

OkapRequest *
okap_question_get_request (OkapQuestion *self)
{
  return self->ask->request;
}

OkapCaller *
okap_question_get_caller (OkapQuestion *self)
{
  return self->ask->caller;
}

const OkapAsk *
okap_question_get_ask (OkapQuestion *self)
{
  return self->ask;
}

GListModel *
okap_question_get_keys (OkapQuestion *self)
{
  return self->keys;
}

/** okap_question_list_keys: (transfer full): (element-type OkapKeyInfo): those for @provider */
GPtrArray *
okap_question_list_keys (OkapQuestion *self, const char *provider)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (self->keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (self->keys, i);

      if (g_str_equal (okap_key_info_get_provider (key), provider))
        g_ptr_array_add (keys, g_steal_pointer (&key));
    }
  return g_steal_pointer (&keys);
}

guint
okap_question_get_waiting (OkapQuestion *self)
{
  return self->waiting;
}

/** okap_question_set_waiting: by the consent queue, as requests come and go */
void
okap_question_set_waiting (OkapQuestion *self, guint waiting)
{
  if (self->waiting == waiting)
    return;
  self->waiting = waiting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WAITING]);
}
