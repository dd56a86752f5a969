/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broker's vault as the doors see it: what okap-broker.h gives of it, the ways into it, and its
 * backups. */
#pragma once

#include "okap-broker.h"
#include "okap-vault-backup.h"
#include "okap-vault-slots.h"
