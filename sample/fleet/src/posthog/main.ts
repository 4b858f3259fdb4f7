/** The stub as a server of its own, for docker-compose.yml: `POST /flip` flips the flag. */
import { createServer } from 'node:http';
import { PostHogStub } from './posthog-stub.js';

const stub = new PostHogStub();
const server = createServer((request, response) => {
  if (stub.answer(request, response)) return;
  const isFlip = request.method === 'POST' && request.url === '/flip';
  if (isFlip) response.end(`new-checkout is ${stub.flip() ? 'on' : 'off'}\n`);
  else response.writeHead(404).end();
});
server.listen(Number(process.env.PORT ?? 3000));
process.on('SIGTERM', () => process.exit(0));
