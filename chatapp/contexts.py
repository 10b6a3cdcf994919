"""Flask's contexts themselves, for what happens with every request.

`g`, `request` and `current_app` look for what they stand for at each attribute. On Python 3.11 that
makes and drops an AttributeError each time: forty of them were a twelfth of a post.
"""

from collections.abc import Callable
from typing import Any, cast

from flask.ctx import AppContext, RequestContext
from flask.globals import app_ctx, request_ctx

# Both raise RuntimeError where there is none.
app_context = cast("Callable[[], AppContext]", cast("Any", app_ctx)._get_current_object)
request_context = cast("Callable[[], RequestContext]", cast("Any", request_ctx)._get_current_object)
