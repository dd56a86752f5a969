/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-meter-sound.h"
#include "okap-multipart.h"

#include <string.h>

#define RIFF "RIFF\xff\xff\xff\xffWAVE"
/* kind, channels, rate, bytes a second, block, bits */
#define MONO_16K "fmt \x10\0\0\0" "\x01\0" "\x01\0" "\x80\x3e\0\0" "\0\x7d\0\0" "\x02\0" "\x10\0"
#define STEREO_48K "fmt \x10\0\0\0" "\x01\0" "\x02\0" "\x80\xbb\0\0" "\0\xee\x02\0" \
                   "\x04\0" "\x10\0"
#define DATA "data\xff\xff\xff\xff"
#define BODY(text) text, sizeof text - 1

static const struct
{
  const char *head;
  gsize length;
  gint64 file_bytes;
  gint64 ms;
} cases[] = {
  { BODY (RIFF MONO_16K DATA), 32044, 1002 },
  { BODY (RIFF MONO_16K DATA), 32000, 1000 },
  { BODY (RIFF MONO_16K DATA), 32001, 1001 },
  { BODY (RIFF STEREO_48K DATA), 1920000, 10000 },
  /* another chunk before, of odd length, so padded */
  { BODY (RIFF "JUNK\x03\0\0\0abc\0" MONO_16K DATA), 32000, 1000 },
  /* which format it is stands further behind */
  { BODY (RIFF "fmt \x28\0\0\0" "\xfe\xff" "\x01\0" "\x80\x3e\0\0" "\0\x7d\0\0" "\x02\0" "\x10\0"
          "\x16\0" "\x10\0" "\x04\0\0\0" "\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"),
    32000, 1000 },
  { BODY (RIFF "fmt \x28\0\0\0" "\xfe\xff" "\x01\0" "\x80\x3e\0\0" "\0\x7d\0\0" "\x02\0" "\x10\0"
          "\x16\0" "\x10\0" "\x04\0\0\0" "\x55\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"),
    32000, -1 },
  /* a block that is larger than its samples does not make the sound shorter */
  { BODY (RIFF "fmt \x10\0\0\0" "\x01\0" "\x01\0" "\x80\x3e\0\0" "\0\x7d\0\0" "\xff\xff" "\x10\0"),
    32000, 1000 },
  /* compressed */
  { BODY (RIFF "fmt \x10\0\0\0" "\x55\0" "\x01\0" "\x80\x3e\0\0" "\0\x7d\0\0" "\x02\0" "\x10\0"),
    32000, -1 },
  /* nothing to divide by */
  { BODY (RIFF "fmt \x10\0\0\0" "\x01\0" "\x01\0" "\0\0\0\0" "\0\x7d\0\0" "\x02\0" "\x10\0"),
    32000, -1 },
  { BODY (RIFF "fmt \x10\0\0\0" "\x01\0" "\x01\0" "\x80\x3e\0\0" "\0\x7d\0\0" "\x02\0" "\0\0"),
    32000, -1 },
  { BODY (RIFF MONO_16K), G_MAXINT64, -1 },
  { BODY (RIFF "fmt \x0f\0\0\0" "\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10"), 32000, -1 },
  { BODY (RIFF "fmt \x10\0\0\0" "\x01\0"), 32000, -1 },
  { BODY (RIFF "JUNK\xff\xff\xff\xff" MONO_16K), 32000, -1 },
  { BODY (RIFF DATA MONO_16K), 32000, -1 },
  { BODY (RIFF), 32000, -1 },
  { BODY ("RIFF"), 32000, -1 },
  { BODY ("ID3\x04"), 32000, -1 },
  { "", 0, 0, -1 },
};

static void
test_heads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* An exact copy, so that a sanitizer sees a byte read behind it. */
      g_autofree char *head = g_memdup2 (cases[i].head, cases[i].length);

      g_test_message ("%u", i);
      g_assert_cmpint (okap_meter_measure_sound (head, cases[i].length, cases[i].file_bytes), ==,
                       cases[i].ms);
    }
}

#define PART(name) "--XyZ\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define WAVE RIFF MONO_16K DATA "\r\n\r\n--Xy\r\0"

/* In a form: of the field "file", if there is one, wherever it stands. */
static void
test_forms (void)
{
  static const struct
  {
    const char *body;
    gsize length;
    gint64 ms;
  } forms[] = {
    { BODY (PART ("file") WAVE "\r\n" PART ("model") "m\r\n--XyZ--\r\n"), 1000 },
    { BODY (PART ("model") "m\r\n" PART ("file") WAVE "\r\n--XyZ--\r\n"), 1000 },
    { BODY (PART ("model") "m\r\n" PART ("prompt") WAVE "\r\n" PART ("file") "ID3\r\n--XyZ--\r\n"),
      -1 },
    { BODY (PART ("model") "m\r\n" PART ("file") WAVE "\r\n" PART ("File") "ID3\r\n--XyZ--\r\n"),
      -1 },
    { BODY (PART ("model") "m\r\n" PART ("url") "https://example.com/a.wav\r\n--XyZ--\r\n"), -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    for (gsize piece = 1; piece <= forms[i].length; piece++)
      {
        OkapMultipart form;

        g_assert_true (okap_multipart_init (&form, "multipart/form-data; boundary=XyZ"));
        for (gsize at = 0; at < forms[i].length; at += piece)
          okap_multipart_feed (&form, forms[i].body + at, MIN (piece, forms[i].length - at));
        g_assert_cmpint (form.state, ==, OKAP_MULTIPART_MODEL);
        g_assert_cmpstr (form.model, ==, "m");
        g_assert_cmpint (okap_multipart_measure_sound (&form, 32000), ==, forms[i].ms);
        g_assert_cmpint (form.names_url, ==, strstr (forms[i].body, "\"url\"") != NULL);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/sound/heads", test_heads);
  g_test_add_func ("/meter/sound/forms", test_forms);
  return g_test_run ();
}
