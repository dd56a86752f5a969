/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-json-tap.h"
#include "okap-meter-family.h"
#include "okap-provider.h"
#include "okap-sse.h"
#include "okap-units.h"

G_BEGIN_DECLS

/* How an answer is divided. */
typedef enum
{
  OKAP_FRAMING_BODY,    /* JSON, or anything that is no stream */
  OKAP_FRAMING_SSE,
  OKAP_FRAMING_NDJSON,
  OKAP_FRAMING_OPAQUE,  /* sound, pictures, plain text: nothing in it is a count */
} OkapFraming;

#define OKAP_N_FRAMINGS (OKAP_FRAMING_OPAQUE + 1)

OkapFraming okap_framing_from_content_type (const char *content_type);

/* What the provider said of how it served the request, for okap_price_get_modifier(). */
typedef enum
{
  OKAP_METER_SIGNAL_TIER,     /* of service */
  OKAP_METER_SIGNAL_SPEED,
  OKAP_METER_SIGNAL_GEO,
  OKAP_METER_SIGNAL_SIZE,     /* of a picture or film */
  OKAP_METER_SIGNAL_QUALITY,
  OKAP_METER_SIGNAL_STATUS,   /* of a job */
  OKAP_METER_N_SIGNALS,
} OkapMeterSignal;

#define OKAP_METER_SIGNAL_BYTES 48
#define OKAP_METER_PARTS_MOST 12

/* What one of several models used for one answer. */
typedef struct
{
  OkapUnits units;
  OkapMeterField origin;
  char model[OKAP_CAP_MODEL_BYTES + 1];  /* empty: the one that answered */
} OkapMeterPart;

/* Told of each part of a job's results as it passes, of which there may be any number. */
typedef void (*OkapMeterPartFunc) (const char *model, const OkapUnits *units, gpointer user_data);

/* Listens to one answer as it passes, in constant memory. */
typedef struct
{
  const OkapMeterFamily *family;  /* (nullable) NULL: counts nothing */
  OkapFraming framing;
  OkapMeterKind kind;
  gboolean reported;              /* the provider told its usage */
  gboolean doubtful;              /* and something about it cannot be */
  gint64 text_bytes;              /* of what the model wrote, as it came */
  gint64 text_events;             /* events that carried some of it */
  /*< private >*/
  const OkapMeterTable *table;
  OkapMeterReading reading;       /* of the answer as a whole */
  OkapMeterReading part;          /* of the part that is open */
  OkapUnits request;              /* what the request tells of its own use */
  guint64 seen;                   /* counts that the running event had */
  gboolean has_text;              /* the running event carries text */
  gboolean is_sound;              /* and it is no text, though it stands where text does */
  gsize event_bytes;              /* of the running event's data */
  gint64 items[OKAP_METER_N_ITEMS]; /* seen in the running event */
  guint8 modality;                /* of the list element that is open */
  gint64 modality_count;
  guint8 call;                    /* the tool call that is open */
  guint8 call_state;
  gint64 cost_nusd;               /* as the provider billed it; negative: it did not say */
  gint64 cost_upstream_nusd;
  gint64 cost_ticks_nusd;
  gboolean own_key;
  gint64 least_ms;                /* that are billed, however short the sound */
  OkapMeterPartFunc part_func;    /* (nullable) */
  gpointer part_data;
  guint n_parts;
  char signals[OKAP_METER_N_SIGNALS][OKAP_METER_SIGNAL_BYTES];

  /* From here on only the start of each is set when the meter is. */
  OkapSse sse;
  OkapJsonTap tap;
  char model[OKAP_CAP_MODEL_BYTES + 1];       /* that answered; empty if it did not say; public */
  char tool_model[OKAP_CAP_MODEL_BYTES + 1];
  char part_model[OKAP_CAP_MODEL_BYTES + 1];
  OkapMeterPart parts[OKAP_METER_PARTS_MOST];  /* the first n_parts */
} OkapMeter;

void     okap_meter_init              (OkapMeter *meter, OkapMeterKind kind, OkapFraming framing);
void     okap_meter_set_request_units (OkapMeter *meter, const OkapUnits *units);
void     okap_meter_set_part_func     (OkapMeter *meter, OkapMeterPartFunc func,
                                       gpointer user_data);
void     okap_meter_take_headers      (OkapMeter *meter, const char *headers);
void     okap_meter_feed              (OkapMeter *meter, const char *data, gsize length);

void     okap_meter_get_units         (const OkapMeter *meter, OkapUnits *out_units);
gboolean okap_meter_is_exact          (const OkapMeter *meter);
guint    okap_meter_get_n_parts       (const OkapMeter *meter);
void     okap_meter_get_part          (const OkapMeter *meter, guint i, const char **out_model,
                                       OkapUnits *out_units);
void     okap_meter_get_running       (const OkapMeter *meter, OkapUnits *out_units);
gboolean okap_meter_get_cost          (const OkapMeter *meter, gint64 *out_nusd);
gboolean okap_meter_tells_output      (const OkapMeter *meter);
const char *okap_meter_get_signal     (const OkapMeter *meter, OkapMeterSignal signal);
const char *okap_meter_get_tier       (const OkapMeter *meter);
gboolean okap_meter_is_between        (const OkapMeter *meter);
gint64   okap_meter_estimate_tokens   (gint64 bytes);

G_END_DECLS
