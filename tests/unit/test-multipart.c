/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-multipart.h"

#include <string.h>

#define TYPE "multipart/form-data; boundary=XyZ"
#define MODEL "--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
#define FILE_PART "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; " \
                  "filename=\"a\\\"b.mp3\"\r\n" \
                  "Content-Type: audio/mpeg\r\n\r\nID3\r\n--Xy\r\r\n--XyQ-\n\r\n"
#define END "--XyZ--\r\n"

static const struct
{
  const char *type;
  const char *body;
  OkapMultipartState state;
  const char *model;
} cases[] = {
  { TYPE, MODEL END, OKAP_MULTIPART_MODEL, "whisper-1" },
  { TYPE, MODEL FILE_PART END, OKAP_MULTIPART_MODEL, "whisper-1" },
  { TYPE, FILE_PART MODEL END, OKAP_MULTIPART_MODEL, "whisper-1" },
  { TYPE, FILE_PART END, OKAP_MULTIPART_END, NULL },
  { TYPE, FILE_PART, OKAP_MULTIPART_READING, NULL },
  { TYPE, "preamble\r\n" MODEL END "epilogue", OKAP_MULTIPART_MODEL, "whisper-1" },
  { "Multipart/Form-Data;  boundary=\"XyZ\" ; charset=utf-8", MODEL END, OKAP_MULTIPART_MODEL,
    "whisper-1" },
  { TYPE, "--XyZ\r\ncontent-disposition: form-data;name=model\r\n"
    "Content-Type: text/plain\r\n\r\na\r\n" END, OKAP_MULTIPART_MODEL, "a" },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na\r\nb\r\n" END,
    OKAP_MULTIPART_MODEL, "a\r\nb" },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"models\"\r\n\r\nx\r\n" END,
    OKAP_MULTIPART_END, NULL },

  /* what parsers read differently */
  { TYPE, MODEL MODEL END, OKAP_MULTIPART_INVALID, NULL },
  { TYPE, MODEL "--XyZ\r\nContent-Disposition: form-data; name=\"Model\"\r\n\r\nb\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\nContent-Disposition: form-data; name=\"model\"\n\na\n--XyZ--\n",
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, MODEL "x\n--XyZ\r\n", OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\n--XyZ\r\n\r\n",
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r--XyZ\r\n\r\n",
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n",
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZZ\r\n", OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\n\r\nno head\r\n" END, OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name*=utf-8''model\r\n\r\na\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"a\"; name=\"model\"\r\n\r\na\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"mo\\del\"\r\n\r\na\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data;\r\n name=\"model\"\r\n\r\na\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n"
    "Content-Disposition: form-data; name=\"model\"\r\n\r\na\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nYQ==\r\n" END, OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
  { TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\xff\r\n" END,
    OKAP_MULTIPART_INVALID, NULL },
};

static void
test_pieces (void)
{
  static const gsize pieces[] = { 1, 2, 3, 5, 11, 4096 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < G_N_ELEMENTS (pieces); j++)
      {
        gsize length = strlen (cases[i].body);
        OkapMultipart multipart;

        g_test_message ("case %u in pieces of %zu", i, pieces[j]);
        g_assert_true (okap_multipart_init (&multipart, cases[i].type));
        for (gsize at = 0; at < length; at += pieces[j])
          (void) okap_multipart_feed (&multipart, cases[i].body + at, MIN (pieces[j], length - at));
        g_assert_cmpint (multipart.state, ==, cases[i].state);
        if (cases[i].model != NULL)
          g_assert_cmpstr (multipart.model, ==, cases[i].model);
        if (cases[i].state == OKAP_MULTIPART_INVALID)
          g_assert_nonnull (okap_multipart_get_fault (&multipart));
      }
}

static void
test_boundary (void)
{
  static const struct
  {
    const char *type;
    gboolean valid;
  } types[] = {
    { NULL, FALSE }, { "application/json", FALSE }, { "multipart/form-data", FALSE },
    { "multipart/form-data; boundary=", FALSE }, { "multipart/form-data; boundary=\"\"", FALSE },
    { "multipart/form-data; boundary=a; boundary=b", FALSE },
    { "multipart/form-data; boundary*=a", FALSE }, { "multipart/mixed; boundary=a", FALSE },
    { "multipart/form-data; boundary=\"a", FALSE },
    { "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", TRUE },
    { "multipart/form-data; boundary=1234567890123456789012345678901234567890"
      "123456789012345678901234567890", TRUE },
    { "multipart/form-data; boundary=1234567890123456789012345678901234567890"
      "1234567890123456789012345678901", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      OkapMultipart multipart;

      g_test_message ("case %u", i);
      g_assert_cmpint (okap_multipart_init (&multipart, types[i].type), ==, types[i].valid);
    }
}

static void
test_long (void)
{
  g_autofree char *name = g_strnfill (OKAP_CAP_MODEL_BYTES + 1, 'm');
  g_autofree char *head = g_strnfill (2 * OKAP_MULTIPART_HEAD_MOST, 'h');
  g_autofree char *long_model = NULL;
  g_autofree char *long_head = g_strconcat ("--XyZ\r\nX: ", head, NULL);
  OkapMultipart multipart;

  for (guint more = 0; more < 2; more++)
    {
      name[OKAP_CAP_MODEL_BYTES] = more ? 'm' : '\0';
      g_free (long_model);
      long_model = g_strconcat ("--XyZ\r\nContent-Disposition: form-data; name=model\r\n\r\n",
                                name, "\r\n--XyZ--", NULL);
      g_assert_true (okap_multipart_init (&multipart, TYPE));
      g_assert_cmpint (okap_multipart_feed (&multipart, long_model, strlen (long_model)), ==,
                       more ? OKAP_MULTIPART_INVALID : OKAP_MULTIPART_MODEL);
    }
  g_assert_true (okap_multipart_init (&multipart, TYPE));
  g_assert_cmpint (okap_multipart_feed (&multipart, long_head, strlen (long_head)), ==,
                   OKAP_MULTIPART_INVALID);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/multipart/pieces", test_pieces);
  g_test_add_func ("/multipart/boundary", test_boundary);
  g_test_add_func ("/multipart/long", test_long);
  return g_test_run ();
}
