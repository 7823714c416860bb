/** What was checked, as text for a terminal and as Markdown. Pure. */
import { type Check, type Checked, type Figure, isMet, isReached, type Unit } from './claim.js';

/** Where and when it was measured. */
export interface Circumstances {
  readonly machine: string;
  readonly versions: string;
  /** Wall clock, ISO 8601. */
  readonly date: string;
  /** Pairs of one sequential and one parallel trial for each measured batch. */
  readonly pairs: number;
  /** What else ran: the load of the last minute before the first claim. */
  readonly load: string;
}

/** One measured value in its unit. */
export function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case '×':
      return `${value.toFixed(2)}×`;
    case '%':
      return `${(value * 100).toFixed(1)} %`;
    case 's':
      return `${value.toFixed(3)} s`;
    case 'points':
      return `${(value * 100).toFixed(1)} points`;
    default:
      return unit satisfies never;
  }
}

function targetText({ target, unit }: Figure): string {
  return `${target.kind === 'at least' ? '≥' : '≤'} ${valueText(target.value, unit)}`;
}

function oursText({ ours, interval, unit }: Figure): string {
  const range = interval ? ` [${valueText(interval.low, unit)}, ${valueText(interval.high, unit)}]` : '';
  return `${valueText(ours, unit)}${range}`;
}

/** One check in a line: what it came to, what is possible, what is wanted, and whether that is reached. */
export function checkText(check: Check): string {
  switch (check.kind) {
    case 'figure': {
      const limit = check.limit === undefined ? '' : `, limit ${valueText(check.limit, check.unit)}`;
      const name = check.name === '' ? '' : `${check.name}: `;
      return `${isMet(check) ? 'reached' : 'MISSED '}  ${name}${oursText(check)}${limit}, target ${targetText(check)}`;
    }
    case 'fact':
      return `${check.holds ? 'reached' : 'MISSED '}  ${check.name}: ${check.found}`;
    case 'note':
      return `         ${check.text}`;
    default:
      return check satisfies never;
  }
}

/** One claim with all its checks. */
export function claimText(checked: Checked): string {
  const { claim, checks, error, seconds } = checked;
  return [
    `${String(claim.number).padStart(2)}  ${claim.title}: ${isReached(checked) ? 'reached' : 'MISSED'}   (${seconds.toFixed(1)} s)`,
    `      theirs   ${claim.theirs}`,
    ...(claim.scale === undefined ? [] : [`      scaled   ${claim.scale}`]),
    ...checks.map((check) => `      ${checkText(check)}`),
    ...(error === undefined ? [] : [`      MISSED   It could not be checked: ${error}`]),
  ].join('\n');
}

/** What all of it came to, in a sentence. */
export function verdictText(all: readonly Checked[]): string {
  const missed = all.filter((checked) => !isReached(checked)).map(({ claim }) => claim.number);
  const reached = all.length - missed.length;
  if (missed.length === 0) return `All that were checked reach their target: ${all.length} of ${all.length}.`;
  return `${reached} of ${all.length} claims reach their target; missed: ${missed.join(', ')}. Repeat them alone: npm run claims -- ${missed.join(' ')}`;
}

/** So wide columns of a table in a terminal are at most; what is longer stands in full above. */
const WIDEST = 60;

/** Claim, theirs, ours, bound and target, a line for each figure and fact. */
export function tableText(all: readonly Checked[]): string {
  const short = (cell: string) => (cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell);
  const rows = [['#', 'claim', 'theirs', 'ours', 'bound', 'target', ''], ...all.flatMap(rowsOf).map((row) => row.map(short))];
  const widths = [0, 1, 2, 3, 4, 5, 6].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The numbers of a claim stand in its first row. */
function rowsOf(checked: Checked): readonly (readonly string[])[] {
  const { claim, checks, error } = checked;
  const rows = checks.flatMap((check) => {
    const result = isMet(check) ? 'reached' : 'MISSED';
    if (check.kind === 'note') return [];
    if (check.kind === 'fact') return [[check.name, check.found, '', '', result] as const];
    const limit = check.limit === undefined ? '' : valueText(check.limit, check.unit);
    return [[check.name, oursText(check), limit, targetText(check), result] as const];
  });
  const all = error === undefined ? rows : [...rows, ['could not be checked', error, '', '', 'MISSED'] as const];
  return all.map(([name, ...cells], index) => {
    const title = [...(index === 0 ? [claim.title] : []), ...(name === '' ? [] : [name])].join(' · ');
    return [index === 0 ? String(claim.number) : '', title, index === 0 ? claim.theirs : '', ...cells];
  });
}

/** bench/CLAIMS.md. */
export function markdownOf(all: readonly Checked[], { machine, versions, date, pairs, load }: Circumstances): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = all.flatMap(rowsOf).map((row) => `| ${row.map(cell).join(' | ')} |`);
  return [
    '# Claims, measured',
    '',
    'Written by `npm run claims -- --write`; do not edit. What each claim is and what stands in for what: [claims/README.md](claims/README.md).',
    '',
    `- Machine: ${machine}; load before the first claim: ${load}`,
    `- Versions: ${versions}`,
    `- Date: ${date}`,
    `- Each measured batch: one warm-up, then ${pairs} pairs of one sequential and one parallel trial. “Ours” is the median, with its 95 % interval.`,
    `- ${verdictText(all)}`,
    '',
    '| # | claim | theirs | ours | bound | target | |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '## What was measured with what',
    '',
    ...all.flatMap(({ claim, checks }) => [
      `- **${claim.number} ${claim.title}.** ${claim.standIn}${claim.scale === undefined ? '' : ` *Scaled:* ${claim.scale}`}`,
      ...checks.flatMap((check) => (check.kind === 'note' ? [`  - ${check.text}`] : [])),
    ]),
    '',
  ].join('\n');
}
