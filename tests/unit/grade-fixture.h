/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grading in the test's own thread, so that it can still fork. */
#pragma once

#include "identity-fixture.h"

#include "okap-error.h"
#include "okap-grade.h"
#include "okap-proc.h"

static G_GNUC_UNUSED OkapReading *
read_process (pid_t pid)
{
  OkapDigests *digests = okap_digests_new ();
  int pin = okap_proc_pin (pid);
  OkapReading *reading = okap_reading_new (digests, pid, pin);

  if (pin >= 0)
    close (pin);
  okap_digests_free (digests);
  return reading;
}

static G_GNUC_UNUSED OkapIdentity *
identify (pid_t pid)
{
  g_autoptr (OkapReading) reading = read_process (pid);

  return okap_identity_ref (reading->identity);
}

static G_GNUC_UNUSED OkapIdentity *
identify_file (const char *path, GError **error)
{
  OkapDigests *digests = okap_digests_new ();
  OkapIdentity *identity = okap_grade_file (digests, path, error);

  okap_digests_free (digests);
  return identity;
}

static G_GNUC_UNUSED void
expect_unknown (pid_t pid, OkapDoubt doubt)
{
  g_autoptr (OkapIdentity) seen = identify (pid);

  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_UNKNOWN);
  g_assert_cmpint (seen->doubt, ==, doubt);
}
