/**
 * Lets every HTTP request run inside its scope from the start, so that AsyncLocalStorage finds
 * it also in the guards. On Fastify that is a hook: an app may do without Fastify's middleware,
 * and after `preValidation` no parser of a body comes in between any more.
 */
import type { HttpServer } from '@nestjs/common';
import type { EndingResponse } from './request-evaluations.js';
import type { RequestScopes } from './request-scopes.js';

type Done = () => void;

interface FastifyHooks {
  addHook(
    name: 'preValidation',
    hook: (request: { raw: object }, reply: { raw: EndingResponse }, done: Done) => void,
  ): void;
}

/** As much of Node's server as is needed. */
interface RequestListening {
  prependListener?(
    event: 'request',
    listener: (request: object, response: EndingResponse) => void,
  ): unknown;
}

export function openHttpScopes(adapter: HttpServer, scopes: RequestScopes): void {
  if (adapter.getType() === 'fastify') {
    const fastify: FastifyHooks = adapter.getInstance();
    fastify.addHook('preValidation', (request, reply, done) =>
      scopes.run(scopes.ofHttp(request.raw, reply.raw), done),
    );
    return;
  }
  // Express gives each request a prototype of its app; from then on whatever is added to it is dear.
  const server: RequestListening | undefined = adapter.getHttpServer();
  server?.prependListener?.('request', (request, response) => scopes.ofHttp(request, response));
  adapter.use((request: object, response: EndingResponse, next: Done) =>
    scopes.run(scopes.ofHttp(request, response), next),
  );
}
