/**
 * Drives the real user interface of VS Code, as a user would: the palette, trees, Problems, notifications, a webview.
 * Everything waits for what it needs by itself, up to the time that playwright allows; nothing sleeps.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { launchBrowser, type Server, serverUrl, startServer } from '../../scripts/editor-host.mjs';
import { type HostVersion, newestHost } from '../../scripts/install-host.mjs';
import { root } from '../../scripts/processes.mjs';
import { eventually } from './processes.js';

export interface EditorOptions {
  /** Absolute path of the workspace; give it a copy. */
  readonly folder: string;
  /** Absolute paths of unpacked extensions. The checkout, when left out. */
  readonly extensions?: readonly string[];
  /** .vsix files to install. */
  readonly packages?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The newest, when left out. */
  readonly version?: HostVersion;
  /** Added to the environment of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** In pixels of the page; pictures have twice as many. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** A row of a tree as a user sees it. */
export interface Row {
  readonly label: string;
  readonly description: string;
  /** From 1. */
  readonly level: number;
  /** Undefined for a row without children. */
  readonly expanded: boolean | undefined;
  /** Undefined for a row without a checkbox. */
  readonly checked: boolean | undefined;
}

/** A window of VS Code. */
export interface Editor {
  readonly page: Page;
  readonly server: Server;
  /** Runs a command by its full title in the palette: `Volley: Run All Gates`. */
  palette(title: string): Promise<void>;
  /** The titles that the palette offers for a text, in its order; closes it again. */
  paletteTitles(text: string): Promise<readonly string[]>;
  /** The open quick pick: its rows by label, and Enter to accept. */
  readonly quickPick: QuickPick;
  /** Runs a command and clicks a row of the list that it opens; once more where something else took the focus, which closes a list. */
  choose(title: string, label: string): Promise<void>;
  /** Accepts the dialog that asks where to save. Resolves with the text of the file, whose path `find` gives once it is there. */
  saved(find: () => Promise<string | undefined>): Promise<string>;
  /** Opens a container of the activity bar by its title. */
  showContainer(title: string): Promise<void>;
  /** The row whose label is `label`, in the view with this title or in any. */
  treeRow(label: string, view?: string): Locator;
  /** The rows that are in sight, top down. */
  treeRows(view?: string): Promise<readonly Row[]>;
  /** Opens a row that has children and is closed. */
  expand(label: string, view?: string): Promise<void>;
  /** The checkbox of a row: `aria-checked` is its state. */
  checkbox(label: string, view?: string): Locator;
  /** Clicks a checkbox until it is in this state: a click on a row that is just being drawn anew is lost. */
  setChecked(label: string, checked: boolean, view?: string): Promise<void>;
  /** Clicks an action of a row that shows while the mouse is over it. */
  rowAction(label: string, action: string, view?: string): Promise<void>;
  /** Shows Problems; a locator of its rows: files, and below each its findings. */
  problems(): Promise<Locator>;
  /** The notifications in sight. */
  notifications(): Locator;
  /** The item of the status bar whose text or tooltip has this in it. */
  statusBarItem(text: string): Locator;
  /** The document of the webview that is in sight. */
  panelFrame(): FrameLocator;
  /** Opens a file of the workspace by its relative path. */
  openFile(name: string): Promise<void>;
  /** By the name that the theme picker shows. */
  setTheme(name: Theme): Promise<void>;
  /** A row of the Explorer by the name of its file or folder. Show the container "Explorer" first. */
  explorerRow(name: string): Locator;
  /** Opens the context menu of something and clicks an item of it. */
  contextMenu(target: Locator, item: string): Promise<void>;
  /** The names of the tabs, those of the first editor group first. */
  tabs(): Promise<readonly string[]>;
  /** The tab with this name. */
  tab(name: string): Locator;
  /** Process ids of the extension hosts of this window; a reloaded window may have two for a moment. Linux only. */
  extensionHosts(): Promise<readonly number[]>;
  /** Keeps a picture under test-results/screenshots. Resolves with its path. */
  screenshot(name: string): Promise<string>;
  /** Reloads the window: the extension host ends and a new one starts. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface QuickPick {
  row(label: string): Locator;
  /** Sets the checkbox of a row. */
  check(label: string, checked: boolean): Promise<void>;
  isChecked(label: string): Promise<boolean>;
  accept(): Promise<void>;
}

export type Theme = 'Dark Modern' | 'Light Modern' | 'Dark High Contrast' | 'Light High Contrast';

/** What only disturbs a test. */
const testSettings = {
  'git.enabled': false,
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
};

/** Starts a VS Code server and opens a window on `folder`. Close it, or end the process: nothing stays behind. */
export async function openEditor(options: EditorOptions): Promise<Editor> {
  const server = await startServer({
    version: options.version ?? newestHost,
    extensions: options.extensions ?? (options.packages ? [] : [root]),
    packages: options.packages ?? [],
    settings: { ...testSettings, ...options.settings },
    env: options.env ?? {},
  });
  try {
    const browser = await launchBrowser();
    const viewport = options.size ?? { width: 1400, height: 900 };
    const page = await browser.newPage({ viewport, deviceScaleFactor: 2 });
    page.setDefaultTimeout(20_000);
    await page.goto(serverUrl(server, options.folder));
    await workbench(page);
    const close = async () => {
      await browser.close();
      await server.stop();
    };
    return editorOn(page, server, options.folder, close);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function editorOn(page: Page, server: Server, folder: string, close: () => Promise<void>): Editor {
  const palette = paletteOf(page, folder);
  return {
    page,
    server,
    ...palette,
    ...treesOf(page),
    problems: () => problemsOf(page),
    notifications: () =>
      page.locator('.notifications-toasts .notification-list-item, .notifications-center .notification-list-item'),
    statusBarItem: (text) =>
      page.locator('.statusbar-item').filter({ has: page.locator(`:text(${quoted(text)}), [aria-label*=${quoted(text)}]`) }),
    panelFrame: () => page.frameLocator('iframe.webview.ready').frameLocator('#active-frame'),
    showContainer: (title) => showContainer(page, title),
    setTheme: (name) => setTheme(page, palette, name),
    explorerRow: (name) => page.locator(`.explorer-folders-view .monaco-list-row[aria-label^=${quoted(name)}]`),
    contextMenu: async (target, item) => {
      const entry = page.locator(`.monaco-menu .action-label[aria-label^=${quoted(item)}]`);
      for (let attempt = 0; ; attempt += 1) {
        await target.click({ button: 'right' });
        try {
          // By key: a menu does not listen to the mouse until a moment after it opened.
          await entry.hover({ timeout: 3_000 });
          break;
        } catch (error) {
          if (attempt === 4) throw error;
          // A menu that is open does not learn of what appears later, as while a window is starting.
          await page.keyboard.press('Escape');
          await page.locator('.monaco-menu').waitFor({ state: 'hidden' });
        }
      }
      await page.keyboard.press('Enter');
      await page.locator('.monaco-menu').waitFor({ state: 'hidden' });
    },
    tabs: () =>
      page
        .locator('.tabs-container .tab')
        // After the name come its state and its group.
        .evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute('aria-label')?.split(', ')[0] ?? '')),
    tab: (name) => page.locator(`.tabs-container .tab[aria-label^=${quoted(name)}]`),
    extensionHosts: () => extensionHostsOf(server),
    screenshot: async (name) => {
      const file = path.join(root, 'test-results', 'screenshots', `${name}.png`);
      await mkdir(path.dirname(file), { recursive: true });
      await page.screenshot({ path: file });
      return file;
    },
    reload: async () => {
      // Not by the browser, which does not wait until the workbench has written down its state.
      await Promise.all([page.waitForEvent('load'), palette.palette('Developer: Reload Window')]);
      await workbench(page);
    },
    close,
  };
}

/** A click on the container that is open closes it, and a window that is still starting may open it at the same moment. */
async function showContainer(page: Page, title: string): Promise<void> {
  const item = page.locator(`.activitybar .action-item:has(.action-label[aria-label^=${quoted(title)}])`);
  const shown = page.locator(`.activitybar .action-item[aria-selected=true]:has(.action-label[aria-label^=${quoted(title)}])`);
  for (let attempt = 0; ; attempt++) {
    if ((await item.getAttribute('aria-selected')) !== 'true') await item.click();
    try {
      await shown.waitFor({ timeout: 2_000 });
      return;
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

/** Waits until the window can be worked with. */
async function workbench(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
  // The status bar shows the host only when the extension host is connected.
  await page.locator('.statusbar-item#status\\.host').waitFor({ timeout: 60_000 });
}

// ------------------------------------------------------------------------------------------------------ palette and picks

function paletteOf(
  page: Page,
  folder: string,
): Pick<Editor, 'palette' | 'paletteTitles' | 'openFile' | 'quickPick' | 'choose' | 'saved'> {
  const row = (label: string) => page.locator(`${PICK} .monaco-list-row[aria-label^=${quoted(label)}]`);
  const box = (label: string) => row(label).locator('input[type=checkbox], .monaco-checkbox').first();
  const palette = async (title: string) => {
    for (let attempt = 0; ; attempt++) {
      await openPick(page, 'F1', `>${title}`);
      try {
        // The label of a row may go on with the command's shortcut and with "recently used".
        await row(title).first().click({ timeout: 3_000 });
        return;
      } catch (error) {
        if (attempt === 4) throw error;
        // An open palette does not learn of commands that appear later, as while a window is starting.
        await page.keyboard.press('Escape');
      }
    }
  };
  return {
    palette,
    choose: (title, label) =>
      eventually(`${label} of ${title}`, async () => {
        await palette(title);
        const clicked = row(label).first().click({ timeout: 5_000 });
        return clicked.then(
          () => true,
          () => false,
        );
      }),
    saved: async (find) => {
      let text = '';
      await page.locator(`${PICK}:visible`).waitFor();
      await eventually('a file that is whole', async () => {
        const file = await find();
        if (file === undefined) await page.keyboard.press('Enter');
        // It is there before anything is in it.
        else text = await readFile(file, 'utf8');
        return text !== '';
      });
      return text;
    },
    paletteTitles: async (text) => {
      await openPick(page, 'F1', `>${text}`);
      await page.locator(`${PICK} .monaco-list-row`).first().waitFor();
      const titles = await page
        .locator(`${PICK} .monaco-list-row .quick-input-list-row:first-child .monaco-icon-name-container`)
        .allTextContents();
      await page.keyboard.press('Escape');
      return titles;
    },
    openFile: async (name) => {
      // A whole path needs no search, which the oldest server cannot do: its ripgrep is not on npm.
      await openPick(page, 'Control+P', path.posix.join(folder, name));
      await row(path.posix.basename(name)).first().click();
      await page.locator(`.tab[aria-label^=${quoted(path.posix.basename(name))}]`).waitFor();
    },
    quickPick: {
      row,
      check: (label, checked) => box(label).setChecked(checked),
      isChecked: (label) => box(label).isChecked(),
      // In the input: on a checkbox, the key would change it.
      accept: () => page.locator(`${PICK} .quick-input-box input`).press('Enter'),
    },
  };
}

const PICK = '.quick-input-widget';

/**
 * Opens a quick input by a key and types into it. The key goes unheard while a window is still starting, and the input closes
 * again when a view that is just opening takes the focus.
 */
async function openPick(page: Page, key: string, text: string): Promise<void> {
  const input = page.locator(`${PICK} .quick-input-box input`);
  for (let attempt = 0; ; attempt++) {
    await page.keyboard.press(key);
    try {
      await input.waitFor({ timeout: 2_000 });
      await input.fill(text, { timeout: 2_000 });
      return;
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

/** The class that the window has in each theme. */
const themeClasses: Readonly<Record<Theme, string>> = {
  'Dark Modern': 'vs-dark',
  'Light Modern': 'vs',
  'Dark High Contrast': 'hc-black',
  'Light High Contrast': 'hc-light',
};

async function setTheme(page: Page, { palette, quickPick }: Pick<Editor, 'palette' | 'quickPick'>, name: Theme): Promise<void> {
  await palette('Preferences: Color Theme');
  await page.locator(`${PICK} .quick-input-box input`).fill(name);
  await quickPick.row(name).first().click();
  await page.locator(`.monaco-workbench.${themeClasses[name]}`).waitFor();
}

// ------------------------------------------------------------------------------------------------------------------ trees

const ROW = '.monaco-list-row[role=treeitem]';

function treesOf(page: Page): Pick<Editor, 'treeRow' | 'treeRows' | 'expand' | 'checkbox' | 'setChecked' | 'rowAction'> {
  const rows = (view?: string) =>
    view === undefined
      ? page.locator(`.sidebar ${ROW}`)
      : // What stands beside the title of a view is part of its label.
        page.locator(
          `.pane:has(> .pane-header:is([aria-label^=${quoted(`${view} Section`)}], [aria-label^=${quoted(`${view} - `)}])) ${ROW}`,
        );
  const treeRow = (label: string, view?: string) =>
    rows(view).filter({ has: page.locator('.label-name', { hasText: new RegExp(`^${escaped(label)}$`) }) });
  const checkbox = (label: string, view?: string) => treeRow(label, view).locator('.custom-view-tree-node-item-checkbox');
  return {
    treeRow,
    treeRows: async (view) => Promise.all((await rows(view).all()).map(readRow)),
    checkbox,
    setChecked: async (label, checked, view) => {
      const wanted = treeRow(label, view).locator(`.custom-view-tree-node-item-checkbox[aria-checked=${checked}]`);
      for (let attempt = 0; ; attempt++) {
        if ((await checkbox(label, view).getAttribute('aria-checked')) !== String(checked)) await checkbox(label, view).click();
        try {
          await wanted.waitFor({ timeout: 3_000 });
          return;
        } catch (error) {
          if (attempt === 4) throw error;
        }
      }
    },
    expand: async (label, view) => {
      const row = treeRow(label, view);
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
    },
    rowAction: async (label, action, view) => {
      const row = treeRow(label, view);
      await row.hover();
      await row.locator(`.actions .action-label[aria-label^=${quoted(action)}]`).click();
    },
  };
}

async function readRow(row: Locator): Promise<Row> {
  const [expanded, level, label, description, checked] = await row.evaluate((element) => [
    element.getAttribute('aria-expanded'),
    element.getAttribute('aria-level'),
    element.querySelector('.label-name')?.textContent,
    element.querySelector('.label-description')?.textContent,
    element.querySelector('.custom-view-tree-node-item-checkbox')?.getAttribute('aria-checked'),
  ]);
  return {
    label: label ?? '',
    description: description ?? '',
    level: Number(level),
    expanded: state(expanded),
    checked: state(checked),
  };
}

/** What an ARIA attribute says; undefined where it is missing. */
function state(attribute: string | null | undefined): boolean | undefined {
  return attribute === null || attribute === undefined ? undefined : attribute === 'true';
}

// --------------------------------------------------------------------------------------------------------------- problems

async function problemsOf(page: Page): Promise<Locator> {
  const panel = page.locator('.markers-panel');
  if (!(await panel.isVisible())) await page.locator('#status\\.problems').click();
  await panel.waitFor();
  return panel.locator('.monaco-list-row');
}

// --------------------------------------------------------------------------------------------------------------- processes

/** Known by their environment: temporary files of all processes of a server go to its data folder. */
async function extensionHostsOf(server: Server): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const isHost = async (pid: string) => {
    // The process may end while it is looked at.
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    return (
      (await read('cmdline')).includes('--type=extensionHost') &&
      (await read('environ')).includes(`TMPDIR=${server.dataFolder}\0`)
    );
  };
  const found = await Promise.all(pids.map(isHost));
  return pids.filter((_, index) => found[index]).map(Number);
}

/** A string for an attribute selector. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
