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

export function openHttpScopes(adapter: HttpServer, scopes: RequestScopes): void {
  if (adapter.getType() === 'fastify') {
    const fastify: FastifyHooks = adapter.getInstance();
    fastify.addHook('preValidation', (request, reply, done) =>
      scopes.run(scopes.ofHttp(request.raw, reply.raw), done),
    );
    return;
  }
  adapter.use((request: object, response: EndingResponse, next: Done) =>
    scopes.run(scopes.ofHttp(request, response), next),
  );
}
