/** Pure: an analysis for a terminal, and the document of `volley analyse --json`. */
import type { Analysis } from '../analyse/analysis.js';
import type { NotTaken, SourceChoice, SourceKind, SourceProblem } from '../analyse/sequence.js';
import { countText, ratioText } from '../messages.js';
import { edgeText } from './explain.js';
import { JSON_VERSION } from './json.js';
import { amountText, basisText, projectionText, reasonsText, shareText } from './optimisation.js';
import { PLAIN, type Style } from './text.js';

/** So many of a kind are listed in a terminal. */
const MOST_LINES = 15;

/** For people: what there is, what can run at the same time, what it could come to. */
export function analysisText(analysis: Analysis, style: Style = PLAIN): string {
  const { title, operations, byTool, waves, edges, barriers, opportunities, projections, together, notTaken, notes } = analysis;
  const { runs, recommended, sequential } = projections;
  const reasons = reasonsText(edges);
  return [
    style.bold(title),
    `  ${countText(operations.length, 'operation')}: ${byTool.map(({ tool, count }) => `${count} ${tool}`).join(', ')}`,
    `  ${shareText(analysis)}`,
    ...(together > 0 ? [`  ${countText(together, 'operation')} start together with another already`] : []),
    '',
    ...listed(waves, (wave, index) => `  wave ${index + 1}  ${shortened(wave.join(' '))}`, style),
    ...(reasons === '' ? [] : [style.dim(`  one waits for another ${reasons}`)]),
    '',
    `${style.bold('Projection')} ${style.dim(basisText(analysis))}`,
    ...runs.map(
      (run) =>
        `  ${String(run.slots).padStart(3)} ${run.slots === 1 ? 'slot ' : 'slots'}  ${amountText(analysis, run.makespan).padStart(14)}  ${run.makespan > 0 ? ratioText(sequential / run.makespan) : ''}${run.slots === recommended ? '  recommended' : ''}`,
    ),
    `  ${projectionText(analysis, projections.asked)}`,
    ...section(
      'To go faster',
      [
        ...barriers.map(
          ({ operation, because, holds }) =>
            `“${operation}” is a barrier, because ${because}: ${countText(holds, 'other operation')} cannot run beside it. Say in the batch what it "reads" and "writes".`,
        ),
        ...opportunities.map(({ message }) => message),
      ],
      style,
    ),
    ...section(
      'Left out',
      notTaken.map(({ what, because, line }) => `${what}${line === undefined ? '' : ` (line ${line})`}: ${because}`),
      style,
    ),
    ...section('What to know', notes, style),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : ['', style.bold(title), ...listed(lines, (line) => `  - ${line}`, style)];
}

function listed<Item>(items: readonly Item[], line: (item: Item, index: number) => string, style: Style): readonly string[] {
  return [
    ...items.slice(0, MOST_LINES).map(line),
    ...(items.length > MOST_LINES ? [style.dim(`  and ${items.length - MOST_LINES} more`)] : []),
  ];
}

function shortened(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`;
}

/** `volley analyse --json`. Times are milliseconds, or operations where `unit` says so; lines count from 1. */
export function analysisDocument(analysis: Analysis) {
  const { title, kind, file, choice, operations, durations, plan, folder, projections, verification } = analysis;
  const { unit, sequential, runs, asked, recommended, criticalPath, criticalLength, unknown } = projections;
  const access = new Map(plan.operations.map((operation) => [operation.id as string, operation]));
  const lengths = new Map<string, Analysis['durations'] extends ReadonlyMap<unknown, infer Value> ? Value : never>(durations);
  return {
    version: JSON_VERSION,
    source: { title, kind, file, ...(choice === undefined ? {} : { choice }) },
    slots: analysis.slots,
    operations: operations.map(({ id, tool, input, file: from, line, text, together, failed }) => {
      const length = lengths.get(id) ?? { kind: 'unknown' as const };
      return {
        ...{ id, tool, input, file: from, text },
        ...(line === undefined ? {} : { line }),
        needs: access.get(id)?.needs ?? [],
        duration: length.kind === 'unknown' ? { from: 'unknown' as const } : { from: length.kind, ms: length.ms },
        ...(together === undefined ? {} : { together }),
        ...(failed ? { failed } : {}),
      };
    }),
    tools: analysis.byTool,
    parallel: {
      operations: analysis.parallel,
      share: operations.length === 0 ? 0 : analysis.parallel.length / operations.length,
      definition:
        'Operations with at least one other that they need not wait for, that need not wait for them, and that shares no lock with them.',
    },
    waves: analysis.waves,
    waits: analysis.edges,
    edges: analysis.direct.map(({ from, to, reason }) => ({ from, to, reason: reason.kind, because: edgeText(reason, folder) })),
    barriers: analysis.barriers,
    locks: analysis.locks,
    opportunities: analysis.opportunities,
    projection: { measured: false as const, unit, sequential, asked, runs, recommended, criticalPath, criticalLength, unknown },
    notTaken: analysis.notTaken,
    problems: analysis.problems,
    notes: analysis.notes,
    ...(verification === undefined
      ? {}
      : {
          verification: {
            id: verification.id,
            startedAt: verification.startedAt,
            slots: verification.slots,
            verdict: verification.verdict,
            ...(verification.ratio === undefined ? {} : { ratio: verification.ratio }),
            ...(verification.sequentialMs === undefined ? {} : { sequentialMs: verification.sequentialMs }),
            ...(verification.parallelMs === undefined ? {} : { parallelMs: verification.parallelMs }),
          },
        }),
    batch: analysis.batch,
  };
}

/** `volley analyse --json` where something has to be chosen first. */
export function choicesDocument(file: string, kind: SourceKind, option: string, choices: readonly SourceChoice[]) {
  return { version: JSON_VERSION, source: { title: file, kind, file }, option, choices };
}

/** `volley analyse --json` where nothing is named. */
export function sourcesDocument(
  sources: readonly { readonly name: string; readonly kind: SourceKind; readonly choices: readonly SourceChoice[] }[],
) {
  return { version: JSON_VERSION, sources: sources.map(({ name, kind, choices }) => ({ file: name, kind, choices })) };
}

/** In place of an analysis of what cannot be analysed. */
export function sourceProblemsDocument(problems: readonly SourceProblem[], notTaken: readonly NotTaken[]) {
  return { version: JSON_VERSION, error: problems[0]?.message ?? 'There is nothing to analyse.', problems, notTaken };
}
