/**
 * The page about DynamoDB says what is so: its command makes a table that suffices, its policy
 * names what is used and no more, its table names the items that are there.
 */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { dynamodbCache } from '../../lib/caches-dynamodb.js';
import { createTableCommand, dynamodbActions } from '../../lib/caches/dynamodb/dynamodb-fault.js';
import { PIECE_BYTES } from '../../lib/caches/dynamodb/dynamodb-bodies.js';
import { defaultDynamodbNames } from '../../lib/caches/dynamodb/dynamodb-names.js';
import { DefinitionsServer } from '../support/definitions-server.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { documentOf } from '../support/scripted-source.js';
import { expectAllToHave, SharingApps } from '../support/sharing-app.js';

const page = readFileSync('docs/caches/dynamodb.md', 'utf8');
const table = 'feature-flags';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

describe('docs/caches/dynamodb.md', () => {
  it('names the actions that are used, and no other; and the items that are there', async () => {
    const dynamodb = await DynamodbServer.start();
    closing.push(() => dynamodb.close());
    await dynamodb.createTable(table);
    const server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
    closing.push(() => server.close());
    const apps = new SharingApps(server);
    closing.push(() => apps.close());
    const cache = dynamodbCache(dynamodb.client, { table, key: 'shop' });
    const times = { intervalMs: 1_000, checkMs: 200, cacheTimeoutMs: 10_000 };
    const fleet = [await apps.start(cache, times), await apps.start(cache, times)];
    server.definitions = documentOf(['b']);
    await expectAllToHave(fleet, 'b');
    await fleet[1]!.close();

    const used = [...new Set(dynamodb.asked)].map((name) => `dynamodb:${name}`);
    expect(used.toSorted()).toEqual([...dynamodbActions].toSorted());
    const listed = [...page.matchAll(/["'](dynamodb:[A-Z][A-Za-z]+)["'](?!: \[)/g)];
    expect([...new Set(listed.map(([, action = '']) => action))].toSorted()).toEqual(
      used.toSorted(),
    );

    const partitions = await dynamodb.partitions(table);
    expect(partitions).toEqual([expect.stringMatching(/^flags:v1:shop:[0-9a-f]{16}$/)]);
    const items = await dynamodb.items(table, partitions[0]!);
    const kinds = [...items.keys()].map((name) =>
      name
        .replace(/#\d{13,}/, '#<revision>')
        .replace(/#\d+$/, '#<n>')
        .replace(/#[0-9a-f-]{36}$/, '#<instance>'),
    );
    expect(new Set(kinds).size).toBe(4);
    for (const kind of new Set(kinds)) expect(page).toContain(`| \`${kind}\``);
  });

  it('makes the table as an error says it is made', () => {
    expect(page).toContain(createTableCommand({ table, names: defaultDynamodbNames }));
    expect(page).toContain(`AttributeName=${defaultDynamodbNames.ttlAttribute}`);
    expect(page).toContain(`${PIECE_BYTES.toLocaleString('en')} bytes`);
  });

  it('has added up what a fleet of 100 costs', () => {
    const perHour = 3_600_000;
    const looks = (checkMs: number) => (100 * perHour) / checkMs;
    const refreshes = perHour / 30_000;
    // A list of 100 members of 130 bytes, not consistent: half a unit for each 4 kB.
    const list = Math.ceil((100 * 130) / 4_096) / 2;
    const refreshReads = refreshes * (1 + list);
    const writes = 100 * 60 + 2 * refreshes;
    for (const units of [looks(5_000) + refreshReads, looks(30_000) + refreshReads, writes]) {
      expect(page).toContain(units.toLocaleString('en'));
    }
  });
});
