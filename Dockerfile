# Two stages: what is needed to build stays behind, and the command runs as a user without rights.
#   docker build -t nikdedup .
#   docker run --rm --network none -v "$PWD/data:/data" nikdedup dedupe extract.parquet --out run
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN python -m venv /nikdedup \
    && /nikdedup/bin/python -m pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.13-slim
COPY --from=build /nikdedup /nikdedup
ENV PATH=/nikdedup/bin:$PATH PYTHONDONTWRITEBYTECODE=1
RUN useradd --create-home --uid 10001 nikdedup && mkdir /data && chown nikdedup /data
USER nikdedup
WORKDIR /data
ENTRYPOINT ["nikdedup"]
CMD ["--help"]
