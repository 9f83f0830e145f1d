# docker build -t scfcost . && docker run --rm -v "$PWD:/data" scfcost estimate traces.csv
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY scfcost scfcost
RUN pip install --no-cache-dir --prefix=/install .

FROM python:3.12-slim
COPY --from=build /install /usr/local
RUN useradd --create-home scfcost
# Compiled loops are kept here; without a place to keep them each run compiles anew.
ENV NUMBA_CACHE_DIR=/home/scfcost/.cache/numba
USER scfcost
RUN mkdir -p "$NUMBA_CACHE_DIR"
WORKDIR /data
ENTRYPOINT ["scfcost"]
CMD ["--help"]
