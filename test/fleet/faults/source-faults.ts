/**
 * What the source answers when it is not well. Each begins in the middle of a fetch and is met
 * again by the next claim, whoever has it.
 */
import { garbage } from '../../simulation/world/content.js';
import type { ScriptedAnswer } from '../../support/definitions-server.js';
import { delay, type RealFleet } from '../real-fleet.js';
import type { Fault } from './fault.js';

const status = (code: number, headers: ScriptedAnswer['headers'] = {}): ScriptedAnswer => ({
  status: code,
  headers,
  body: { type: 'error', detail: 'not now' },
});

async function answering(fleet: RealFleet, answers: readonly ScriptedAnswer[]): Promise<void> {
  let asked = 0;
  fleet.change();
  fleet.source.intercept = async () => {
    asked += 1;
    const answer = answers[asked - 1];
    if (asked === 1) await delay(100);
    return answer;
  };
  await fleet.until('the source is asked again', () => asked >= answers.length);
  fleet.source.intercept = undefined;
}

const twice =
  (answer: ScriptedAnswer): Fault =>
  (fleet) =>
    answering(fleet, [answer, answer]);

export const sourceFaults = {
  unauthorized: twice(status(401)),
  quotaUsedUp: twice(status(402)),
  forbidden: twice(status(403)),
  tooManyRequests: twice(status(429, { 'retry-after': '1' })),
  serverError: twice(status(500)),
  unavailable: twice(status(503)),
  hangs: twice({ fault: 'no-headers' }),
  stopsInTheBody: twice({ fault: 'no-end' }),
  cutInTheBody: twice({ fault: 'cut' }),
  refused: twice({ fault: 'refused' }),
  redirected: twice({ status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' }),
  notModifiedThoughUnasked: twice({ status: 304, body: '' }),

  garbage: async (fleet, random) => {
    const one = (): ScriptedAnswer => ({ body: JSON.stringify(random.pick(garbage)) });
    await answering(fleet, [one(), one(), { body: '{"flags":[{"key":"fir' }]);
  },

  slow: async (fleet) => {
    fleet.source.intercept = async () => {
      await delay(400);
      return undefined;
    };
    fleet.change();
    await fleet.until('all are current all the same', () => fleet.laggards().length === 0);
    fleet.source.intercept = undefined;
  },

  /** One instance after the other cannot reach the source: the others must, for it. */
  refusedToTheLeader: async (fleet) => {
    const { leader } = fleet;
    fleet.change();
    fleet.source.intercept = async ({ headers }) =>
      headers['x-instance'] === leader ? { fault: 'refused' } : undefined;
    await fleet.until('all are current all the same', () => fleet.laggards().length === 0);
    fleet.source.intercept = undefined;
  },
} satisfies Record<string, Fault>;
