import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = [
  process.env['CADRE_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where the browser is; undefined, with the reason on standard error, when there is none. */
export function findChromium(): string | undefined {
  const found = PLACES.find((place) => place !== undefined && existsSync(place));
  if (found !== undefined) {
    if (!existsSync(resolve(import.meta.dirname, '..', '..', 'console', 'dist', 'index.html')))
      throw new Error('console/dist is missing; `npm test` builds it');
    return found;
  }
  const reason = 'no chromium is installed: apt-get install chromium, or set CADRE_CHROMIUM';
  if (process.env['CI']) throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  return undefined;
}

export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/** A page of the console, driven as a person would, with everything that its browser complained about. */
export class ConsolePage {
  readonly page: Page;
  /** Errors and warnings of the browser, violations of the content policy among them. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.complaints.push(message.text());
    });
  }

  /** A page of a browser profile of its own. */
  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<ConsolePage> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    const opened = new ConsolePage(await context.newPage());
    await opened.page.goto(url);
    return opened;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** Chooses who answers. */
  async choose(id: string): Promise<void> {
    await this.page.getByLabel('Who answers').click();
    await this.page
      .getByRole('option')
      .filter({ has: this.page.getByText(id, { exact: true }) })
      .click();
  }

  async ask(question: string): Promise<void> {
    await this.page.getByLabel('Question', { exact: true }).fill(question);
    await this.page.keyboard.press('Enter');
  }

  /** The newest question with its answer. */
  get turn() {
    return this.page.getByTestId('turn').last();
  }

  get answer() {
    return this.turn.getByTestId('answer');
  }

  /** The panel beside the conversation. */
  get life() {
    return this.page.getByRole('complementary').getByTestId('life');
  }

  /** Waits until the newest answer has the state. */
  async waitForState(state: 'running' | 'done' | 'failed' | 'stopped'): Promise<void> {
    await this.page
      .locator(`[data-testid="turn"]:last-child[data-state="${state}"]`)
      .waitFor({ timeout: 60_000 });
  }
}
