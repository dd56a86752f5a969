/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value of a request. okap-request-json.c makes it from text. */
#include "config.h"

#include "okap-request.h"

G_DEFINE_BOXED_TYPE (OkapRequest, okap_request, okap_request_ref, okap_request_unref)

/** okap_request_new: (transfer full): an empty request, to be filled before it is shared */
OkapRequest *
okap_request_new (OkapShape shape)
{
  OkapRequest *request = g_new0 (OkapRequest, 1);

  g_atomic_ref_count_init (&request->ref_count);
  request->shape = shape;
  request->scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  return request;
}

OkapRequest *
okap_request_ref (OkapRequest *request)
{
  g_atomic_ref_count_inc (&request->ref_count);
  return request;
}

void
okap_request_unref (OkapRequest *request)
{
  if (!g_atomic_ref_count_dec (&request->ref_count))
    return;
  g_ptr_array_unref (request->scopes);
  g_free (request->reason);
  g_free (request->app_name);
  g_free (request->app_url);
  g_free (request->callback);
  g_free (request->state);
  g_free (request->code_challenge);
  g_free (request->bind_program);
  g_free (request);
}
