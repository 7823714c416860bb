/** What the timing panel is told and asks for, without its page. For tests inside VS Code's extension host. */
import type { PanelView, ToWebview } from '../../src/protocol.js';
import { createPanelFeed, type PanelActions, type PanelFeed, type PanelFeedOptions } from '../../src/vscode/panel-feed.js';
import type { PanelTarget } from '../../src/vscode/panel-messages.js';
import type { Session } from '../../src/vscode/session.js';

export interface PanelRig {
  readonly feed: PanelFeed;
  /** All messages to the page; a test may empty it. */
  readonly posted: ToWebview[];
  /** What the page made the editor do, a line each: `open FILE:LINE`, `run GATE`, … */
  readonly done: string[];
  /** What the page asked to be shown. */
  readonly shown: readonly PanelTarget[];
  /** The views in `posted`. */
  views(): readonly PanelView[];
  /** The last of them. */
  view(): PanelView | undefined;
  /** Says that the page is there, as its script does. */
  ready(): Promise<void>;
}

export interface PanelRigOptions extends Pick<PanelFeedOptions, 'tuning'> {
  /** What the page may do otherwise than be noted in `done`. */
  readonly actions?: Partial<PanelActions>;
}

/** The panel of a session on the folder, whose page is not ready yet. Whoever opens it disposes its feed. */
export function openPanel(on: { readonly session: Session; readonly folder: string }, options: PanelRigOptions = {}): PanelRig {
  const posted: ToWebview[] = [];
  const done: string[] = [];
  const shown: PanelTarget[] = [];
  const feed = createPanelFeed({
    session: on.session,
    post: (message) => posted.push(message),
    root: () => on.folder,
    trusted: () => true,
    ...(options.tuning ? { tuning: options.tuning } : {}),
    actions: { ...noted(done), show: (target) => shown.push(target), ...options.actions },
  });
  const views = () => posted.flatMap((message) => (message.type === 'show' ? [message.view] : []));
  return { feed, posted, done, shown, views, view: () => views().at(-1), ready: () => feed.receive({ type: 'ready' }) };
}

function noted(done: string[]): Omit<PanelActions, 'show'> {
  return {
    openFinding: ({ file, line }) => done.push(`open ${file}:${line}`),
    openOutput: (_run, { id }) => done.push(`output ${id}`),
    openAnswer: (_run, copy) => done.push(copy ? 'copy answer' : 'open answer'),
    runGate: (operation) => done.push(`run ${operation}`),
    runAll: () => done.push('run all'),
    verify: () => done.push('verify'),
    runBatch: (label, measure) => done.push(`${measure ? 'verify' : 'run'} ${label}`),
    cancel: () => done.push('cancel'),
    openFile: (file, place) => done.push(`open ${file}:${place?.line ?? ''}`),
    exportRows: (_inspection, rows, format) => done.push(`export ${rows.length} as ${format}`),
    inspect: (files) => done.push(`inspect ${files.join(' ')}`),
  };
}
