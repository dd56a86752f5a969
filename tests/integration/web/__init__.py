# SPDX-License-Identifier: GPL-3.0-or-later
"""The web side: a real browser, the places that a page of an attacker needs, and what it tries."""
