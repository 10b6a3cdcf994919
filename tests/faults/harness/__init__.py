"""Writers, observers, faults and a checker: black box, over HTTP and sockets, against gunicorn.

Everything here runs on gevent greenlets with gevent's own sockets; nothing is patched, so it can
live inside pytest.
"""
