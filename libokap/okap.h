/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* libokap: ask the user's Okap for access to AI models, in one asynchronous call. */
#pragma once

#include "okap-app-access.h"
#include "okap-app-request.h"
