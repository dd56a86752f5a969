// SPDX-License-Identifier: LGPL-3.0-or-later
imports.gi.versions.Okap = '1';
const { Okap } = imports.gi;

const request = Okap.AppRequest.new('Example App', ARGV[0]);
request.add_model(ARGV[1]);
request.set_limit('monthly_spend', 5);
const access = request.send(null);
print(access.base_url, access.token);
