/** The timing panel: one webview at most, with a strict content security policy, restored after a reload. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TuningSubject } from '../core/tuning-model.js';
import type { PanelView, ToWebview } from '../protocol.js';
import { batchUriOf } from './batches.js';
import { localFolders } from './editor-host.js';
import { exportInspection } from './inspection-export.js';
import type { CommandId } from './names.js';
import { batchFileOf, batchLabel, PANEL } from './names.js';
import type { OutputDocuments } from './output-document.js';
import { createPanelFeed, type PanelActions, type PanelFeed } from './panel-feed.js';
import { type PanelTarget, parseMemory } from './panel-messages.js';
import type { Session } from './session.js';
import { settingFailed, slotsSetting, useSlots } from './tuning.js';

export interface TimingPanel extends vscode.Disposable {
  /** Whether the user sees it. */
  readonly visible: boolean;
  /** Opens it, or brings it to the front. Without a target it goes on showing what it shows. */
  show(target?: PanelTarget, preserveFocus?: boolean): Promise<void>;
  /** What it shows; undefined when it is closed, or nothing was shown yet. */
  shown(): PanelView | undefined;
  /** What was sent to the webview. */
  readonly onDidPost: vscode.Event<ToWebview>;
}

export interface TimingPanelOptions {
  readonly session: Session;
  readonly outputs: OutputDocuments;
  readonly extensionUri: vscode.Uri;
}

/** Registers what restores the panel; opens none. */
export function createTimingPanel(options: TimingPanelOptions): TimingPanel {
  const { session, outputs, extensionUri } = options;
  const posts = new vscode.EventEmitter<ToWebview>();
  let panel: vscode.WebviewPanel | undefined;
  let feed: PanelFeed | undefined;
  const actions = createActions(
    outputs,
    (target) => void feed?.show(target),
    () => panel?.viewColumn,
  );
  const adopt = (adopted: vscode.WebviewPanel) => {
    // A second one can only come from a reload; the newest wins.
    panel?.dispose();
    panel = adopted;
    const { webview } = adopted;
    const own = createPanelFeed({
      session,
      actions,
      root: () => commonRoot(localFolders().map((folder) => folder.path)),
      trusted: () => vscode.workspace.isTrusted,
      tuning: {
        slots: slotsSetting,
        again: ({ subject }) => void tuneAgain(subject),
        useSlots(slots) {
          useSlots(slots)
            .then(() => own.refresh())
            .catch((error: unknown) => void vscode.window.showErrorMessage(settingFailed(error)));
        },
      },
      post(message) {
        void webview.postMessage(message);
        posts.fire(message);
      },
    });
    feed = own;
    adopted.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, 'media', 'panel-light.svg'),
      dark: vscode.Uri.joinPath(extensionUri, 'media', 'panel-dark.svg'),
    };
    adopted.onDidDispose(() => {
      own.dispose();
      if (panel === adopted) panel = feed = undefined;
    });
    adopted.onDidChangeViewState(() => !adopted.visible && own.hidden());
    webview.options = webviewOptions(extensionUri);
    webview.onDidReceiveMessage((message: unknown) => own.receive(message));
    webview.html = pageOf(webview, extensionUri);
    return own;
  };
  const serializer = vscode.window.registerWebviewPanelSerializer(PANEL, {
    async deserializeWebviewPanel(restored, memory: unknown) {
      await adopt(restored).show(parseMemory(memory));
    },
  });
  const trust = vscode.workspace.onDidGrantWorkspaceTrust(() => feed?.show({ kind: 'latest' }));
  return {
    get visible() {
      return panel?.visible ?? false;
    },
    async show(target, preserveFocus = false) {
      if (panel) panel.reveal(undefined, preserveFocus);
      else {
        const column = preserveFocus ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
        adopt(
          vscode.window.createWebviewPanel(
            PANEL,
            'Volley Timing',
            { viewColumn: column, preserveFocus },
            webviewOptions(extensionUri),
          ),
        );
      }
      if (target) await feed?.show(target);
    },
    shown: () => feed?.shown(),
    onDidPost: posts.event,
    dispose: () => vscode.Disposable.from(posts, serializer, trust, ...(panel ? [panel] : [])).dispose(),
  };
}

/** What paths are shown relative to: the folder, or what lies above all of several, so that their names stay to be read. */
export function commonRoot(folders: readonly string[]): string {
  const [first = '', ...others] = folders;
  const contains = (root: string) =>
    others.every((folder) => {
      const below = path.relative(root, folder);
      return below !== '..' && !below.startsWith(`..${path.sep}`) && !path.isAbsolute(below);
    });
  let root = first;
  while (!contains(root) && path.dirname(root) !== root) root = path.dirname(root);
  return contains(root) ? root : '';
}

function createActions(
  outputs: OutputDocuments,
  show: (target: PanelTarget) => void,
  panelColumn: () => vscode.ViewColumn | undefined,
): PanelActions {
  const command = (id: CommandId, ...args: unknown[]) => void vscode.commands.executeCommand(id, ...args);
  return {
    openFinding({ file, line, column }) {
      const place = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
      const selection = new vscode.Range(place, place);
      void vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file), {
        selection,
        viewColumn: besidePanel(panelColumn()) ?? vscode.ViewColumn.Active,
      });
    },
    openOutput: (run, operation) => void outputs.open(run, operation.id, operation.name),
    openAnswer: (run, copy) => command(copy ? 'volley.copyCombinedAnswer' : 'volley.openCombinedAnswer', run),
    runGate: (operation) => command('volley.runGate', operation),
    runAll: () => command('volley.runAll'),
    verify: () => command('volley.verify'),
    runBatch: (label, measure) => void runBatchAgain(label, measure),
    cancel: () => command('volley.cancel'),
    openFile(file, at) {
      const place = at && new vscode.Position(at.line - 1, at.column - 1);
      // Whoever goes through a table comes back to it, so it is never hidden by what was opened from it.
      const viewColumn = besidePanel(panelColumn()) ?? vscode.ViewColumn.Beside;
      const options = { viewColumn, ...(place ? { selection: new vscode.Range(place, place) } : {}) };
      void vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file), options);
    },
    exportRows(inspection, rows, format) {
      exportInspection(inspection, rows, format).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        void vscode.window.showErrorMessage(`The table could not be exported: ${why}`);
      });
    },
    inspect(files) {
      const uris = files.map((file) => vscode.Uri.file(file));
      command('volley.inspectSelected', uris[0], uris);
    },
    show,
  };
}

async function tuneAgain(subject: TuningSubject): Promise<void> {
  const uri = subject.kind === 'batch' ? await batchUriOf(batchLabel(subject.label, false)) : undefined;
  if (subject.kind === 'gates') await vscode.commands.executeCommand('volley.tune' satisfies CommandId);
  else if (subject.kind === 'files') await vscode.commands.executeCommand('volley.tuneFiles' satisfies CommandId, subject.tool);
  else if (uri) await vscode.commands.executeCommand('volley.tuneBatch' satisfies CommandId, uri);
  else void vscode.window.showInformationMessage(`${subject.label} is no longer there, so it cannot be measured again.`);
}

/** The file is found by the label of the run, so that a run of an earlier window can be repeated, too. */
async function runBatchAgain(label: string, measure: boolean): Promise<void> {
  const uri = await batchUriOf(label);
  const id: CommandId = measure ? 'volley.verifyBatch' : 'volley.runBatch';
  if (uri) await vscode.commands.executeCommand(id, uri);
  else void vscode.window.showInformationMessage(`${batchFileOf(label) ?? label} is no longer there, so it cannot run again.`);
}

/**
 * An editor group that does not hide the panel, when there is one. Which group is active says nothing: a click in the panel is told of before
 * the editor knows that it made the group of the panel the active one.
 */
function besidePanel(panel: vscode.ViewColumn | undefined): vscode.ViewColumn | undefined {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const own = panel ?? activeTabGroup.viewColumn;
  return all.find(({ viewColumn }) => viewColumn !== own)?.viewColumn;
}

function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions & vscode.WebviewPanelOptions {
  return {
    enableScripts: true,
    enableFindWidget: true,
    localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist'), vscode.Uri.joinPath(extensionUri, 'media')],
  };
}

/** The page: nothing but the bundle, allowed by a nonce; no inline script or style, no network. */
export function pageOf(webview: Pick<vscode.Webview, 'asWebviewUri' | 'cspSource'>, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(16).toString('hex');
  const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `img-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset('webview-style.css')}">
<title>Volley Timing</title>
</head>
<body>
<script nonce="${nonce}" src="${asset('webview.js')}"></script>
</body>
</html>
`;
}
