# One image for the API and for workers: `docker build .`, or with CUDA libraries: `docker build --build-arg ENGINE=cuda .`
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && rm -rf dist/test dist/bench dist/web && npm prune --omit=dev

# A separate stage for the engine: the compiler stays there, and only the installed libraries are copied out.
FROM build AS engine
ARG ENGINE=cpu
ENV ONECYCLE_CACHE_DIR=/opt/onecycle
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates g++ \
  && rm -rf /var/lib/apt/lists/*
RUN if [ "$ENGINE" = cuda ]; then node bin/onecycle.js engine install --cuda; else node bin/onecycle.js engine install; fi

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    ONECYCLE_CACHE_DIR=/opt/onecycle \
    ONECYCLE_DATA_DIR=/data
RUN install -d -o node -g node /data
# The engine is the largest part and changes least, so its layer comes first.
COPY --from=engine /opt/onecycle /opt/onecycle
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/package.json /app/openapi.yaml /app/asyncapi.yaml /app/LICENSE ./
COPY --from=build /app/bin bin
COPY --from=build /app/datasets datasets
COPY --from=build /app/examples examples
COPY --from=build /app/vendor vendor
COPY --from=build /app/src/engine/native/addon src/engine/native/addon
COPY --from=build /app/dist dist
USER node
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["node", "bin/onecycle.js"]
CMD ["api"]
