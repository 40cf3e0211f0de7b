/** The API's reference at /docs: Scalar, which the build puts into dist/dashboard/docs, on a page of ours. */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** Nothing comes from elsewhere and no text is run as a script; Scalar writes its styles into the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>onecycle: API reference</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <p id="sign-in" hidden>This service needs a key: sign in on <a href="/">the dashboard</a> first.</p>
    <div id="reference"></div>
    <noscript>This page needs JavaScript. The reference as text: <a href="/openapi.yaml">openapi.yaml</a></noscript>
    <script src="/docs/scalar.js"></script>
    <script type="module" src="/docs/start.js"></script>
  </body>
</html>
`;

/** Requests of the page go to the server that it came from; nothing is told to, or fetched from, Scalar's makers. */
const start = `const key = localStorage.getItem('onecycle.key');
const answer = await fetch('/openapi.json', { headers: key ? { authorization: 'Bearer ' + key } : {} });
if (answer.status === 401) document.getElementById('sign-in').hidden = false;
else Scalar.createApiReference('#reference', {
  content: await answer.text(),
  authentication: { preferredSecurityScheme: 'key', securitySchemes: { key: { token: key ?? '' } } },
  servers: [{ url: location.origin, description: 'This server' }],
  theme: 'none',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  operationTitleSource: 'summary',
  customCss: ${JSON.stringify(`
    :root { --scalar-font: system-ui, sans-serif; --scalar-font-code: ui-monospace, monospace; --scalar-radius: 4px; }
    .light-mode {
      --scalar-color-1: #1f2328; --scalar-color-2: #59636e; --scalar-color-3: #59636e; --scalar-color-accent: #0969da;
      --scalar-background-1: #fff; --scalar-background-2: #f6f8fa; --scalar-background-3: #eaeef2;
      --scalar-border-color: #d8dee4;
    }
    .dark-mode {
      --scalar-color-1: #e6edf3; --scalar-color-2: #9da7b1; --scalar-color-3: #9da7b1; --scalar-color-accent: #58a6ff;
      --scalar-background-1: #0d1117; --scalar-background-2: #161b22; --scalar-background-3: #21262d;
      --scalar-border-color: #30363d;
    }`)},
});
`;

/** The page and what starts it. */
export default fp(function docs(app: FastifyInstance, _options, done) {
  app.get('/docs', { schema: { hide: true } }, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .header('cache-control', 'no-cache')
      .send(page),
  );
  app.get('/docs/start.js', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache').send(start),
  );
  done();
});
