# SPDX-License-Identifier: LGPL-3.0-or-later
import sys

import gi
gi.require_version("Okap", "1")
from gi.repository import Okap

request = Okap.AppRequest.new("Example App", sys.argv[1])
request.add_model(sys.argv[2])
request.set_limit("monthly_spend", 5)
access = request.send(None)
print(access.props.base_url, access.props.token)
