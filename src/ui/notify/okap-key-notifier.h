/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-key-care.h"

G_BEGIN_DECLS

/* Tells of keys in trouble with desktop notifications. */
void okap_key_notifier_attach (OkapKeyCare *care, GApplication *application);

G_END_DECLS
