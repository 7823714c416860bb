import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  COMMANDS,
  CONTEXT,
  FAILURE_MODE_TEXTS,
  FAILURE_MODES,
  PANEL,
  ROW_COMMANDS,
  SETTING_DEFAULTS,
  SHOW_PANEL,
  VIEWS,
} from '../src/vscode/names.js';

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}
interface Setting {
  readonly default: unknown;
  readonly scope: string;
  readonly markdownDescription: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly enumItemLabels?: readonly string[];
}
interface Manifest {
  readonly icon: string;
  readonly main: string;
  readonly extensionKind: readonly string[];
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: unknown; readonly description: string };
    readonly virtualWorkspaces: { readonly supported: unknown; readonly description: string };
  };
  readonly contributes: {
    readonly viewsContainers: {
      readonly activitybar: readonly { readonly id: string; readonly title: string; readonly icon: string }[];
    };
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly name: string; readonly icon: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly enablement?: string;
    }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
  };
}

const root = path.resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const { commands, menus, views, viewsWelcome, viewsContainers, configuration } = manifest.contributes;
const viewIds: readonly string[] = Object.values(VIEWS);
const enablement = (id: string) => commands.find(({ command }) => command === id)?.enablement ?? '';

describe('package.json', () => {
  it('has exactly the commands that the code registers', () => {
    assert.deepEqual(commands.map(({ command }) => command).sort(), [...COMMANDS].sort());
  });

  it('titles every command under Volley', () => {
    for (const { command, title, category } of commands) {
      assert.equal(category, 'Volley', command);
      assert.match(title, /^[A-Z]/, command);
    }
    const titles = commands.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
    const promised = [
      'Run All Gates',
      'Run Gates…',
      'Run Checked Gates',
      'Run Gates on Selected Files',
      'Run Gates on Changed Files',
      'Inspect Selected Files',
      'Run Gates for New Findings Only',
      'Run Gate without Cache',
      'Re-run Failed Gates',
      'Cancel Run',
      'Show Timing Panel',
      'Show Output of Gate',
      'Verify Speedup',
      'Tune Concurrency',
      'Watch',
      'Fix',
      'Undo Fix',
      'New Batch from Template…',
      'Analyse for Parallelism…',
      'Open Batch of Analysis',
      'Save Optimisation Report…',
      'Export Report…',
      'Show Trends',
      'Compare Selected Runs',
      'Refresh Gates',
      'Show Log',
    ];
    assert.deepEqual(
      promised.filter((title) => !titles.includes(title)),
      [],
    );
  });

  it('enables every command only when it can work, and all that execute only in a trusted workspace', () => {
    const always = ['volley.showLog'];
    assert.deepEqual(
      commands.filter(({ enablement }) => !enablement).map(({ command }) => command),
      always,
    );
    const executing = COMMANDS.filter((id) => /\.(run|rerun|verify|tune|refresh|watch|fix)/.test(id));
    assert.equal(executing.length, 20);
    for (const id of executing) assert.match(enablement(id), /\bisWorkspaceTrusted\b/, id);
    assert.equal(enablement('volley.cancel'), CONTEXT.running);
    assert.equal(enablement('volley.stopWatching'), CONTEXT.watching);
    assert.match(enablement('volley.rerunFailed'), new RegExp(`!${CONTEXT.nothingFailed}`));
    assert.match(enablement('volley.showOutput'), new RegExp(`isWorkspaceTrusted .*!${CONTEXT.nothingRan}`));
    const choosing = executing.filter(
      (id) => !/\.(runGate|runGateAnyway|fixGate|refresh|runBatch|runBatchWith|verifyBatch|tuneBatch|tuneFiles)$/.test(id),
    );
    for (const id of choosing) assert.match(enablement(id), new RegExp(`!${CONTEXT.nothingAvailable}`), id);
  });

  it('offers to cancel a gate only while it can be cancelled by itself', () => {
    const items = menus['view/item/context']?.filter(({ command }) => command === 'volley.cancelGate') ?? [];
    assert.ok(items.length > 0);
    for (const { when = '' } of items) {
      const pattern = new RegExp(/viewItem =~ \/(.*)\/$/.exec(when)?.[1] ?? 'none');
      assert.ok(pattern.test('gate available active ran'));
      assert.ok(!pattern.test('gate available measured ran'));
    }
  });

  it('hides from the palette exactly the commands that need a row of a tree', () => {
    const hidden = menus['commandPalette']?.filter(({ when }) => when === 'false').map(({ command }) => command);
    assert.deepEqual(hidden?.sort(), [...ROW_COMMANDS].sort());
  });

  it('offers only known commands in menus, in known views', () => {
    for (const [menu, items] of Object.entries(menus)) {
      for (const { command, when = '' } of items) {
        assert.ok((COMMANDS as readonly string[]).includes(command), `${menu}: ${command}`);
        for (const [, view = ''] of when.matchAll(/\bview == ([\w.]+)/g)) assert.ok(viewIds.includes(view), `${menu}: ${view}`);
      }
    }
  });

  it('offers files to Volley from the Explorer, from a tab and from an editor', () => {
    for (const menu of ['explorer/context', 'editor/title/context', 'editor/title']) {
      const offered = menus[menu]?.map(({ command }) => command) ?? [];
      assert.deepEqual(
        offered.filter((command) => command !== 'volley.runBatch' && command !== 'volley.exportReport').sort(),
        menu === 'editor/title'
          ? ['volley.addFiles', 'volley.runSelected']
          : ['volley.addFiles', 'volley.inspectSelected', 'volley.runSelected'],
        menu,
      );
    }
  });

  it('exports the run of a row, of the panel, and from the palette', () => {
    const clauses = Object.entries(menus).flatMap(([menu, items]) =>
      items.filter(({ command }) => command === 'volley.exportReport').map(({ when = '' }) => [menu, when] as const),
    );
    assert.deepEqual(clauses.map(([menu]) => menu).sort(), ['editor/title', 'view/item/context', 'webview/context']);
    for (const [menu, when] of clauses.filter(([menu]) => menu !== 'view/item/context'))
      assert.ok(when.endsWith(`== ${PANEL}`), menu);
    const rows = new RegExp(
      /viewItem =~ \/(.*)\/$/.exec(clauses.find(([menu]) => menu === 'view/item/context')?.[1] ?? '')?.[1] ?? 'none',
    );
    assert.deepEqual(
      ['run', 'run inspection', 'verification', 'live', 'operation ran', 'operation'].map((row) => rows.test(row)),
      [true, true, true, false, false, false],
    );
  });

  it('uses exactly the context keys that the code sets', () => {
    const clauses = [
      ...commands.map(({ enablement }) => enablement ?? ''),
      ...Object.values(menus).flatMap((items) => items.map(({ when }) => when ?? '')),
      ...viewsWelcome.map(({ when }) => when),
    ];
    const used = new Set(
      clauses.flatMap((clause) => clause.match(/\bvolley\.\w+/g) ?? []).filter((key) => !viewIds.includes(key) && key !== PANEL),
    );
    assert.deepEqual([...used].sort(), Object.values(CONTEXT).sort());
  });

  it('has exactly the views that the code fills', () => {
    const [container] = viewsContainers.activitybar;
    assert.equal(viewsContainers.activitybar.length, 1);
    assert.equal(container?.title, 'Volley');
    assert.deepEqual(Object.keys(views), [container?.id]);
    assert.deepEqual(
      views[container?.id ?? '']?.map(({ id }) => id),
      viewIds,
    );
  });

  it('welcomes in every view where there is no folder and in Restricted Mode, with a way on', () => {
    for (const view of viewIds) {
      const own = viewsWelcome.filter((content) => content.view === view);
      assert.ok(
        own.some(({ when }) => when === 'workspaceFolderCount == 0'),
        view,
      );
      const restricted = own.find(({ when }) => when.includes('!isWorkspaceTrusted'));
      assert.match(restricted?.contents ?? '', /\]\(command:workbench\.trust\.manage\)/, view);
    }
    const nothing = viewsWelcome.find(({ view, when }) => view === VIEWS.gates && / volley\.nothingDetected/.test(when));
    assert.match(nothing?.contents ?? '', /\]\(command:volley\.refresh\)/);
  });

  it('links only to known commands in welcome content', () => {
    const links = viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id ?? ''),
    );
    const foreign = ['vscode.openFolder', 'workbench.trust.manage'];
    for (const id of links) assert.ok([...COMMANDS, ...foreign].includes(id), id);
  });

  it('has exactly the settings that the code reads, with the same defaults', () => {
    const defaults = Object.fromEntries(Object.entries(configuration.properties).map(([key, setting]) => [key, setting.default]));
    const expected = Object.fromEntries(Object.entries(SETTING_DEFAULTS).map(([key, value]) => [`volley.${key}`, value]));
    assert.deepEqual(defaults, expected);
    for (const [key, setting] of Object.entries(configuration.properties)) {
      assert.ok(setting.markdownDescription.length > 20, key);
      assert.equal(setting.scope, 'window', key);
      assert.equal(setting.enumDescriptions?.length, setting.enum?.length, key);
    }
    assert.deepEqual(configuration.properties['volley.showPanelOnRun']?.enum, [...SHOW_PANEL]);
    const { enum: modes, enumItemLabels, enumDescriptions } = configuration.properties['volley.onFailure'] ?? {};
    assert.deepEqual(modes, [...FAILURE_MODES]);
    const texts = FAILURE_MODES.map((mode) => FAILURE_MODE_TEXTS[mode]);
    assert.deepEqual(
      enumItemLabels,
      texts.map(({ label }) => label),
    );
    assert.deepEqual(
      enumDescriptions,
      texts.map(({ detail }) => detail),
    );
  });

  it('activates only when something of Volley is used', () => {
    // Views and commands activate by themselves; a restored panel does not, and a batch that is opened is a file like any other.
    assert.deepEqual(manifest.activationEvents, [`onWebviewPanel:${PANEL}`, 'onLanguage:jsonc']);
  });

  it('is limited in Restricted Mode, refuses virtual workspaces and runs where the files are', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.ok(untrustedWorkspaces.description);
    assert.equal(virtualWorkspaces.supported, false);
    assert.ok(virtualWorkspaces.description);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
  });

  it('names pictures that exist', () => {
    const pictures = [
      manifest.icon,
      ...viewsContainers.activitybar.map(({ icon }) => icon),
      ...Object.values(views)
        .flat()
        .map(({ icon }) => icon),
    ];
    for (const picture of pictures) assert.ok(existsSync(path.join(root, picture)), picture);
    assert.match(manifest.icon, /\.png$/, 'an SVG is refused as the icon of an extension');
  });
});
