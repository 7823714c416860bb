/**
 * The optimisation report as blocks, before it is Markdown or HTML: what runs one after another now, the parallel plan, projections, what was
 * measured, bottlenecks, best sizes, how to keep watching. Pure. What is projected is called so wherever it stands.
 */
import type { Analysis, Duration } from '../analyse/analysis.js';
import type { SourceKind } from '../analyse/sequence.js';
import { countText, durationText, percentText, ratioText } from '../messages.js';
import type { OperationId } from '../model.js';
import type { Projected } from '../schedule.js';
import { shellWord } from '../shell-text.js';
import { verdictText, verificationLines } from '../verification-text.js';
import { edgeText } from './explain.js';

/** A run of text; `code` is shown as it is typed. */
export type Inline = string | { readonly code: string };
export type Text = Inline | readonly Inline[];

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: Text }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  /** `numbers`: indices of the columns that hold numbers. */
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly Text[])[];
      readonly numbers: readonly number[];
    }
  | { readonly kind: 'code'; readonly language: string; readonly text: string };

/** What a report knows besides the analysis. */
export interface ReportOptions {
  /** The batch file of the analysis, relative to the workspace, once it is written; else the name that it is proposed to have. */
  readonly batchFile: string;
  readonly written: boolean;
}

/** So many rows a table has; the JSON document of the analysis has all. */
const MOST_ROWS = 200;

/** The report. */
export function optimisationReport(analysis: Analysis, options: ReportOptions): readonly Block[] {
  return [
    heading(1, `Optimisation report: ${analysis.title}`),
    ...summary(analysis),
    ...sequentialSection(analysis),
    ...planSection(analysis),
    ...projectionSection(analysis),
    ...measuredSection(analysis, options),
    ...bottleneckSection(analysis),
    ...sizeSection(analysis),
    ...watchSection(analysis, options),
  ];
}

function heading(level: 1 | 2 | 3, text: string): Block {
  return { kind: 'heading', level, text };
}

function paragraph(text: Text): Block {
  return { kind: 'paragraph', text };
}

function list(items: readonly Text[]): readonly Block[] {
  return items.length === 0 ? [] : [{ kind: 'list', items }];
}

function code(text: string): Inline {
  return { code: text };
}

/** With what a figure counts: milliseconds, or operations where some duration is unknown. */
export function amountText(analysis: Pick<Analysis, 'projections'>, value: number): string {
  const { unit } = analysis.projections;
  return unit === 'ms' ? durationText(value) : countText(Math.round(value * 100) / 100, 'operation');
}

/** In a sentence: what share can run beside something else. */
export function shareText({ parallel, operations }: Pick<Analysis, 'parallel' | 'operations'>): string {
  const share = operations.length === 0 ? 0 : parallel.length / operations.length;
  return `${parallel.length} of ${countText(operations.length, 'operation')} (${percentText(share)}) can run beside at least one other`;
}

/** What the figures of a projection rest on: a sentence. */
export function basisText({ durations, projections }: Pick<Analysis, 'durations' | 'projections'>): string {
  const count = (kind: Duration['kind']) => [...durations.values()].filter((duration) => duration.kind === kind).length;
  const known = [
    ...(count('verification') > 0
      ? [`${count('verification')} from the runs one after another of the newest verification (medians)`]
      : []),
    ...(count('history') > 0
      ? [`${count('history')} from earlier runs by Volley (medians, also of runs in which others ran beside them)`]
      : []),
    ...(count('source') > 0
      ? [`${count('source')} from the source itself (from a call to its answer, waiting for permission included)`]
      : []),
  ];
  const { unknown } = projections;
  if (unknown.length === 0) return `All durations are known: ${known.join(', ')}.`;
  const some = known.length === 0 ? '' : ` Known are ${known.join(', ')}.`;
  return `The duration of ${countText(unknown.length, 'operation')} is not known, so each operation counts as one and nothing is said of seconds.${some} Run the batch once, and they are.`;
}

/** The projection for one number of slots: a sentence. */
export function projectionText(analysis: Pick<Analysis, 'projections'>, run: Projected): string {
  const { sequential } = analysis.projections;
  const ratio = run.makespan > 0 ? ` (${ratioText(sequential / run.makespan)})` : '';
  return `Projection, not measured: ${amountText(analysis, sequential)} one after another, ${amountText(analysis, run.makespan)} with ${countText(run.slots, 'slot')}${ratio}, and never less than ${amountText(analysis, run.bound)}.`;
}

function summary(analysis: Analysis): readonly Block[] {
  const { byTool, waves, together, operations, projections } = analysis;
  const tools = byTool.map(({ tool, count }) => `${count} × ${tool}`).join(', ');
  return list([
    `${countText(operations.length, 'operation')}: ${tools}.`,
    `${shareText(analysis)}: neither has to wait for the other, and they share no lock.`,
    `${countText(waves.length, 'wave')} by what each reads and writes.`,
    ...(together > 0 ? [`${countText(together, 'operation')} of them start together with another already today.`] : []),
    projectionText(analysis, projections.asked),
    basisText(analysis),
  ]);
}

// ---------------------------------------------------------------------------------------------------------------- now

function sequentialSection({ operations, durations, notTaken, problems, notes }: Analysis): readonly Block[] {
  const rows = operations
    .slice(0, MOST_ROWS)
    .map(({ id, tool, text, file, line, failed }, index): readonly Text[] => [
      String(index + 1),
      code(id),
      tool,
      code(text),
      place(file, line),
      `${lengthText(durations.get(id as OperationId))}${failed ? ', did not pass then' : ''}`,
    ]);
  return [
    heading(2, 'What runs one after another now'),
    {
      kind: 'table',
      head: ['#', 'Operation', 'Tool', 'What it is', 'Where', 'Duration and where it is known from'],
      rows,
      numbers: [0],
    },
    ...more(operations.length, 'operation'),
    ...(notTaken.length === 0
      ? []
      : [
          heading(3, 'Left out'),
          ...list(
            notTaken
              .slice(0, MOST_ROWS)
              .map(({ what, because, file, line }): Text => [code(what), ` (${place(file, line)}), because ${because}.`]),
          ),
          ...more(notTaken.length, 'more'),
        ]),
    ...(problems.length === 0
      ? []
      : [
          heading(3, 'What could not be read'),
          ...list(problems.map(({ message, file, line }) => `${place(file, line)}: ${message}`)),
        ]),
    ...(notes.length === 0 ? [] : [heading(3, 'What to know'), ...list(notes)]),
  ];
}

function place(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

function more(count: number, noun: string): readonly Block[] {
  return count > MOST_ROWS
    ? [
        paragraph([
          'And ',
          `${count - MOST_ROWS} more ${noun === 'more' ? '' : `${noun}s`}`.trim(),
          '. ',
          code('volley analyse --json'),
          ' lists all.',
        ]),
      ]
    : [];
}

function lengthText(duration: Duration | undefined): string {
  switch (duration?.kind) {
    case 'verification':
      return `${durationText(duration.ms)}, the newest verification, alone`;
    case 'history':
      return `${durationText(duration.ms)}, earlier runs by Volley`;
    case 'source':
      return `${durationText(duration.ms)}, the source`;
    case undefined:
    case 'unknown':
      return 'not known';
    default:
      return duration satisfies never;
  }
}

// --------------------------------------------------------------------------------------------------------------- plan

function planSection(analysis: Analysis): readonly Block[] {
  const { waves, edges, direct, plan, folder } = analysis;
  const shown = waves
    .slice(0, MOST_ROWS)
    .map((wave, index): readonly Text[] => [String(index + 1), String(wave.length), codes(wave)]);
  const into = new Map<OperationId, Text[]>();
  const counts = new Map<OperationId, number>();
  for (const { from, to, reason } of direct) {
    counts.set(to, (counts.get(to) ?? 0) + 1);
    const known = into.get(to) ?? [];
    if (known.length < 3) known.push([code(from), `: ${edgeText(reason, folder)}`]);
    into.set(to, known);
  }
  const waits = plan.operations.flatMap(({ id }): readonly (readonly Text[])[] => {
    const reasons = into.get(id) ?? [];
    const all = counts.get(id) ?? 0;
    const joined = reasons.flatMap((reason, index): readonly Inline[] => [...(index === 0 ? [] : ['; ']), ...inlines(reason)]);
    return reasons.length === 0 ? [] : [[code(id), [...joined, ...(all > 3 ? [`; and ${all - 3} more`] : [])]]];
  });
  const reasons = reasonsText(edges);
  return [
    heading(2, 'The parallel plan'),
    paragraph(
      'Operations of a wave may run at the same time, as far as what they read and write goes. An operation starts as soon as what it waits for has ended, not when a wave has.',
    ),
    { kind: 'table', head: ['Wave', 'Operations', 'Which'], rows: shown, numbers: [0, 1] },
    ...(reasons === ''
      ? []
      : [
          paragraph(
            `One waits for another ${reasons}. Below is what each waits for last: what that waits for itself is not repeated.`,
          ),
        ]),
    ...(waits.length === 0
      ? [paragraph('Nothing waits for anything.')]
      : [
          { kind: 'table' as const, head: ['Operation', 'Waits for'], rows: waits.slice(0, MOST_ROWS), numbers: [] },
          ...more(waits.length, 'operation'),
        ]),
  ];
}

/** How often one waits for another, by the reason; empty when nothing waits. */
export function reasonsText(edges: Analysis['edges']): string {
  const all = [
    [edges.needs, 'because it has to pass first'],
    [edges.hazard, 'because both touch the same files'],
    [edges.barrier, 'because one of them may touch anything'],
    [edges.atomic, 'because of a group that is all or nothing'],
  ] as const;
  return all.flatMap(([count, why]) => (count === 0 ? [] : [`${countText(count, 'time')} ${why}`])).join(', ');
}

/** The runs of a text. */
export function inlines(text: Text): readonly Inline[] {
  return Array.isArray(text) ? (text as readonly Inline[]) : [text as Inline];
}

/** Ids in a cell: the first of many. */
function codes(ids: readonly OperationId[]): Text {
  const shown = ids.slice(0, 12).flatMap((id, index): readonly Inline[] => [...(index === 0 ? [] : [' ']), code(id)]);
  return [...shown, ...(ids.length > 12 ? [` and ${ids.length - 12} more`] : [])];
}

// --------------------------------------------------------------------------------------------------------- projections

function projectionSection(analysis: Analysis): readonly Block[] {
  const { runs, sequential, recommended } = analysis.projections;
  const rows = runs.map((run): readonly Text[] => [
    `${run.slots}${run.slots === recommended ? ' (recommended)' : ''}`,
    amountText(analysis, run.makespan),
    run.makespan > 0 ? ratioText(sequential / run.makespan) : '',
    amountText(analysis, run.bound),
  ]);
  return [
    heading(2, 'Projections'),
    paragraph(
      'A projection is a run on paper: operations start in the order in which Volley would start them and take what they are known to take. In a real run they slow each other down, so that only a verification says what is saved.',
    ),
    paragraph(basisText(analysis)),
    { kind: 'table', head: ['Slots', 'Projected time', 'Projected ratio', 'Lower bound'], rows, numbers: [0, 1, 2, 3] },
    paragraph(`Recommended is the smallest number of slots within 3 % of the best projection: ${recommended}.`),
  ];
}

// ------------------------------------------------------------------------------------------------------------ measured

function measuredSection(analysis: Analysis, { batchFile, written }: ReportOptions): readonly Block[] {
  const { verification, projections } = analysis;
  const command = `volley verify ${batchFile} --jobs ${projections.recommended}`;
  const first = written
    ? []
    : [
        paragraph([
          'First write the batch: ',
          code(`${analyseCommand(analysis)} --write ${batchFile}`),
          ', or ',
          code('Volley: Open Batch of Analysis'),
          ' in the editor.',
        ]),
      ];
  if (!verification)
    return [
      heading(2, 'Measured validation'),
      paragraph('Nothing of this was measured yet. To measure it, in pairs of one after another and in parallel:'),
      ...first,
      { kind: 'code', language: 'sh', text: command },
    ];
  const rows = verification.trials.map(({ pair, mode, makespanMs }): readonly Text[] => [
    String(pair),
    mode,
    durationText(makespanMs),
  ]);
  return [
    heading(2, 'Measured validation'),
    paragraph(
      `${verdictText(verification)} Measured on ${verification.startedAt.slice(0, 16).replace('T', ' ')} with ${countText(verification.slots, 'slot')}.`,
    ),
    {
      kind: 'table',
      head: ['Verification', ''],
      rows: verificationLines(verification, countText(verification.account?.company.length ?? 0, 'operation')).map(
        ({ name, value }) => [name, value],
      ),
      numbers: [],
    },
    { kind: 'table', head: ['Pair', 'Mode', 'Measured time'], rows, numbers: [0, 2] },
    paragraph(['Again: ', code(command)]),
  ];
}

// --------------------------------------------------------------------------------------------------------- bottlenecks

function bottleneckSection(analysis: Analysis): readonly Block[] {
  const { projections, barriers, locks, plan, durations } = analysis;
  const { criticalPath, criticalLength, unit } = projections;
  const path = criticalPath.slice(0, 30).flatMap((id, index): readonly Inline[] => [...(index === 0 ? [] : [' → ']), code(id)]);
  const ms = (id: OperationId) => {
    const known = durations.get(id);
    return known === undefined || known.kind === 'unknown' ? 0 : known.ms;
  };
  const [longest] = [...plan.operations].sort((a, b) => ms(b.id) - ms(a.id));
  const items: Text[] = [
    [
      `Critical path, ${amountText(analysis, criticalLength)} by projection: `,
      ...path,
      ...(criticalPath.length > 30 ? [` and ${criticalPath.length - 30} more`] : []),
      '.',
    ],
    ...(longest && unit === 'ms' && ms(longest.id) > 0
      ? [
          [
            code(longest.id),
            ` alone takes ${durationText(ms(longest.id))}; no number of slots makes the whole shorter than that. Divide it if it can be divided.`,
          ],
        ]
      : []),
    ...barriers
      .slice(0, 30)
      .map(
        ({ operation, because, holds }): Text => [
          code(operation),
          ` is a barrier, because ${because}: ${countText(holds, 'other operation')} cannot run beside it. If you know what it touches, say so in the batch: `,
          code('"reads": ["**"], "writes": ["dist/**"]'),
          ', or ',
          code('"writes": []'),
          ' when it only looks.',
        ],
      ),
    ...(barriers.length > 30 ? [`${barriers.length - 30} more are barriers.`] : []),
    ...locks
      .slice(0, 30)
      .map(
        ({ lock, operations }): Text => [
          'Only one at a time may use ',
          code(lock.startsWith(`${analysis.folder}/`) ? lock.slice(analysis.folder.length + 1) : lock),
          ': ',
          ...inlines(codes(operations)),
          '.',
        ],
      ),
  ];
  return [heading(2, 'Bottlenecks'), ...list(items)];
}

function sizeSection({ projections, opportunities, processors }: Analysis): readonly Block[] {
  const { recommended, unit } = projections;
  const limited =
    recommended > processors
      ? ` This machine has ${countText(processors, 'processor')}: what computes gains nothing beyond that, what waits for a disk or a network may.`
      : '';
  const basis =
    unit === 'operations' ? ' Each operation counts as one in this, so look again once their durations are known.' : '';
  return [
    heading(2, 'Best sizes'),
    ...list([
      [
        `Slots: ${recommended}, by projection: `,
        code(`--jobs ${recommended}`),
        `, or the setting `,
        code('volley.slots'),
        `.${limited}${basis}`,
      ],
      ...opportunities.map(({ message }) => message),
      ...(opportunities.length === 0 ? ['The plan shows nothing that could be done in one pass, or that is asked twice.'] : []),
    ]),
  ];
}

function watchSection(analysis: Analysis, { batchFile }: ReportOptions): readonly Block[] {
  const { title } = analysis;
  const again = analyseCommand(analysis);
  return [
    heading(2, 'How to keep watching'),
    paragraph(`What is true of ${title} today may not be tomorrow. These say so:`),
    {
      kind: 'code',
      language: 'sh',
      text: [
        `volley plan ${batchFile}      # why each operation waits for which, after a change`,
        `volley batch ${batchFile}     # run it; its durations are remembered, and the next analysis has them`,
        `volley verify ${batchFile} --pairs 5   # measure it anew`,
        `${again} --report report.md   # this report, with what was measured since`,
      ].join('\n'),
    },
    paragraph([
      'In CI, ',
      code(`volley batch ${batchFile} --json > result.json`),
      ' ends with 0 when every operation passed, with 1 when one failed; the document has the time of each. In the editor ',
      code('Volley: Show Timing Panel'),
      ' shows where the time of each run went.',
    ]),
  ];
}

const OPTIONS: Readonly<Partial<Record<SourceKind, string>>> = {
  'package script': '--script',
  makefile: '--target',
  workflow: '--job',
  'editor tasks': '--task',
};

/** The command line that analyses the same again. */
export function analyseCommand({ kind, choice, file, isFile }: Pick<Analysis, 'kind' | 'choice' | 'file' | 'isFile'>): string {
  if (!isFile) return `volley analyse --${kind === 'transcript' ? 'transcript' : 'commands'} -`;
  const option = OPTIONS[kind];
  return [
    'volley analyse',
    shellWord(file),
    ...(choice === undefined || option === undefined ? [] : [option, shellWord(choice)]),
  ].join(' ');
}
