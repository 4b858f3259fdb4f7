/**
 * One project is named three times: by the source, by `remote` and by `exposures`. Where they do not
 * agree, ids would go to another project or region without anybody noticing.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PostHogDefinitionSource,
  PostHogExposureSender,
  PostHogRemoteEvaluator,
} from '../lib/index.js';
import type { DefinitionSource, ExposureSink, RemoteEvaluator } from '../lib/index.js';
import { closeApps, startApp } from './request/platforms.js';
import { KeptLog } from './support/kept-log.js';
import { MutableSource } from './support/mutable-source.js';
import { definitionsOf, on } from './support/flag-definitions.js';

const eu = 'https://eu.i.posthog.com';
const us = 'https://us.i.posthog.com';
const projectApiKey = 'phc_thisProjectAndNoOther';
const otherKey = 'phc_theOtherProject';

afterEach(closeApps);

/** A source with the identity of a project, which asks nobody. */
function sourceOf(host: string | undefined, key = projectApiKey): DefinitionSource {
  const given = {
    ...(host !== undefined && { host }),
    projectApiKey: key,
    secretKey: 'phs_secret',
  };
  const { description, identity } = new PostHogDefinitionSource(given);
  return Object.assign(new MutableSource(definitionsOf(on('on'))), { description, identity });
}

interface Ends {
  readonly source: DefinitionSource;
  readonly remote: RemoteEvaluator;
  readonly exposures: ExposureSink;
}

async function logOf(ends: Ends): Promise<KeptLog> {
  const logger = new KeptLog();
  await startApp('Express', {
    definitions: definitionsOf(),
    options: { ...ends, cache: 'memory:', logger },
  });
  return logger;
}

/** What the log warns of, by the option. */
function doubts({ warned }: KeptLog): readonly string[] {
  return warned.filter((line) => line.startsWith('The definitions '));
}

describe('an app whose source is in another region than its other ends', () => {
  it('names both hosts at start, once for each end, and no key', async () => {
    const log = await logOf({
      source: sourceOf(eu),
      remote: new PostHogRemoteEvaluator({ projectApiKey }),
      exposures: new PostHogExposureSender({ projectApiKey }),
    });
    expect(doubts(log).toSorted()).toEqual([
      expect.stringMatching(
        /come from https:\/\/eu\.\S+, .* exposures leads to PostHog at https:\/\/us\./,
      ),
      expect.stringMatching(/come from https:\/\/eu\.\S+, .* remote leads to https:\/\/us\./),
    ]);
    expect([...log.warned, ...log.logged].join()).not.toContain('phc_');
  });
});

describe('an app whose ends have the keys of other projects', () => {
  it('says so at start, and prints none of the keys', async () => {
    const log = await logOf({
      source: sourceOf(us),
      remote: new PostHogRemoteEvaluator({ projectApiKey: otherKey }),
      exposures: new PostHogExposureSender({ projectApiKey: otherKey }),
    });
    expect(doubts(log).toSorted()).toEqual([
      expect.stringMatching(
        /option exposures has the projectApiKey of another, both at https:\/\/us\./,
      ),
      expect.stringMatching(
        /option remote has the projectApiKey of another, both at https:\/\/us\./,
      ),
    ]);
    expect([...log.warned, ...log.logged].join()).not.toContain('phc_');
  });
});

describe('an app whose ends are of one project, or say nothing of it', () => {
  const silent = { description: 'mine' };
  it.each<[string, Ends]>([
    [
      'one host written in two ways',
      {
        source: sourceOf('https://eu.posthog.com/'),
        remote: new PostHogRemoteEvaluator({ host: eu, projectApiKey: ` ${projectApiKey} ` }),
        exposures: new PostHogExposureSender({ host: eu, projectApiKey }),
      },
    ],
    [
      'a source without a project',
      {
        source: new MutableSource(definitionsOf(on('on'))),
        remote: new PostHogRemoteEvaluator({ projectApiKey }),
        exposures: new PostHogExposureSender({ projectApiKey }),
      },
    ],
    [
      'ends that are the app’s own',
      {
        source: sourceOf(eu),
        remote: {
          ...silent,
          evaluate: async () => ({ kind: 'flags', flags: new Map(), isComplete: true }),
        },
        exposures: { ...silent, send: () => undefined },
      },
    ],
  ])('%s: says where they lead, and warns of nothing', async (_name, ends) => {
    const log = await logOf(ends);
    expect(doubts(log)).toEqual([]);
    expect(log.logged).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`are asked of ${ends.remote.description}, which gets the id`),
        expect.stringContaining(`Exposures go to ${ends.exposures.description}, up to 100 at once`),
      ]),
    );
  });
});
