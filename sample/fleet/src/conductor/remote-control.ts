/** The conductor's HTTP server: PostHog for the instances, and `POST /kill` … for people. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PostHogStub } from '../posthog/posthog-stub.js';
import { Complaint } from './complaint.js';
import { type Action, actions } from './conductor.js';

export class RemoteControl {
  private readonly server: Server;
  /** Does what is asked for; until it is set there is nobody to ask. */
  act: (action: Action) => Promise<string> = async () => 'the fleet is not there yet';

  constructor(stub: PostHogStub) {
    this.server = createServer((request, response) => {
      if (stub.answer(request, response)) return;
      const action = actions.find((name) => request.url === `/${name}`);
      if (action === undefined || request.method !== 'POST') {
        response.writeHead(404).end(`POST one of ${actions.map((name) => `/${name}`).join(' ')}\n`);
        return;
      }
      this.act(action).then(
        (done) => response.end(`${done}\n`),
        (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
      );
    });
  }

  /** @throws Complaint when the port is taken. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(complaintFor(error, port)));
      this.server.listen(port, resolve);
    });
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function complaintFor(error: Error, port: number): Error {
  if (!('code' in error) || error.code !== 'EADDRINUSE') return error;
  return new Complaint(
    `Port ${port} is in use by another program: stop that program, or choose others, e.g. PORT=${port + 100} npm run fleet`,
  );
}
