# The window in a container: the same install steps as `make install`, without the tests' tools, as an ordinary user.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/asiointi
COPY . .
RUN make install REQUIREMENTS=requirements.txt && rm -rf node_modules

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --home-dir /srv/asiointi asiointi
WORKDIR /srv/asiointi
COPY --from=build --chown=asiointi /srv/asiointi /srv/asiointi
USER asiointi
ENV PATH=/srv/asiointi/.venv/bin:$PATH ASIOINTI_HOST=0.0.0.0 PYTHONUNBUFFERED=1
EXPOSE 8000
# web by default; `worker` and `migrate` are the other commands of a deployment (docs/operations.md).
CMD ["asiointi", "run"]
