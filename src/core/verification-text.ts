/** Pure: every text about a verification: its verdict, its block of measured lines, where the time went, and what a reader has to know. */

import type { Account, Difference, Interval, Limit, SpeedupAccount, TrialNote, Usage, Verification } from './measured.js';
import { bytesText, countText, durationText, percentText, ratioText } from './messages.js';
import type { OperationId, OperationState } from './model.js';

/** How an operation is called; its id where nothing is known of it. */
export type NameOf = (operation: OperationId) => string;
const byId: NameOf = (operation) => operation;

/** A measured line: what it is, and its value. */
export interface Line {
  readonly name: string;
  readonly value: string;
}

/** One plain sentence or more: what was measured, what it means for the target, and why it is not more. */
export function verdictText(verification: Verification, nameOf: NameOf = byId): string {
  const why = verification.account?.limit && isJudged(verification) ? ` ${limitText(verification.account.limit, nameOf)}` : '';
  return `${verdictSentence(verification)}${why}`;
}

function isJudged({ verdict }: Verification): boolean {
  return verdict !== 'results differ';
}

function verdictSentence(verification: Verification): string {
  const { ratio, interval, target, verdict, differences } = verification;
  const measured = measuredText(verification);
  const aim = `the target of ${ratioText(target)}`;
  const range = interval ? intervalText(interval) : '';
  switch (verdict) {
    case 'validated':
      return `Validated: in parallel it is ${ratioText(ratio ?? 1)} as fast, ${range}, all of which reaches ${aim}. ${measured}`;
    case 'not validated':
      return `Not validated: in parallel it is ${ratioText(ratio ?? 1)} as fast, ${range}, which is a gain, but less than ${aim}. ${measured}`;
    case 'no gain':
      return `No gain: a ratio of ${ratioText(ratio ?? 1)}, ${range}, in which a gain worth the name is not certain and ${aim} does not lie. ${measured}`;
    case 'slower':
      return `Slower: in parallel it takes ${ratioText(1 / (ratio ?? 1))} as long, a ratio of ${range}. ${measured}`;
    case 'results differ':
      return `Results differ ${betweenText(differences)} in ${countText(differences.length, 'place')}, so the times compare different work. ${causeText(differences)}`.trim();
    case 'inconclusive':
      return `Inconclusive: ${inconclusiveText(verification, aim, range)} ${measured}`.trim();
    default:
      return verdict satisfies never;
  }
}

function measuredText({ sequentialMs, parallelMs, ratios }: Verification): string {
  if (sequentialMs === undefined || parallelMs === undefined) return '';
  const pairs = countText(ratios.length, 'pair');
  return `One after another ${durationText(sequentialMs)}, in parallel ${durationText(parallelMs)} (medians of ${pairs} of runs).`;
}

function inconclusiveText({ ratios, ratio, interval, ended, disturbed }: Verification, aim: string, range: string): string {
  if (ratio === undefined)
    return disturbed
      ? 'no pair of trials was completed, since one was cancelled or an operation could not do its work.'
      : 'no pair of trials was completed.';
  if (!interval)
    return `a ratio of ${ratioText(ratio)} from ${countText(ratios.length, 'pair')}; an interval takes at least five pairs${ended === 'time' ? ', and the time was over before. Allow more time' : ''}.`;
  if (disturbed)
    return `a ratio of ${ratioText(ratio)}, ${range}, but a trial was cancelled, or an operation could not do its work in it.`;
  const surely = interval.low > 1 ? ' A gain is certain, how large a one is not.' : '';
  return `a ratio of ${ratioText(ratio)}, ${range}, and ${aim} lies within.${surely} More pairs make the interval narrower.`;
}

function causeText(differences: readonly Difference[]): string {
  const flaky = differences.filter(({ cause }) => cause === 'flaky');
  if (flaky.length === differences.length && flaky.length > 0)
    return 'They differ already when run one after another: that is flaky, and no matter of running in parallel.';
  if (differences.some(({ cause }) => cause === 'parallel'))
    return 'Some differ only in parallel: operations disturb each other. A lock or a need keeps them apart.';
  if (differences.some(({ cause }) => cause === 'undecided'))
    return 'Some differ in parallel trials only, but in so few that they may also be flaky. More pairs tell these apart.';
  if (areBeforeTrials(differences))
    return 'Before the trials operations could not do their work beside others, though they can alone. A lock or a need keeps them apart.';
  return '';
}

/** No trial has any of them. */
function areBeforeTrials(differences: readonly Difference[]): boolean {
  return differences.every(({ trial }) => trial === 0);
}

function betweenText(differences: readonly Difference[]): string {
  return areBeforeTrials(differences) ? 'between the runs before the trials' : 'between trials';
}

/** `2.35× to 2.47× (95 %)`. */
export function intervalText({ low, high, level }: Interval): string {
  return `${ratioText(low)} to ${ratioText(high)} with ${percentText(level)} certainty`;
}

/** Why a parallel run was not faster, as a sentence. */
export function limitText(limit: Limit, nameOf: NameOf = byId): string {
  const named = (operations: readonly OperationId[]) => {
    const shown = operations.slice(0, 4).map((operation) => `“${nameOf(operation)}”`);
    const more = operations.length - shown.length;
    return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  };
  switch (limit.kind) {
    case 'operation':
      return `“${nameOf(limit.operation)}” takes ${durationText(limit.ms)} beside the others, and nothing is faster than its longest operation.`;
    case 'chain':
      return `${named(limit.operations)} have to follow each other and take ${durationText(limit.ms)}.`;
    case 'lock':
      return `${named(limit.operations)} share a lock, so they run one after another: ${durationText(limit.ms)}.`;
    case 'slots':
      return `The ${countText(limit.slots, 'slot')} work ${percentText(limit.share)} of the time: it takes more slots to be faster.`;
    case 'uneven':
      return `Fewer operations than slots are left for part of the time: ${durationText(limit.ms)} of all slots. More or shorter operations fill it.`;
    case 'machine':
      return `The machine is saturated: operations take ${ratioText(limit.slowdown)} as long in company as alone${limit.busy === undefined ? '' : `, with its processors ${percentText(limit.busy)} busy`}.`;
    case 'overhead':
      return `Starting and handing over takes ${percentText(limit.share)} of the time: the operations are short.`;
    default:
      return limit satisfies never;
  }
}

/** `3 operations: ESLint, Mocha, TypeScript`. */
export function executedText(operations: readonly Pick<OperationState, 'name'>[]): string {
  const shown = operations.slice(0, 6).map(({ name }) => name);
  const more = operations.length - shown.length;
  return `${countText(operations.length, 'operation')}: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`;
}

/** The verification block: the measured lines in their order. `tools`: what was executed, in words. */
export function verificationLines(verification: Verification, tools: string): readonly Line[] {
  const { sequentialMs, parallelMs, ratio, interval, probability, context, verdict, target } = verification;
  const time = (ms: number | undefined) => (ms === undefined ? 'not measured' : `${durationText(ms)} (median)`);
  return [
    { name: 'tool executed', value: tools },
    { name: 'sequential time', value: time(sequentialMs) },
    { name: 'parallel time', value: time(parallelMs) },
    { name: 'improvement ratio', value: ratio === undefined ? 'not measured' : `${ratioText(ratio)} (${lessTimeText(ratio)})` },
    {
      name: 'interval',
      value: interval
        ? `${intervalText(interval)}${probability === undefined ? '' : `, sign test p ${probabilityText(probability)}`}`
        : 'none: it takes at least five pairs',
    },
    {
      name: 'context efficiency',
      value: context
        ? `${((1000 * context.results) / (context.batchTokens + context.combinedTokens)).toFixed(1)} results in 1,000 tokens`
        : 'nothing was handed to a language model',
    },
    { name: 'state', value: `${verdict} (target ${ratioText(target)})` },
  ];
}

function lessTimeText(ratio: number): string {
  return ratio >= 1 ? `${percentText(1 - 1 / ratio)} less time` : `${percentText(1 / ratio - 1)} more time`;
}

function probabilityText(probability: number): string {
  return probability < 0.001 ? '< 0.001' : `= ${probability.toFixed(3)}`;
}

/** As a tree, for a terminal or a file. */
export function blockText(verification: Verification, tools: string): string {
  const lines = verificationLines(verification, tools);
  const width = Math.max(...lines.map(({ name }) => name.length));
  return [
    'Verification',
    ...lines.map(({ name, value }, index) => `${index === lines.length - 1 ? '└─' : '├─'} ${name.padEnd(width)}  ${value}`),
  ].join('\n');
}

/** How it was measured: the limits, what ended it, the seed, and what was left as it was. */
export function measuringText({ trials, limits, ended, seed, caches = [], ratios }: Verification): readonly string[] {
  const time = limits.mostMs === undefined ? '' : ` and ${durationText(limits.mostMs)}`;
  const most = `at most ${countText(limits.mostPairs, 'pair')}${time}`;
  const order = seed === undefined ? '' : `, order by the seed ${seed}`;
  const reasons = {
    narrow: 'the interval was narrower than ±5 %',
    pairs: 'all pairs were measured',
    time: 'a further pair would have exceeded the time',
    errored: 'an operation could not do its work, though nothing ran beside it, and so nothing can be validated',
  };
  return [
    `${countText(trials.length, 'trial')} in ${countText(ratios.length, 'pair')} (${most})${order}${ended === undefined ? '' : `; ended when ${reasons[ended]}`}.`,
    `Volley’s own cache was off; caches of tools stayed as the warm-up left them${caches.length === 0 ? '' : `: ${caches.join(', ')}`}.`,
  ];
}

/** What a reader has to know of the trials. */
export function noteText(note: TrialNote): string {
  switch (note.kind) {
    case 'drift':
      return `The ${note.mode} trials became ${note.ratio > 1 ? 'slower' : 'faster'} from first to last, by ${percentText(Math.abs(note.ratio - 1))}. Both modes of a pair meet it alike.`;
    case 'outlier':
      return `Trial ${note.trial} lies far from the others of its mode (median ${durationText(note.medianMs)}). It counts like all.`;
    case 'others':
      return `Others worked on the machine: ${percentText(note.share)} of its processors. Measure again when it is quiet.`;
    default:
      return note satisfies never;
  }
}

/** The parts of a makespan in their order; what is zero is among them, so that the sum can be checked. */
export function accountLines(account: Account): readonly { readonly name: string; readonly ms: number }[] {
  return [
    { name: 'work', ms: account.workMs },
    { name: 'blocked', ms: account.blockedMs },
    { name: 'locked', ms: account.lockedMs },
    { name: 'queued', ms: account.queuedMs },
    { name: 'nothing left to start', ms: account.unusedMs },
    { name: 'start-up', ms: account.startUpMs },
    { name: 'overhead', ms: account.overheadMs },
  ];
}

/** `5.10 s = work 4.20 s + blocked 0.00 s + …`: in the unit of the whole, rounded so that what is shown adds up, too. */
export function accountText(account: Account): string {
  const lines = accountLines(account);
  const parts = shownParts(
    account.makespanMs,
    lines.map(({ ms }) => ms),
  );
  return `${durationText(account.makespanMs)} = ${lines.map(({ name }, at) => `${name} ${parts[at]}`).join(' + ')}`;
}

/** Parts of a whole as texts whose figures add up to that of the whole: the largest remainders are rounded up (Hamilton's method). */
function shownParts(wholeMs: number, parts: readonly number[]): readonly string[] {
  const whole = durationText(wholeMs);
  const [, figure = '', unit = ''] = /^(\d+(?:\.\d+)?) (ms|s)$/.exec(whole) ?? [];
  // Minutes and hours are told apart anyway.
  if (figure === '') return parts.map(durationText);
  const digits = figure.split('.')[1]?.length ?? 0;
  const step = (unit === 's' ? 1000 : 1) / 10 ** digits;
  const exact = parts.map((ms) => ms / step);
  const floors = exact.map(Math.floor);
  const left = Math.round(Number(figure) * 10 ** digits) - floors.reduce((sum, each) => sum + each, 0);
  const byRemainder = exact
    .map((each, at) => ({ at, remainder: each - Math.floor(each) }))
    .sort((a, b) => b.remainder - a.remainder || a.at - b.at);
  const raised = new Set(byRemainder.slice(0, Math.max(0, left)).map(({ at }) => at));
  return floors.map((each, at) => `${((each + Number(raised.has(at))) / 10 ** digits).toFixed(digits)} ${unit}`);
}

/** Why it is not as many times as fast as there are slots: what each reason costs, in time. */
export function lossText({ parallel, contentionMs }: SpeedupAccount): string {
  const ideal = parallel.workMs - contentionMs;
  const losses = [
    { name: 'in company of others', ms: contentionMs },
    ...accountLines(parallel).filter(({ name }) => name !== 'work'),
  ].filter(({ ms }) => Math.abs(ms) >= 0.5);
  const lost = losses
    .map(({ name, ms }) => (ms < 0 ? `${durationText(-ms)} less ${name}` : `${durationText(ms)} ${name}`))
    .join(', ');
  return `With all slots at work all the time and nothing slowed down it would take ${durationText(ideal)}. ${lost === '' ? 'Nothing was lost.' : `On top: ${lost}.`}`;
}

/** The figures beside the account, a line each. */
export function figureLines(account: SpeedupAccount): readonly Line[] {
  const { pairs, errors, usage, serialFraction } = account;
  return [
    { name: 'sum of operations', value: durationText(account.sumMs) },
    { name: 'critical path', value: durationText(account.criticalPathMs) },
    { name: 'lower bound', value: durationText(account.lowerBoundMs) },
    { name: 'efficiency', value: percentText(account.efficiency) },
    { name: 'overlap', value: `${pairs.together} of ${countText(pairs.all, 'pair')} of operations` },
    { name: 'ceiling (Amdahl)', value: ratioText(account.ceiling) },
    ...(serialFraction === undefined ? [] : [{ name: 'serial fraction (Karp–Flatt)', value: serialFraction.toFixed(3) }]),
    {
      name: 'error rate',
      value: `${percentText(errors.sequential)} one after another, ${percentText(errors.parallel)} in parallel`,
    },
    ...(usage ? usageLines(usage, account) : []),
  ];
}

function usageLines(
  { sequential, parallel }: { readonly sequential: Usage; readonly parallel: Usage },
  account: SpeedupAccount,
): readonly Line[] {
  const share = ({ processorMs, processors }: Usage, { makespanMs }: Account) =>
    percentText(Math.min(1, processorMs / (processors * Math.max(makespanMs, 1))));
  const memory = ({ peakBytes }: Usage) => (peakBytes === undefined ? 'none seen' : bytesText(peakBytes));
  return [
    {
      name: 'processors used',
      value: `${share(parallel, account.parallel)} of ${parallel.processors}, one after another ${share(sequential, account.sequential)}`,
    },
    { name: 'peak memory (sampled)', value: `${memory(parallel)}, one after another ${memory(sequential)}` },
  ];
}

/** Of those, as one sentence; empty where none is. What ran in parts in parallel has no time of its own to compare. */
export function companyText(account: SpeedupAccount, nameOf: NameOf = byId): string {
  const all = companyLines(account, nameOf);
  const more = all.length > NAMED ? [`${all.length - NAMED} more`] : [];
  return all.length === 0 ? '' : `Slower in company: ${[...all.slice(0, NAMED), ...more].join(', ')}.`;
}

/** Most operations that are named as slower in company; the documents have all. */
const NAMED = 8;

/** Operations that take at least 5 % longer in company, the most slowed down first: `ESLint 1.40× (2.00 s → 2.80 s)`. */
export function companyLines({ company }: SpeedupAccount, nameOf: NameOf = byId): readonly string[] {
  return company
    .filter(({ aloneMs, companyMs }) => companyMs / aloneMs >= 1.05)
    .map(
      ({ operation, aloneMs, companyMs }) =>
        `${nameOf(operation)} ${ratioText(companyMs / aloneMs)} (${durationText(aloneMs)} → ${durationText(companyMs)})`,
    );
}

/** Where two trials did not give the same, as a sentence. */
export function differenceText(
  { operation, file, what, expected, actual, trial, cause, seen }: Difference,
  nameOf: NameOf = byId,
): string {
  const place = operation === undefined ? `file ${file}` : `${nameOf(operation)}, ${what}`;
  const counted =
    seen &&
    `${seen.differing} of ${countText(seen.parallel, 'parallel trial')} differ, all ${seen.sequential} sequential ones agree`;
  const because =
    cause === 'flaky'
      ? ' Flaky: two sequential trials differ.'
      : cause === 'parallel'
        ? ` Only in parallel: ${counted ?? 'all sequential trials agree'}.`
        : cause === 'undecided'
          ? ` Flaky or disturbed in parallel: ${counted ?? 'all sequential trials agree'}, which is too few to tell.`
          : '';
  if (trial === 0)
    return `${place}: before the trials it ended as ${actual} beside others, and right after as ${expected} with nothing beside it. No trial shows it again.`;
  return `${place}: the first has ${expected}; trial ${trial} has ${actual}.${because}`;
}

/** Whether results were equal, and what was left out to compare them. */
export function equalityText(verification: Verification): string {
  const { differences, normalised = [], varying = [], comparedBySize = [], filesNotCompared, trials } = verification;
  if (trials.length < 2) return 'Results are compared once two trials have ended.';
  const without = normalised.length === 0 ? '' : ` Texts were compared without ${normalised.join(', ')}.`;
  const files =
    varying.length === 0 ? '' : ` Not judged, since they differ from run to run by themselves: ${varying.join(', ')}.`;
  const sized =
    comparedBySize.length === 0
      ? ''
      : ` Of ${countText(comparedBySize.length, 'large file')} only the size was compared, since reading takes too long: ${someOf(comparedBySize)}.`;
  const unseen = filesNotCompared === undefined ? '' : ` Files left behind were not compared, since ${filesNotCompared}.`;
  const looked =
    filesNotCompared === undefined
      ? 'Outcomes, exit codes, findings, answers and files left behind (but logs, caches and node_modules)'
      : 'Outcomes, exit codes, findings and answers';
  return `${differences.length > 0 ? `Results differ ${betweenText(differences)}.` : `${looked} were the same in all trials.`}${unseen}${without}${sized}${files}`;
}

/** The first of them, and how many more there are. */
function someOf(names: readonly string[]): string {
  const more = names.length > NAMED ? [`${names.length - NAMED} more`] : [];
  return [...names.slice(0, NAMED), ...more].join(', ');
}
