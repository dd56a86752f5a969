// SPDX-License-Identifier: GPL-3.0-or-later
import Anthropic from 'anthropic-old';
import { table } from './anthropic-table.mjs';

export const { open, status, typed, refused, streamed, broken, calls } = table(Anthropic);
