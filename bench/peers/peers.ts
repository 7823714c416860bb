/** Measures Volley's built command line beside its peers: `npm run bench -- peers [KIND…]`. All kinds together are written to bench/RESULTS.md. */
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../../scripts/editor-host.mjs';
import { main, root, UserError } from '../../scripts/processes.mjs';
import { type Bench, createBench } from './bench.js';
import { measureCancel } from './cancel.js';
import { measureDispatch } from './dispatch.js';
import { measureEditor } from './editor.js';
import { measureFiles } from './files.js';
import { type Installed, installRunners } from './install.js';
import { measureMakespan } from './makespan.js';
import { type Document, markdownOf } from './markdown.js';
import { measureFailing, measureOutput } from './output.js';
import type { Section, Table } from './results.js';
import { RUNNERS } from './runners.js';
import { measureNoOp, measureStartUp } from './start-up.js';

/** In the order of the document. */
const KINDS: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  dispatch: measureDispatch,
  makespan: measureMakespan,
  'start-up': measureStartUp,
  'no-op': measureNoOp,
  cancel: measureCancel,
  output: measureOutput,
  failing: measureFailing,
  files: measureFiles,
  editor: measureEditor,
};

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repeats: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      runners: { type: 'string' },
      write: { type: 'string' },
    },
  });
  const kinds = chosen('kind', positionals, Object.keys(KINDS));
  const ids = chosen(
    'runner',
    values.runners?.split(',') ?? [],
    RUNNERS.map(({ id }) => id),
  );
  const [repeats, seed] = [Number(values.repeats), Number(values.seed)];
  if (!(repeats >= 1) || !Number.isInteger(seed)) throw new UserError('--repeats and --seed take numbers.');
  if (process.platform !== 'linux') throw new UserError('What processes a command has started is found out on Linux only.');
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const installed = await installRunners(RUNNERS, ids, say);
  const part = partText(positionals, values.runners);
  const document = { ...(await measureAll(installed, kinds, { repeats, seed, say })), ...(part === undefined ? {} : { part }) };
  const text = markdownOf(document);
  process.stdout.write(`\n${text}`);
  // What is only a part never takes the place of the whole.
  const whole = positionals.length === 0 && values.runners === undefined;
  const file = values.write ?? (whole ? path.join(root, 'bench', 'RESULTS.md') : undefined);
  if (file !== undefined) await writeFile(file, text);
  return document.sections.some(({ failed }) => failed) ? 1 : 0;
});

/** Those that are asked for, in the order of all; all when none is. */
function chosen(what: string, asked: readonly string[], all: readonly string[]): readonly string[] {
  const unknown = asked.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new UserError(`There is no ${what} ${unknown.join(', ')}.`, `There are: ${all.join(', ')}.`);
  return asked.length === 0 ? all : all.filter((name) => asked.includes(name));
}

/** What was left out, as a sentence. */
function partText(kinds: readonly string[], runners: string | undefined): string | undefined {
  if (kinds.length === 0 && runners === undefined) return undefined;
  const asked = [kinds.join(', '), (runners ?? '').replaceAll(',', ', ')].filter((text) => text !== '');
  return `Only a part was asked for, ${asked.join('; of ')}: the other kinds, runners and targets are not in here.`;
}

async function measureAll(
  installed: Installed,
  kinds: readonly string[],
  options: Pick<Bench, 'repeats' | 'seed' | 'say'>,
): Promise<Document> {
  const startedAt = performance.now();
  const before = os.loadavg()[0] ?? 0;
  const scratch = await temporaryFolder('volley-peers-');
  const bench = createBench(installed, { ...options, folder: scratch.folder });
  const sections: Section[] = [];
  try {
    for (const kind of kinds) {
      const since = performance.now();
      // One kind that cannot be measured here takes nothing from the others.
      const section = await KINDS[kind]?.(bench).catch((error: unknown) => notMeasured(kind, error));
      if (section) sections.push(section);
      options.say(`  ${kind}: ${((performance.now() - since) / 1000).toFixed(0)} s`);
    }
  } finally {
    bench.dispose();
    await scratch.remove();
  }
  return {
    ...{ date: new Date().toISOString().slice(0, 10), machine: machineText(), repeats: options.repeats, seed: options.seed },
    load: { before, after: os.loadavg()[0] ?? 0 },
    seconds: (performance.now() - startedAt) / 1000,
    runners: runnersTable(installed),
    absent: installed.absent.map(({ runner, because }) => `${runner.name} is absent: ${because}`),
    sections,
  };
}

function notMeasured(kind: string, error: unknown): Section {
  const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  process.stderr.write(`${kind}: ${error instanceof Error ? error.stack : why}\n`);
  const targets = [
    { work: `everything of the kind ${kind}`, goal: 'measured', measured: `not measured: ${why}`, reached: undefined },
  ];
  return { id: kind, title: `Not measured: ${kind}`, about: why, tables: [], targets, failed: true };
}

function machineText(): string {
  const [first] = os.cpus();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB of memory`;
  return `${os.availableParallelism()} processors (${first?.model.trim() ?? 'unknown'}), ${memory}, ${os.type()} ${os.arch()}, Node ${process.versions.node}`;
}

function runnersTable({ present }: Installed): Table {
  return {
    columns: ['runner', 'version', 'from', 'how it is called'],
    rows: present.map(({ runner, version }) => [runner.name, version, sourceText(runner.source), runner.note ?? '']),
  };
}

function sourceText(source: Installed['present'][number]['runner']['source']): string {
  switch (source.kind) {
    case 'built':
      return 'this checkout, built';
    case 'npm':
      return `npm, ${source.packageName}`;
    case 'debian':
      return `Debian, ${source.packageName}`;
    default:
      return source satisfies never;
  }
}
