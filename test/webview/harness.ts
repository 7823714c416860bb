/** The real bundle of the panel in a real browser, with an editor that the test plays. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../scripts/editor-host.mjs';
import { type HtmlAssets, type HtmlReport, renderHtml } from '../../src/core/report/html.js';
import type { FromWebview, PanelMemory, ToWebview } from '../../src/protocol.js';
import { THEMES, type ThemeName, themeStyle } from './themes.js';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** Builds script and style as the extension does, in memory. */
export async function buildAssets(): Promise<HtmlAssets> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: { webview: 'src/webview/main.ts', 'webview-style': 'src/webview/style.css' },
    outdir: 'out',
    bundle: true,
    write: false,
    platform: 'browser',
    target: 'es2023',
    format: 'iife',
    logLevel: 'silent',
  });
  const text = (name: string): string => result.outputFiles.find((file) => file.path.endsWith(name))?.text ?? '';
  return { script: text('webview.js'), style: text('webview-style.css') };
}

export interface PanelOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What an earlier webview left behind. */
  readonly memory?: unknown;
}

export interface Panel {
  readonly page: Page;
  send(message: ToWebview): Promise<void>;
  /** What the panel said to the editor so far. */
  sent(): Promise<readonly FromWebview[]>;
  memory(): Promise<PanelMemory | undefined>;
  /** Everything that went wrong in the page: exceptions, refused styles and scripts, failed requests. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

const NONCE = 'abc123';

/** Opens the panel as a webview with the policy that the extension gives it. */
export async function openPanel(browser: Browser, assets: HtmlAssets, options: PanelOptions = {}): Promise<Panel> {
  const theme = options.theme ?? 'dark';
  const { page, problems } = await openPage(browser, options);
  await page.setContent(`<!DOCTYPE html><html lang="en"><head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${NONCE}'; style-src 'nonce-${NONCE}'">
<style nonce="${NONCE}">${themeStyle(theme)}</style><style nonce="${NONCE}">${assets.style}</style></head>
<body class="${THEMES[theme].bodyClass}">
<script nonce="${NONCE}">window.sent = []; window.remembered = ${JSON.stringify(options.memory ?? null)} ?? undefined;
window.acquireVsCodeApi = () => ({ postMessage: (message) => window.sent.push(message), getState: () => window.remembered,
  setState: (state) => { window.remembered = structuredClone(state); } });</script>
<script nonce="${NONCE}">${assets.script.replaceAll('</script', '<\\/script')}</script></body></html>`);
  return {
    page,
    problems,
    send: (message) =>
      page
        .evaluate((data) => window.dispatchEvent(new MessageEvent('message', { data })), message as unknown as object)
        .then(() => frames(page)),
    sent: () => page.evaluate(() => (window as unknown as { sent: FromWebview[] }).sent),
    memory: () => page.evaluate(() => (window as unknown as { remembered: PanelMemory | undefined }).remembered),
    close: () => page.close(),
  };
}

export interface Panels {
  /** Opens one, which is closed when its test has ended: until then nothing may have gone wrong on its page. */
  open(options?: PanelOptions): Promise<Panel>;
  /** For what is no panel; there from the first test on. */
  browser(): Browser;
  assets(): HtmlAssets;
}

/** Called in a suite: one browser and one build for all of its tests. */
export function panelsOfSuite(): Panels {
  let browser: Browser;
  let assets: HtmlAssets;
  const open: Panel[] = [];
  before(async () => {
    assets = await buildAssets();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    for (const panel of open.splice(0)) {
      assert.deepEqual(panel.problems, []);
      await panel.close();
    }
  });
  return {
    async open(options) {
      const opened = await openPanel(browser, assets, options);
      open.push(opened);
      return opened;
    },
    browser: () => browser,
    assets: () => assets,
  };
}

/** Opens a standalone report. */
export async function openReport(
  browser: Browser,
  report: HtmlReport,
  assets: HtmlAssets,
  options: PanelOptions = {},
): Promise<{ readonly page: Page; readonly problems: readonly string[] }> {
  const opened = await openPage(browser, options);
  await opened.page.setContent(renderHtml(report, assets));
  await frames(opened.page);
  return opened;
}

async function openPage(
  browser: Browser,
  { width = 1200, height = 900 }: PanelOptions,
): Promise<{ readonly page: Page; readonly problems: string[] }> {
  const page = await browser.newPage({ viewport: { width, height } });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('request', (request) => problems.push(`request: ${request.url()}`));
  return { page, problems };
}

/** Resolves after what was received has been drawn. */
export async function frames(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}
