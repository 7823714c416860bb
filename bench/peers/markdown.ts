/** Pure: sections as a Markdown document. */
import type { Section, Table, Target } from './results.js';

export interface Document {
  readonly date: string;
  readonly machine: string;
  /** Load of the machine over one minute, before and after. */
  readonly load: { readonly before: number; readonly after: number };
  readonly repeats: number;
  readonly seed: number;
  readonly seconds: number;
  /** Which part was asked for, when it was not all. A whole sentence. */
  readonly part?: string;
  readonly runners: Table;
  /** Whole sentences. */
  readonly absent: readonly string[];
  readonly sections: readonly Section[];
}

export function markdownOf(document: Document): string {
  const { sections, absent, load } = document;
  const targets = sections.flatMap((section) => section.targets);
  return [
    '# Volley beside its peers',
    '',
    'Written by `npm run bench -- peers`; do not change it by hand.',
    '',
    `Measured ${document.date} on ${document.machine}. Load over one minute ${load.before.toFixed(2)} before and ${load.after.toFixed(2)} after ` +
      `(the bench itself is part of the latter); ${document.repeats} repeats where a section says nothing else, after a round that does not count; ` +
      `seed ${document.seed} for the order; ${document.seconds.toFixed(0)} s in all.`,
    '',
    ...(document.part === undefined ? [] : [document.part, '']),
    'Runners take turns in random order within each repeat. Figures are medians, with the middle half of the values in brackets; ratios are medians of ' +
      'the ratios within a repeat. Read the ratios: seconds are those of this machine at this time.',
    '',
    '## Targets',
    '',
    missesText(targets),
    '',
    tableText({
      columns: ['work', 'target', 'measured', 'reached'],
      rows: targets.map(({ work, goal, measured, reached }) => [work, goal, measured, reachedText(reached)]),
    }),
    '',
    '## Runners',
    '',
    tableText(document.runners),
    ...absent.flatMap((line) => ['', line]),
    ...sections.flatMap(({ title, about, tables }) => [
      '',
      `## ${title}`,
      '',
      about,
      ...tables.flatMap((table) => ['', tableText(table)]),
    ]),
    '',
  ].join('\n');
}

function missesText(targets: readonly Target[]): string {
  const missed = targets.filter(({ reached }) => reached === false);
  const unknown = targets.filter(({ reached }) => reached === undefined);
  const reached = targets.length - missed.length - unknown.length;
  const sentences = [`${reached} of ${targets.length} targets are reached.`];
  if (missed.length > 0)
    sentences.push(`Missed: ${missed.map(({ work, measured, goal }) => `${work} (${measured}, target ${goal})`).join('; ')}.`);
  if (unknown.length > 0) sentences.push(`Not measured: ${unknown.map(({ work }) => work).join('; ')}.`);
  return sentences.join(' ');
}

function reachedText(reached: boolean | undefined): string {
  return reached === undefined ? 'not measured' : reached ? 'yes' : '**no**';
}

/** Cells hold no line ends; a bar inside of one is escaped. */
export function tableText({ columns, rows }: Table): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(columns), row(columns.map(() => '---')), ...rows.map(row)].join('\n');
}
