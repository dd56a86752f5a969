/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What each target defines: libFuzzer calls it, or replay.c does with the files of a corpus. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
