/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program and the token of another one that it tried: who, whose, how often, since when. */
#include "config.h"

#include "okap-misuse.h"

#include "okap-caps.h"

struct _OkapMisuse
{
  GObject parent_instance;

  OkapGrant *grant;    /* (owned) (immutable) as it was at the first try */
  OkapCaller *caller;  /* (owned) (immutable) */
  guint64 count;
  gint64 first_us;     /* (immutable) */
  gint64 last_us;
  gint64 told_us;      /* when a person was told last; 0: never */
};

enum
{
  PROP_0,
  PROP_COUNT,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (OkapMisuse, okap_misuse, G_TYPE_OBJECT)

static void
okap_misuse_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapMisuse *self = OKAP_MISUSE (object);

  if (id == PROP_COUNT)
    g_value_set_uint64 (value, self->count);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
okap_misuse_finalize (GObject *object)
{
  OkapMisuse *self = OKAP_MISUSE (object);

  okap_grant_unref (self->grant);
  okap_caller_unref (self->caller);
  G_OBJECT_CLASS (okap_misuse_parent_class)->finalize (object);
}

static void
okap_misuse_class_init (OkapMisuseClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = okap_misuse_get_property;
  object_class->finalize = okap_misuse_finalize;
  properties[PROP_COUNT] = g_param_spec_uint64 ("count", NULL, NULL, 0, G_MAXUINT64, 0,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
okap_misuse_init (OkapMisuse *self)
{
}

/** okap_misuse_new: (transfer full): without a try yet */
OkapMisuse *
okap_misuse_new (OkapGrant *grant, OkapCaller *caller, gint64 now_us)
{
  OkapMisuse *self = g_object_new (OKAP_TYPE_MISUSE, NULL);

  self->grant = okap_grant_ref (grant);
  self->caller = okap_caller_ref (caller);
  self->first_us = now_us;
  self->last_us = now_us;
  return self;
}

/** okap_misuse_add: counts @count further tries, the last of them now */
void
okap_misuse_add (OkapMisuse *self, guint64 count, gint64 now_us)
{
  self->count = self->count > G_MAXUINT64 - count ? G_MAXUINT64 : self->count + count;
  self->last_us = MAX (self->last_us, now_us);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
}

/** okap_misuse_is_due: whether a person should hear of it: at first, and after a while again */
gboolean
okap_misuse_is_due (OkapMisuse *self, gint64 now_us)
{
  return self->told_us == 0 || now_us < self->told_us
         || now_us - self->told_us >= OKAP_CAP_MISUSE_AGAIN_S * G_USEC_PER_SEC;
}

void
okap_misuse_set_told (OkapMisuse *self, gint64 now_us)
{
  self->told_us = now_us;
}

/** okap_misuse_is_of: @identity: (nullable): NULL: whoever tried */
gboolean
okap_misuse_is_of (OkapMisuse *self, const char *grant_id, const OkapIdentity *identity)
{
  return g_str_equal (self->grant->id, grant_id)
         && (identity == NULL
             || g_str_equal (okap_identity_get_key (self->caller->identity),
                             okap_identity_get_key (identity)));
}

/** okap_misuse_get_grant: (transfer none): whose token it was, as it was at the first try */
OkapGrant *
okap_misuse_get_grant (OkapMisuse *self)
{
  return self->grant;
}

/** okap_misuse_get_identity: (transfer none): the program that tried */
OkapIdentity *
okap_misuse_get_identity (OkapMisuse *self)
{
  return self->caller->identity;
}

OkapDoor
okap_misuse_get_door (OkapMisuse *self)
{
  return self->caller->door;
}

guint64
okap_misuse_get_count (OkapMisuse *self)
{
  return self->count;
}

/** okap_misuse_get_first: wall time of the first try */
gint64
okap_misuse_get_first (OkapMisuse *self)
{
  return self->first_us;
}

gint64
okap_misuse_get_last (OkapMisuse *self)
{
  return self->last_us;
}

/** okap_misuse_is_changed: whether it is a program that may use the grant, with other content in
 * its file than it had then: an update, or somebody changed it */
gboolean
okap_misuse_is_changed (OkapMisuse *self)
{
  if (okap_identity_is_changed (self->grant->identity, self->caller->identity))
    return TRUE;
  for (guint i = 0; i < self->grant->others->len; i++)
    if (okap_identity_is_changed (g_ptr_array_index (self->grant->others, i),
                                  self->caller->identity))
      return TRUE;
  return FALSE;
}

/** okap_misuse_is_allowable: whether the program can be told apart from others, so that a grant
 * can be given to it alone */
gboolean
okap_misuse_is_allowable (OkapMisuse *self)
{
  return self->caller->identity->kind != OKAP_IDENTITY_UNKNOWN;
}

/** okap_misuse_dup_words: (transfer full): one line, in English, for trails and logs */
char *
okap_misuse_dup_words (OkapMisuse *self)
{
  g_autofree char *seen = okap_identity_dup_words (self->caller->identity);
  const char *title = okap_grant_get_title (self->grant);

  if (okap_misuse_is_changed (self))
    return g_strdup_printf ("Token of “%s” refused, because the program has changed since it was "
                            "allowed: %s (tried %" G_GUINT64_FORMAT " times)",
                            title, seen, self->count);
  return g_strdup_printf ("Token of “%s” used by another program and refused: %s (tried %"
                          G_GUINT64_FORMAT " times)", title, seen, self->count);
}
