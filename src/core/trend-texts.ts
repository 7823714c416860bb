/** Pure: trends, time saved and comparisons in words, the same in the editor and in a terminal. */
import { countText, durationText, ratioText, scopeText } from './messages.js';
import type {
  Both,
  ComparedOperation,
  Comparison,
  Contradiction,
  FindingText,
  Flakiness,
  MachineChange,
  MakespanShare,
  Measure,
  RunKind,
  TimeSaved,
  TrendChange,
  TrendPoint,
  Trends,
} from './trend-model.js';

/** Local date and time: `2026-11-30 12:43`. */
export function whenText(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `in parallel with others, workspace`: in what kind of runs. */
export function kindText({ mode, scope, part, company, newOnly, parts, files }: RunKind): string {
  return [
    `${mode === 'sequential' ? 'one after another' : 'in parallel'}${mode === 'parallel' ? `, ${company}` : ''}`,
    scopeText(scope),
    ...(files === undefined ? [] : ['the same files']),
    ...(parts === undefined ? [] : [`in ${parts} parts`]),
    ...(newOnly ? ['new findings only'] : []),
    ...(part === 'run' ? [] : [part === 'trial' ? 'trials of verifications' : 'warm-ups of verifications']),
  ].join(' · ');
}

/** An amount of a measure: `1.20 s`, `3 findings`, `passed`. */
export function amountText(measure: Measure, amount: number): string {
  switch (measure) {
    case 'duration':
      return durationText(amount);
    case 'findings':
      return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${amount === 1 ? 'finding' : 'findings'}`;
    case 'outcome':
      return amount >= 0.5 ? 'not passed' : 'passed';
    default:
      return measure satisfies never;
  }
}

/** A sustained change as a sentence. */
export function changeText({ measure, before, after, startedAt, p, shared }: TrendChange): string {
  const share = measure === 'duration' && before > 0 ? ` (${signed(Math.round((after / before - 1) * 100))} %)` : '';
  const what = { duration: 'it takes', findings: 'it has', outcome: 'it ends as' }[measure];
  const chance = p < 0.001 ? 'less than 0.001' : p.toFixed(3);
  return `Since ${whenText(startedAt)} ${what} ${amountText(measure, after)} instead of ${amountText(measure, before)}${share}: medians, p ${chance}.${sharedText(shared)}`;
}

/** Where most others changed too, that says where to look. */
function sharedText(shared: TrendChange['shared']): string {
  if (!shared || shared.others < 2 || shared.likewise <= shared.others / 2) return '';
  return ` So did ${shared.likewise} of ${shared.others} others in the same runs: suspect the machine, or what they share.`;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : value < 0 ? `−${Math.abs(value)}` : '±0';
}

/** A run of a gate: `2026-11-30 12:43: passed in 1.20 s, 3 findings`. */
export function pointText({ startedAt, outcome, ms, findings }: TrendPoint): string {
  return `${whenText(startedAt)}: ${outcome} in ${durationText(ms)}${findings > 0 ? `, ${countText(findings, 'finding')}` : ''}`;
}

/** One word or two, for a mark beside a name; undefined where there is nothing to mark. */
export function flakyMark(flakiness: Flakiness): string | undefined {
  return flakiness.kind === 'flaky' ? 'flaky' : flakiness.kind === 'by mode' ? 'differs in parallel' : undefined;
}

/** What is known of it and what is not, as sentences. */
export function flakinessText(flakiness: Flakiness): string {
  switch (flakiness.kind) {
    case 'unknown':
      return 'Whether it is flaky is not known: no two of its runs are known to have had the same to check. Verify Speedup would tell.';
    case 'steady':
      return `In ${countText(flakiness.comparable, 'run')} with the same to check as another it ended alike.`;
    case 'by mode':
      return 'It ended otherwise in parallel than one after another in all trials: something that runs beside it disturbs it, rather than chance.';
    case 'flaky':
      return `Flaky: ${flakiness.unlike} of ${countText(flakiness.comparable, 'run')} with the same to check did not end as the others.`;
    default:
      return flakiness satisfies never;
  }
}

const KNOWN: Readonly<Record<Extract<Contradiction, { kind: 'runs' }>['because'], string>> = {
  'same key': 'Nothing that is known to decide its result had changed',
  'same files': 'No file of the workspace had changed within the hour; what else decides its result is not known',
  'same verification': 'They are trials of one verification; whether a file changed between them is not known',
};

/** What contradicts what, and how it is known, as a sentence. */
export function contradictionText(contradiction: Contradiction): string {
  if (contradiction.kind === 'attempts')
    return `In the run ${contradiction.run} it passed only at attempt ${contradiction.attempts}.`;
  const { because, what, runs, outcomes, findings } = contradiction;
  const known = KNOWN[because];
  const differs =
    what === 'outcome'
      ? `It ended as ${outcomes[0]} in the run ${runs[0]}, and as ${outcomes[1]} in ${runs[1]}`
      : `It had ${countText(findings[0], 'finding')} in the run ${runs[0]}, and ${findings[0] === findings[1] ? 'other ones' : findings[1]} in ${runs[1]}`;
  return `${differs}. ${known}.`;
}

/** In a line: the measured figure, within which bounds it lies where these do not even tell whether anything was saved, or that there is none. */
export function savedText({ measured, estimated }: TimeSaved): string {
  if (measured.runs > 0)
    return measured.lowMs < 0 && measured.highMs > 0
      ? `${savedRangeText(measured)} saved, measured`
      : `${amountSaved(measured.ms)}, measured`;
  return estimated.runs > 0 ? `about ${amountSaved(estimated.ms)}, estimated` : 'nothing yet';
}

function amountSaved(ms: number): string {
  return ms < 0 ? `${durationText(-ms)} lost` : `${durationText(ms)} saved`;
}

/** Each figure with what it is made of, a sentence each. Measured and estimated are never added. */
export function savedTexts({ measured, estimated, answered, since }: TimeSaved): readonly string[] {
  if (since === undefined) return ['No run in parallel of at least two gates has ended yet.'];
  return [
    measured.runs === 0
      ? 'Measured: nothing yet. Verify Speedup measures the work of later runs.'
      : `Measured: ${amountSaved(measured.ms)} in ${countText(measured.runs, 'run')} (${savedRangeText(measured)} by the intervals of the ratios). Each makespan times the speedup that a verification of the same work measured, less the makespan.`,
    ...(estimated.runs === 0
      ? []
      : [
          `Estimated: ${amountSaved(estimated.ms)} in ${countText(estimated.runs, 'run')} that no verification stands for. Sum of the running times less the makespan; it is too high where gates slow each other down.`,
        ]),
    ...(answered.gates === 0
      ? []
      : [
          `Estimated: ${countText(answered.gates, 'gate')} answered from the cache did not work for ${durationText(answered.ms)}, if each had taken as long as in the run that answered.`,
        ]),
    `Runs since ${whenText(since)}.`,
  ];
}

/** Between what the measured figure lies, by the intervals of the ratios. */
export function savedRangeText({ lowMs, highMs }: TimeSaved['measured']): string {
  const text = (ms: number) => `${ms < 0 ? '−' : ''}${durationText(Math.abs(ms))}`;
  return `${text(lowMs)} to ${text(highMs)}`;
}

/** How changes were looked for, and what of them is no gate's own, as sentences. */
export function methodText({ runs, tests, level, machine = [] }: Pick<Trends, 'runs' | 'tests' | 'level' | 'machine'>): string {
  if (tests === 0)
    return `${countText(runs, 'run')}. A change is looked for once a gate has ended ten times in runs of one kind.`;
  const shared = machine.map((change) => `${machineText(change)} `).join('');
  return `${shared}${countText(runs, 'run')}, ${countText(tests, 'test')} for sustained changes, each at the level ${level.toPrecision(2)}: of those that are named at most 5 % are expected to be none, as far as runs differ by chance; where a gate alone is often much slower for a while, that can still look like one. At least five runs on each side, of durations eight, in three different hours of more than one working day; a change of durations below 25 % (15 % from 40 runs on each side, 10 % from 60) or 20 ms is not named, nor what all gates of a run have in common.`;
}

/** Since when everything takes longer or shorter, as a sentence. */
function machineText({ startedAt, ratio, p }: MachineChange): string {
  const chance = p < 0.001 ? 'less than 0.001' : p.toFixed(3);
  return `Since ${whenText(startedAt)} all gates take ${ratioText(ratio)} as long, p ${chance}: suspect the machine, or what they share.`;
}

// ------------------------------------------------------------------------------------------------------------ comparison

/** `+1.20 s`, `−40 ms`, `±0 ms`. */
export function differenceText(ms: number): string {
  const text = durationText(Math.abs(ms));
  if (text === '0 ms') return '±0 ms';
  return `${ms > 0 ? '+' : '−'}${text}`;
}

/** The makespans: `7.40 s, then 9.10 s: +1.70 s`. */
export function makespanText({ before, after, difference }: Both): string {
  return `${durationText(before)}, then ${durationText(after)}: ${differenceText(difference)}`;
}

/** What a share of the difference is: `ESLint ran longer`. */
export function shareText({ name, what, before, after }: MakespanShare): string {
  if (what === 'rest') return 'after the last operation had ended';
  if (before === 0)
    return what === 'running' ? `${name} came onto the critical path` : `${name} was waited for with nothing running before it`;
  if (after === 0) return what === 'running' ? `${name} left the critical path` : `${name} did not wait any more`;
  const longer = after > before;
  return what === 'running' ? `${name} ran ${longer ? 'longer' : 'shorter'}` : `${name} waited ${longer ? 'longer' : 'shorter'}`;
}

/** Outcomes in both runs: `passed`, or `passed → failed`. */
export function outcomesText({ before, after, changed }: ComparedOperation['outcomes']): string {
  return changed ? `${before} → ${after}` : after;
}

/** `2 gained, 1 lost`; empty where nothing changed. */
export function findingsChangeText({ gained, lost }: ComparedOperation['findings']): string {
  return [...(gained.length > 0 ? [`${gained.length} gained`] : []), ...(lost.length > 0 ? [`${lost.length} lost`] : [])].join(
    ', ',
  );
}

/** `src/a.ts:3 Message. (rule)`. `file` as it is to be shown. */
export function findingLine({ line, rule, message }: FindingText, file: string): string {
  return `${file}:${line} ${message.split('\n', 1)[0] ?? ''}${rule === undefined ? '' : ` (${rule})`}`;
}

/** What changed at all, in a line. */
export function comparisonText({ operations, onlyBefore, onlyAfter, makespan }: Comparison): string {
  const changed = operations.filter(({ outcomes }) => outcomes.changed).length;
  const count = (what: 'gained' | 'lost') => operations.reduce((sum, { findings }) => sum + findings[what].length, 0);
  return [
    makespanText(makespan),
    changed === 0 ? 'the same outcomes' : `${countText(changed, 'other outcome')}`,
    `${countText(count('gained'), 'finding')} gained, ${count('lost')} lost`,
    ...(onlyBefore.length > 0 ? [`${onlyBefore.length} only in the first`] : []),
    ...(onlyAfter.length > 0 ? [`${onlyAfter.length} only in the second`] : []),
  ].join(' · ');
}
