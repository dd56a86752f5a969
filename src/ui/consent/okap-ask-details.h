/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-question.h"

G_BEGIN_DECLS

void okap_ask_details_fill (AdwExpanderRow *row, OkapQuestion *question, GListModel *grants);

G_END_DECLS
