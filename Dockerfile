FROM python:3.13-slim-trixie

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

# pg_dump and pg_restore, for backups where the shop is on PostgreSQL: trixie's are 17, the server of compose.yaml too.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*

WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

RUN useradd --create-home --uid 10001 shop && install --directory --owner shop /app/data
COPY pyproject.toml ./
COPY bot bot
COPY handlers handlers
COPY services services
COPY locales locales

USER shop
VOLUME /app/data
EXPOSE 8080

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('HTTP_PORT', '8080') + '/healthz', timeout=4)"]

CMD ["python", "-m", "bot", "run"]
