/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-identity.h"

G_BEGIN_DECLS

gboolean okap_browser_is (const OkapIdentity *identity);

G_END_DECLS
