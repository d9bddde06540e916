# One image for all hosts: AWS Lambda by default, `serve` for a server or a SageMaker container, and any other command.
#
#   docker build -t lapidary .
#   docker run -p 8080:8080 -e ACCESS=open lapidary serve    # without keys; docs/access.md sets them up

# Node 22: the native TensorFlow.js breaks on 23 and later. Renovate (.github/renovate.json) updates the tag and pins its
# digest.
ARG NODE_IMAGE=node:22.23.3-bookworm-slim

# ---- The bundle: dist/ -------------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The bundler needs no install scripts.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY infra/scripts/build.js infra/scripts/bundle.js infra/scripts/licenses.js infra/scripts/
COPY src src
RUN npm run build
COPY model model
# Lambda runs the image under a user of its own, so all files must be readable by any user.
RUN chmod -R a+rX,go-w dist model package.json

# ---- Packages that the bundle loads lazily: node_modules/ -----------------------------------------------------
FROM ${NODE_IMAGE} AS modules
WORKDIR /app
# `yes` adds the native TensorFlow.js, some 600 MB; without it training runs on WASM, which is as fast for most models.
ARG NATIVE_TRAINING=no
COPY package.json package-lock.json .npmrc ./
# Not --omit=optional: the binaries of the image decoder are optional packages too, one for each platform.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
# Mirrors of its libraries, instead of Google's storage: docs/dependencies.md.
ARG TFJS_NODE_BASE_URI=
ARG npm_config_tfjs_binding_binary_host_mirror=
COPY infra/scripts/native-training.sh infra/scripts/
RUN --mount=type=cache,target=/root/.npm sh infra/scripts/native-training.sh "$NATIVE_TRAINING"
COPY infra/scripts/prune-modules.js infra/scripts/
RUN node infra/scripts/prune-modules.js && chmod -R a+rX,go-w node_modules

# ---- AWS' runtime interface client: native code, whose build tools are not in the image --------------------
FROM ${NODE_IMAGE} AS lambda-runtime
RUN apt-get update \
    && apt-get install --yes --no-install-recommends cmake g++ make python3 xz-utils \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app/infra/lambda-runtime
COPY infra/lambda-runtime/package.json infra/lambda-runtime/package-lock.json .npmrc ./
# The base image has Node's headers: nothing to download for the compiler.
RUN --mount=type=cache,target=/root/.npm npm_config_nodedir=/usr/local npm ci
# It bundles its dependencies, so it needs only these files at run time.
RUN mkdir -p /client/aws-lambda-ric \
    && cd node_modules/aws-lambda-ric \
    && cp index.mjs rapid-client.node package.json LICENSE NOTICE THIRD-PARTY-LICENSES \
        /client/aws-lambda-ric/ \
    && strip /client/aws-lambda-ric/rapid-client.node \
    && chmod -R a+rX,go-w /client

# ---- The image ---------------------------------------------------------------------------------------
FROM ${NODE_IMAGE}
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Lapidary" \
      org.opencontainers.image.description="Serves trained models as a prediction API" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
# Layers that change least are first, so that a new bundle or model is a small layer on top.
COPY --from=modules /app/node_modules node_modules
COPY --from=lambda-runtime /client infra/lambda-runtime/node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/model model
COPY --from=build /app/dist dist
# No HEALTHCHECK: only `serve` listens; probe its /health/ready.
# No compile cache: Node keys it by user and processor, which differ in Lambda.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    MODEL_DIR=/app/model
EXPOSE 8080
USER node
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["lambda"]
