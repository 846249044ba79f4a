# The bot in a slim image, without root; everything it keeps is in the volume /data.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# For sources of the kind git.
RUN apt-get update && apt-get install -y --no-install-recommends git openssh-client && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY config ./config
RUN pip install '.[postgres]'
RUN useradd --system --uid 1000 --home-dir /data paperboy && mkdir -p /data && chown paperboy /data

USER paperboy
VOLUME /data
ENV DATABASE_URL=sqlite:////data/paperboy.db
# Well: every source was looked at in time, and the last look went well.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["paperboy", "status", "--config", "/app/config/config.yaml"]
CMD ["paperboy", "run", "--config", "/app/config/config.yaml"]
