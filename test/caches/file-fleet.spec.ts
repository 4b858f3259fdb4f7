/**
 * The module with `cache: 'file:///…'`, whole: several apps and real posthog-node clients, a folder,
 * a server with PostHog's endpoint. One fetches, all know; and an app that starts again has flags.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileCache } from '../../lib/caches-file.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { isOn, sharingClient, type SharingClient } from '../support/posthog-node-client.js';
import { documentOf } from '../support/scripted-source.js';
import { SharingApps, expectAllToHave } from '../support/sharing-app.js';

let server: DefinitionsServer;
let apps: SharingApps;
let home: string;
let url: string;
const clients: SharingClient[] = [];

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
  apps = new SharingApps(server);
  home = mkdtempSync(join(tmpdir(), 'flags-file-fleet-'));
  url = `${pathToFileURL(join(home, 'flags')).href}?key=shop`;
});

afterEach(async () => {
  await apps.close();
  await Promise.all(clients.splice(0).map(({ client }) => client.shutdown(10_000)));
  await server.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const fetches = (): number => server.definitionRequests.length;

describe('apps that share a folder', () => {
  it('fetch once when they start together, and say at start where they share', async () => {
    const fleet = await Promise.all(Array.from({ length: 5 }, () => apps.start(url)));
    await expectAllToHave(fleet, 'a');
    expect(fetches()).toBe(1);
    expect(new Set(fleet.map(({ flags }) => flags.status().revision)).size).toBe(1);
    const told = JSON.stringify(fleet[0]!.log);
    expect(told).toContain(`the folder ${join(home, 'flags')} (key shop:`);
    expect(told).toContain('one instance fetches for all, changes are pushed');
  });

  it('bring a change to all by notice, long before the next look, whoever fetched it', async () => {
    const rarely = { intervalMs: 600_000, checkMs: 300_000 };
    const often = { intervalMs: 600_000, checkMs: 500 };
    const fleet = [
      await apps.start(url, rarely),
      await apps.start(fileCache(join(home, 'flags'), { key: 'shop' }), often),
      await apps.start(url, rarely),
    ];
    await expectAllToHave(fleet, 'a');
    server.definitions = documentOf(['b']);
    await fleet[1]!.flags.refresh();
    await expectAllToHave(fleet, 'b');
    expect(fetches()).toBe(2);
  });

  it('have flags from the folder when they start again, though PostHog is away', async () => {
    const first = await apps.start(url);
    await expectAllToHave([first], 'a');
    await first.close();
    server.intercept = async () => ({ status: 503 });
    const again = await apps.start(url);
    await expectAllToHave([again], 'a');
    expect(again.flags.status()).toMatchObject({ state: 'fresh' });
  });

  it('go on when the folder is removed under them, and share again', async () => {
    const fleet = [
      await apps.start(url, { intervalMs: 1_000, checkMs: 100 }),
      await apps.start(url, { intervalMs: 1_000, checkMs: 100 }),
    ];
    await expectAllToHave(fleet, 'a');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    for (const { flags } of fleet) {
      expect(flags.local.isEnabled('a', { distinctId: 'x' })).toBe(true);
    }
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet, 'b');
    const isOne = (): boolean =>
      new Set(fleet.map(({ flags }) => flags.status().revision)).size === 1;
    expect(await eventually(isOne)).toBe(true);
  });
});

describe('posthog-node clients that share a folder', () => {
  it('fetch once for all, beside an app of the module, and have a change everywhere', async () => {
    const app = await apps.start(url, { intervalMs: 500, checkMs: 100 });
    for (let client = 1; client <= 3; client += 1) {
      clients.push(await sharingClient(server, url, 500));
    }
    for (const one of clients) {
      expect(await eventually(async () => (await isOn(one, 'a')) === true)).toBe(true);
    }
    server.definitions = documentOf(['b']);
    for (const one of clients) {
      expect(await eventually(async () => (await isOn(one, 'b')) === true)).toBe(true);
    }
    await expectAllToHave([app], 'b');
    for (const { failures } of clients) expect(failures).toEqual([]);
  });
});
