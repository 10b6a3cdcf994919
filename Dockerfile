FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 HOST=0.0.0.0 INSTANCE_PATH=/data
WORKDIR /srv/chatapp

COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY chatapp chatapp
COPY migrations migrations
COPY config.py gunicorn.conf.py wsgi.py ./

RUN useradd --system --uid 1000 chatapp && install -d -m 0700 -o chatapp /data
USER chatapp
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
  ["python", "-c", "import os, urllib.request as r; \
  r.urlopen('http://127.0.0.1:' + os.getenv('PORT', '8000') + '/up', timeout=2)"]
CMD ["sh", "-c", "flask db upgrade && exec gunicorn wsgi:app"]
