"""The product, deliberately broken in one place each, to see that the harness notices.

Each module is a WSGI application for gunicorn: `gunicorn tests.faults.broken.drops:app`.
"""
