/** WebSockets: kept alive by pings, told to come back when the server goes down. */
import websocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** Why a WebSocket is closed (RFC 6455 and IANA's registry of close codes). */
export const closeCodes = {
  normal: 1000,
  policyViolation: 1008,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
} as const;

/** Opens WebSockets. `heartbeatMs`: between two pings; a client that did not answer the last one is let go. */
export default fp(async function webSockets(app: FastifyInstance, { heartbeatMs }: { heartbeatMs: number }) {
  await app.register(websocket, {
    // Clients have nothing to say here.
    options: { maxPayload: 1024 },
    errorHandler: (error, socket, request) => {
      request.log.error({ err: error }, 'stream failed');
      socket.close(closeCodes.internalError, 'the server failed');
    },
    preClose(this: FastifyInstance, done: () => void) {
      for (const client of this.websocketServer.clients)
        client.close(closeCodes.serviceRestart, 'the server is restarting');
      this.websocketServer.close(() => done());
    },
  });
  const answered = new WeakSet<WebSocket>();
  app.websocketServer.on('connection', (socket) => {
    answered.add(socket);
    socket.on('pong', () => answered.add(socket));
  });
  const heartbeat = setInterval(() => {
    for (const client of app.websocketServer.clients) {
      if (!answered.delete(client)) client.terminate();
      else client.ping();
    }
  }, heartbeatMs);
  heartbeat.unref();
  app.addHook('onClose', () => clearInterval(heartbeat));
});
