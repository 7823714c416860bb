/** Writes the standalone HTML report: the timing panel with its data in one file. */
import { realpathSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { Engine } from '../core/engine.js';
import type { RunState } from '../core/model.js';
import { renderHtml } from '../core/report/html.js';
import type { PanelView } from '../protocol.js';

/** How much of each gate's output the report carries. */
const OUTPUT_BYTES = 50_000;

export interface Report {
  readonly engine: Engine;
  readonly root: string;
  readonly view: Extract<PanelView, { kind: 'run' | 'verification' }>;
  /** Runs whose outputs go into the report; of an operation in several, the newest. */
  readonly runs: readonly RunState[];
  /** Absolute. Replaced if it exists. */
  readonly file: string;
}

/** Resolves when the file is written. Rejects when it cannot be, with the file's name in the error. */
export async function writeReport({ engine, root, view, runs, file }: Report): Promise<void> {
  const outputs: Record<string, { text: string; omittedBytes: number }> = {};
  for (const state of runs) {
    for (const { id } of state.operations) {
      const output = await engine.output(state.run, id, OUTPUT_BYTES);
      if (output) outputs[id] = output;
    }
  }
  // The panel's script and style stand beside this program.
  const assets = path.dirname(realpathSync(process.argv[1] ?? ''));
  const [script, style] = await Promise.all(
    ['webview.js', 'webview-style.css'].map((name) => readFile(path.join(assets, name), 'utf8')),
  );
  await writeFile(
    file,
    renderHtml({ title: `Volley: ${path.basename(root)}`, view, root, outputs }, { script: script ?? '', style: style ?? '' }),
  );
}
