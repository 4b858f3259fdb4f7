/** The page of the quick start as a person uses it, in a real browser. */
import { chromium } from 'playwright-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../setup/chromium.mjs';

/** Long enough for a slow machine; nothing waits that long when all is well. */
const PATIENCE_MS = 120_000;

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: chromiumArguments });
}

/** What the browser was asked for, and what went wrong in it. */
export interface PageLog {
  readonly requested: string[];
  readonly errors: string[];
}

export class ShopPage {
  readonly log: PageLog = { requested: [], errors: [] };

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('request', (request) => this.log.requested.push(request.url()));
    page.on('pageerror', (error) => this.log.errors.push(error.message));
    page.on('dialog', (dialog) => {
      this.log.errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  static async open(
    browser: Browser,
    url: string,
    options: Parameters<Browser['newPage']>[0] = {},
  ): Promise<ShopPage> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, ...options });
    const shop = new ShopPage(page);
    await page.goto(url);
    await page.locator('.card[data-kind]').first().waitFor();
    return shop;
  }

  /** Chooses one of the people by name and waits until the flags are theirs. */
  async choose(name: string): Promise<void> {
    const answered = this.page.waitForResponse((response) => response.url().endsWith('/api/flags'));
    await this.page.locator('.preset', { hasText: name }).click();
    await answered;
  }

  row(key: string): Locator {
    return this.page.locator(`.flag[data-key="${key}"]`);
  }

  /** What the list shows, by key. */
  async values(): Promise<Record<string, string>> {
    const rows = this.page.locator('.flag');
    const keys = await rows.locator('.flag-key').allTextContents();
    const texts = await rows.locator('.flag-value .badge').allTextContents();
    return Object.fromEntries(keys.map((key, index) => [key, texts[index] ?? '']));
  }

  /** The paths of the routes that have a card. */
  async paths(): Promise<string[]> {
    const cards = await this.page.locator('.card').all();
    const paths = await Promise.all(cards.map((card) => card.getAttribute('data-path')));
    return paths.map((path) => path ?? '');
  }

  get banner(): Locator {
    return this.page.locator('.banner');
  }

  /** Opens a row and gives its body. */
  async why(key: string): Promise<Locator> {
    await this.row(key).locator('> summary').click();
    return this.row(key).locator('.flag-body');
  }
}

/** The flag comes to show this value; fails when it does not in time. */
export async function expectFlag(shown: ShopPage, key: string, value: string): Promise<void> {
  await shown.row(key).locator('.flag-value .badge').getByText(value, { exact: true }).waitFor();
}

/** The card of a route comes to show this verdict; fails when it does not in time. */
export async function expectCard(shown: ShopPage, path: string, verdict: string): Promise<void> {
  const card = shown.page.locator(`.card[data-path="${path}"]`);
  await card.locator('.badge').getByText(verdict, { exact: true }).waitFor();
}
