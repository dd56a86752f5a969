/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

GtkWidget *okap_block_row_new (OkapBroker *broker, OkapBlock *block) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
