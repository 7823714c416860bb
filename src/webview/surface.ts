/** What the panel stands on: a webview of the editor, or a standalone report that holds its data. */
import type { OperationId, RunId } from '../core/model.js';
import type { FromWebview, PanelMemory, PanelView, ToWebview } from '../protocol.js';

export interface Surface {
  /** False in a report: nothing can be run, opened or cancelled from there. */
  readonly editor: boolean;
  post(message: FromWebview): void;
  memory(): PanelMemory;
  remember(memory: PanelMemory): void;
  /** Calls `receive` with each message from now on. */
  listen(receive: (message: ToWebview) => void): void;
}

/** The data of a standalone report, as it stands in its `volley-data` element. */
export interface ReportData {
  readonly view: PanelView;
  readonly root: string;
  readonly outputs: Readonly<Record<string, { readonly text: string; readonly omittedBytes: number }>>;
}

interface EditorApi {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: PanelMemory): void;
}
declare const acquireVsCodeApi: (() => EditorApi) | undefined;

const FORGOTTEN: PanelMemory = { version: 1, collapsed: [], sort: { column: 'order', descending: false } };

/** The surface this document is on. */
export function findSurface(): Surface {
  return typeof acquireVsCodeApi === 'function' ? editorSurface(acquireVsCodeApi()) : reportSurface();
}

function editorSurface(api: EditorApi): Surface {
  let memory = readMemory(api.getState());
  return {
    editor: true,
    post: (message) => api.postMessage(message),
    memory: () => memory,
    remember(next) {
      memory = next;
      api.setState(next);
    },
    listen(receive) {
      window.addEventListener('message', (event: MessageEvent<ToWebview>) => receive(event.data));
    },
  };
}

function reportSurface(): Surface {
  const data = JSON.parse(document.getElementById('volley-data')?.textContent ?? 'null') as ReportData | null;
  let memory = FORGOTTEN;
  let receive: (message: ToWebview) => void = () => {};
  return {
    editor: false,
    post(message) {
      if (message.type === 'ready' && data) receive({ type: 'show', view: data.view, root: data.root });
      if (message.type === 'request output') answer(message.run, message.operation);
    },
    memory: () => memory,
    remember(next) {
      memory = next;
    },
    listen(listener) {
      receive = listener;
    },
  };

  function answer(run: RunId, operation: OperationId): void {
    const output = data?.outputs[operation] ?? { text: '', omittedBytes: 0 };
    queueMicrotask(() => receive({ type: 'output', run, operation, ...output }));
  }
}

/** What was remembered, or nothing when it is not of this version. */
function readMemory(state: unknown): PanelMemory {
  if (typeof state !== 'object' || state === null) return FORGOTTEN;
  const memory = state as Partial<PanelMemory>;
  const usable =
    memory.version === 1 &&
    Array.isArray(memory.collapsed) &&
    typeof memory.sort?.column === 'string' &&
    typeof memory.sort.descending === 'boolean';
  return usable ? (memory as PanelMemory) : FORGOTTEN;
}
