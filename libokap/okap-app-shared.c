/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the parts of libokap share: proof of possession, careful reading, and forgetting. */
#include "config.h"

#include "okap-app-private.h"

#include <string.h>
#include <sys/random.h>

#define VERIFIER_BYTES 32

/* okap_app_error_quark: (skip) */
G_DEFINE_QUARK (okap-app-error-quark, okap_app_error)

/** okap_app_wipe: frees @text (transfer full) (nullable) and leaves nothing of it in memory */
void
okap_app_wipe (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

void
okap_app_reply_free (OkapAppReply *reply)
{
  okap_app_wipe (reply->text);
  g_free (reply);
}

/** okap_app_get_text: (nullable): a member that is a string, whatever else may stand there */
const char *
okap_app_get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
         ? json_node_get_string (node) : NULL;
}

/** okap_app_dup_socket: (transfer full): where Okap listens for programs of this user */
char *
okap_app_dup_socket (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "okap", "okap.sock", NULL);
}

/* base64url without padding: RFC 7636, appendix A */
static char *
encode (const guint8 *data, gsize length)
{
  char *text = g_base64_encode (data, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static void
digest (const char *text, guint8 out[32])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = 32;

  g_checksum_update (checksum, (const guchar *) text, -1);
  g_checksum_get_digest (checksum, out, &length);
}

/** okap_app_proof_init: a new verifier of 256 random bits, and its challenge */
void
okap_app_proof_init (OkapAppProof *proof)
{
  guint8 bytes[VERIFIER_BYTES];

  if (getrandom (bytes, sizeof bytes, 0) != (gssize) sizeof bytes)
    g_error ("The kernel gives no random numbers");
  proof->verifier = encode (bytes, sizeof bytes);
  digest (proof->verifier, bytes);
  proof->challenge = encode (bytes, sizeof bytes);
}

void
okap_app_proof_clear (OkapAppProof *proof)
{
  okap_app_wipe (g_steal_pointer (&proof->verifier));
  g_clear_pointer (&proof->challenge, g_free);
}

/** okap_app_proof_dup_match: (transfer full): the two digits that Okap's dialog shows, too */
char *
okap_app_proof_dup_match (const OkapAppProof *proof)
{
  g_autofree char *text = g_strconcat ("okap-match:", proof->challenge, NULL);
  guint8 bytes[32];
  guint32 number;

  digest (text, bytes);
  number = (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
  return g_strdup_printf ("%02u", number % 100);
}
