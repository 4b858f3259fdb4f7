/**
 * What the quick start shows a person: the real app in a process of its own, the real page in a
 * real browser, and a copy of its flags that the tests edit.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { people } from '../../sample/quickstart/src/people/people.js';
import type { FlagDefinition } from '../../lib/core/definitions/flag-definitions.js';
import { DefinitionsServer } from '../support/definitions-server.js';
import { namelessControls, overflowPx, unreadableTexts } from './page-probes.mjs';
import { expectCard, expectFlag, openBrowser, ShopPage } from './shop-page.js';
import { buildAndStartShop, failToStart, shopFolder, startShop } from './shop-process.js';
import type { Shop } from './shop-process.js';

interface Definitions {
  flags: FlagDefinition[];
  [field: string]: unknown;
}

let folder: string;
let flagsFile: string;
let original: string;
let browser: Browser;
let shop: Shop;
const opened: ShopPage[] = [];
/** What has to be ended, also when the start broke off half-way. */
const closing: (() => Promise<unknown>)[] = [];

const openPage = async (options?: Parameters<typeof ShopPage.open>[2]): Promise<ShopPage> => {
  const page = await ShopPage.open(browser, shop.url, options);
  opened.push(page);
  return page;
};

const edit = async (change: (definitions: Definitions) => void): Promise<void> => {
  const definitions = JSON.parse(original) as Definitions;
  change(definitions);
  await writeFile(flagsFile, JSON.stringify(definitions, undefined, 2));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quickstart-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  flagsFile = join(folder, 'flags.json');
  original = await readFile(join(shopFolder, 'flags.json'), 'utf8');
  await writeFile(flagsFile, original);
  browser = await openBrowser();
  closing.push(() => browser.close());
  shop = await buildAndStartShop({ FLAGS_FILE: flagsFile });
  closing.push(() => shop.stop());
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ page }) => page.close()));
});

afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
});

describe('the console', () => {
  it('names three things to try, and each of them answers', async () => {
    const commands = [...shop.output().matchAll(/curl .*'(http:\S+)'/g)].map(([, url]) => url);
    expect(commands).toHaveLength(3);
    const answers = await Promise.all(commands.map((url) => fetch(url ?? '')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
    expect(await answers[0]?.json()).not.toEqual(await answers[1]?.json());
  });

  it('says how many flags were loaded, and from where', () => {
    expect(shop.output()).toContain(`18 flags loaded from ${flagsFile}`);
  });
});

describe('the page', () => {
  it('lists every flag of the file, and asks nobody but the app', async () => {
    const shown = await openPage();
    const { flags } = JSON.parse(original) as Definitions;
    expect(Object.keys(await shown.values())).toEqual(flags.map(({ key }) => key));
    expect(await shown.page.locator('#status').innerText()).toMatch(/Up to date[\s\S]*flags\.json/);
    expect(shown.log.requested.filter((url) => !url.startsWith(shop.url))).toEqual([]);
    expect(shown.log.errors).toEqual([]);
  });

  it('shows other values to another person', async () => {
    const shown = await openPage();
    await expectFlag(shown, 'new-checkout', 'On');
    await expectFlag(shown, 'homepage-hero', 'classic');
    await shown.choose('Grace');
    await expectFlag(shown, 'new-checkout', 'Off');
    await expectFlag(shown, 'homepage-hero', 'seasonal');
    await shown.choose('Maya');
    await expectFlag(shown, 'homepage-hero', 'holdout-3');
    await expectFlag(shown, 'wholesale-catalogue', 'On');
    await shown.choose('A visitor');
    await expectFlag(shown, 'staff-tools', 'Unresolved');
  });

  it('decides for anybody whose id and properties are typed in', async () => {
    const shown = await openPage();
    await expectFlag(shown, 'express-delivery', 'Off');
    await shown.page.getByLabel('Value of membership').fill('club');
    await expectFlag(shown, 'express-delivery', 'On');
    await shown.page.getByLabel('Remove signed_up_at').click();
    await expectFlag(shown, 'welcome-discount', 'Unresolved');
    await shown.page.getByLabel('Company', { exact: true }).fill('acme');
    await shown.page.getByText('Add a company property').click();
    await shown.page.getByLabel('Name of new company property').fill('plan');
    await shown.page.getByLabel('Value of new company property').fill('wholesale');
    await expectFlag(shown, 'wholesale-catalogue', 'On');
    await shown.page.getByLabel('Distinct id').fill('');
    await expectFlag(shown, 'new-checkout', 'Unresolved');
  });

  it('says why: the conditions, their filters and the bucket against the rollout', async () => {
    const shown = await openPage();
    const why = await shown.why('new-checkout');
    expect(await why.locator('.summary').innerText()).toContain('condition 2 matched');
    const outcomes = await why
      .locator('.condition')
      .evaluateAll((conditions) =>
        conditions.map((condition) => condition.getAttribute('data-outcome')),
      );
    expect(outcomes).toEqual(['no_match', 'match']);
    expect(await why.locator('.filters').first().innerText()).toContain('email contains');
    expect(await why.getByRole('img').getAttribute('aria-label')).toBe(
      'Bucket 16.3 ≤ 40 %: in the rollout',
    );
  });

  it('keeps a flag open while the person changes', async () => {
    const shown = await openPage();
    const why = await shown.why('new-checkout');
    await shown.choose('Grace');
    await why.getByText('Bucket 68.8 > 40 %').waitFor();
    expect(await shown.row('new-checkout').getAttribute('open')).not.toBeNull();
  });

  it('finds flags by name and by value', async () => {
    const shown = await openPage();
    await shown.page.getByLabel('Find a flag').fill('GIFT');
    expect(await shown.page.locator('.flag:visible').count()).toBe(2);
    await shown.page.getByLabel('Find a flag').fill('');
    await shown.page.getByRole('button', { name: /^Unresolved/ }).click();
    expect(await shown.page.locator('.flag:visible .flag-key').allInnerTexts()).toEqual([
      'vip-concierge',
      'remember-basket',
    ]);
  });

  it('can be used with the keyboard alone', async () => {
    const shown = await openPage();
    await shown.page.keyboard.press('Tab');
    expect(await shown.page.locator(':focus').innerText()).toBe('Skip to the flags');
    await shown.page.keyboard.press('Tab');
    await shown.page.keyboard.press('Tab');
    await shown.page.keyboard.press('Enter');
    await expectFlag(shown, 'homepage-hero', 'seasonal');
    await shown.row('new-checkout').locator('> summary').focus();
    await shown.page.keyboard.press('Enter');
    await shown.row('new-checkout').locator('.condition').first().waitFor();
  });

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 360],
  ] as const)('is legible and labelled (%s, %i px wide)', async (colorScheme, width) => {
    const shown = await openPage({ colorScheme, viewport: { width, height: 900 } });
    await shown.choose('Maya');
    await expectFlag(shown, 'homepage-hero', 'holdout-3');
    await shown.why('homepage-hero');
    await shown.why('express-delivery');
    await shown.why('vip-concierge');
    expect(await shown.page.evaluate(unreadableTexts)).toEqual([]);
    expect(await shown.page.evaluate(namelessControls)).toEqual([]);
    expect(await shown.page.evaluate(overflowPx)).toBe(0);
  });
});

describe('the file', () => {
  afterEach(() => writeFile(flagsFile, original));

  it('changes the page by itself when it is edited', async () => {
    const shown = await openPage();
    await shown.choose('Grace');
    await expectFlag(shown, 'new-checkout', 'Off');
    await expectCard(shown, '/gifts', 'Refused 404');
    await edit(({ flags }) => {
      flags[0] = { key: 'new-checkout', active: true, filters: { groups: [{}] } };
      flags.push({ key: 'brand-new', name: 'Added just now', active: false });
    });
    await expectFlag(shown, 'new-checkout', 'On');
    await expectFlag(shown, 'brand-new', 'Off');
    await expectFlag(shown, 'gift-wrapping', 'On');
  });

  it('may break: the page says so calmly and keeps the last good flags', async () => {
    const shown = await openPage();
    const before = await shown.values();
    await writeFile(flagsFile, original.slice(0, -40));
    await shown.banner.getByText('the last good flags stay in use').waitFor();
    expect(await shown.banner.innerText()).toContain(flagsFile);
    expect(await shown.values()).toEqual(before);
    await shown.page.reload();
    await shown.banner.waitFor();
    expect(await shown.values()).toEqual(before);
    await writeFile(flagsFile, original);
    await shown.banner.waitFor({ state: 'detached' });
  });

  it('is input: its names and descriptions are shown as text', async () => {
    const shown = await openPage();
    const attack = '<img src=x onerror="alert(1)">';
    await edit(({ flags }) => {
      const filters = {
        groups: [{ description: attack, properties: [{ key: attack, value: attack }] }],
      };
      flags.push({ key: attack, name: attack, active: true, filters });
    });
    const row = shown.page.locator('.flag').last();
    await row.getByText(attack, { exact: true }).first().waitFor();
    await row.locator('> summary').click();
    await row.getByText(`Condition 1: ${attack}`).waitFor();
    expect(await shown.page.locator('img').count()).toBe(0);
    expect(shown.log.errors).toEqual([]);
  });
});

describe('the routes', () => {
  it.each(people().map(({ name, shopper }) => [name, shopper.distinctId] as const))(
    'answer %s as the page says',
    async (name, id) => {
      const shown = await openPage();
      await shown.choose(name);
      const paths = await shown.paths();
      expect(paths.length).toBeGreaterThan(10);
      for (const path of paths) {
        const { status } = await fetch(`${shop.url}${path}?as=${id}`, { redirect: 'manual' });
        const verdict =
          status === 200 ? 'Served' : status === 302 ? 'To /home' : `Refused ${status}`;
        await expectCard(shown, path, verdict);
      }
    },
  );

  it('open in a new tab for the chosen person', async () => {
    const shown = await openPage();
    await shown.choose('Grace');
    const [tab] = await Promise.all([
      shown.page.waitForEvent('popup'),
      shown.page.locator('.card[data-path="/lounge"] a').click(),
    ]);
    expect(await tab.locator('body').innerText()).toContain('Tasting on Thursday');
  });

  it.each(['nonsense', '%', '[]', '%7B%22distinctId%22%3A5%7D'])(
    'answer a client that sends %j as a person',
    async (sent) => {
      const answer = await fetch(`${shop.url}/checkout`, { headers: { 'x-shopper': sent } });
      expect(answer.status).toBe(200);
    },
  );
});

describe('starting', () => {
  const shops: Shop[] = [];

  afterEach(async () => {
    await Promise.all(shops.splice(0).map((one) => one.stop()));
  });

  it('says in one sentence that the port is taken', async () => {
    const port = new URL(shop.url).port;
    const { exitCode, output } = await failToStart({ PORT: port, FLAGS_FILE: flagsFile });
    expect(exitCode).toBe(1);
    expect(output).toContain(`Port ${port} is in use by another program`);
    expect(output).not.toContain('    at ');
  });

  it('goes on without the file, refuses, and takes the flags when the file comes', async () => {
    const late = join(folder, 'late.json');
    const other = await startShop({ FLAGS_FILE: late });
    shops.push(other);
    expect((await fetch(`${other.url}/lounge?as=grace`)).status).toBe(404);
    const shown = await ShopPage.open(browser, other.url);
    opened.push(shown);
    await shown.banner.getByText('There are no definitions yet').waitFor();
    expect(await shown.banner.innerText()).toContain(late);
    await writeFile(late, original);
    await expectFlag(shown, 'new-checkout', 'On');
    await shown.banner.waitFor({ state: 'detached' });
    expect((await fetch(`${other.url}/lounge?as=grace`)).status).toBe(200);
  });

  it('reads a PostHog project when two environment variables are set', async () => {
    const server = await new DefinitionsServer({
      definitions: JSON.parse(original) as object,
    }).start();
    try {
      const other = await startShop({
        POSTHOG_HOST: server.host,
        POSTHOG_PROJECT_API_KEY: server.projectApiKey,
        POSTHOG_SECRET_KEY: server.secretKey,
      });
      shops.push(other);
      const shown = await ShopPage.open(browser, other.url);
      opened.push(shown);
      await expectFlag(shown, 'homepage-hero', 'classic');
      expect(await shown.page.locator('#status').innerText()).toContain(new URL(server.host).host);
      const [first, ...later] = server.definitionRequests.map(({ status }) => status);
      expect(first).toBe(200);
      expect(later.filter((status) => status !== 304)).toEqual([]);
      expect(other.output()).not.toContain(server.secretKey);
    } finally {
      await server.close();
    }
  });

  it('opens with a key that PostHog refuses, and the page says what to do', async () => {
    const server = await new DefinitionsServer().start();
    try {
      const other = await startShop({
        POSTHOG_HOST: server.host,
        POSTHOG_PROJECT_API_KEY: server.projectApiKey,
        POSTHOG_SECRET_KEY: 'phs_outdated',
      });
      shops.push(other);
      const shown = await ShopPage.open(browser, other.url);
      opened.push(shown);
      await shown.banner.getByText('There are no definitions yet').waitFor();
      expect(await shown.banner.innerText()).toMatch(/401[\s\S]*phs_…/);
      expect(other.output()).not.toContain('phs_outdated');
    } finally {
      await server.close();
    }
  });

  it('says which key is missing when one of the two is set', async () => {
    const { exitCode, output } = await failToStart({ POSTHOG_PROJECT_API_KEY: 'phc_project' });
    expect(exitCode).toBe(1);
    expect(output).toContain('secretKey');
    expect(output).not.toContain('    at ');
  });

  it('ends when it is told to, although a page is open', async () => {
    const other = await startShop({ FLAGS_FILE: flagsFile });
    const shown = await ShopPage.open(browser, other.url);
    opened.push(shown);
    await expectFlag(shown, 'new-checkout', 'On');
    expect([0, null, 143]).toContain(await other.stop());
    await shown.banner.getByText('The app does not answer').waitFor();
  });
});
