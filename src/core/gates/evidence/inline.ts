/** Steps of CI whose own shell is the check. Pure. */
import type { Mention } from '../mention.js';
import { nativeBuild } from '../native-builds.js';
import { wordsOf } from '../script-names.js';
import { comparesByName } from '../script-unknown.js';
import { madeBy, type Verdict, verdictOf } from '../script-verdict.js';
import { callsIn } from '../script-words.js';

/** A step that ran before in the same job. */
export interface EarlierStep {
  /** What it runs. */
  readonly text: string;
  /** Where the step stands in its file, from 1. */
  readonly line: number;
  /** The mention of its first command: where it runs, and what the step is called. */
  readonly first: Pick<Mention, 'cwd' | 'step'>;
  /** It has a condition of its own. */
  readonly sometimes: boolean;
}

/**
 * The mention of a step as one check by its exit code; undefined where its commands are left to be looked at one by one. What only compares
 * takes with it what makes the files anew, from the steps before. `like`: the mention of any command of the step.
 */
export function inlineMention(text: string, like: Mention, earlier: readonly EarlierStep[] = []): Mention | undefined {
  if (like.command.kind !== 'shell' || like.secret === true) return undefined;
  const known = Object.keys(like.env);
  // What stands in backticks is the name of something, not what is done.
  const title = wordsOf((like.step?.name ?? like.name).replace(/`[^`]*`/g, ' '));
  const verdict = verdictOf(text, known) ?? comparisonByName(text);
  if (verdict === undefined) return undefined;
  if (!verdict.compares && title.some((word) => ASIDE.has(word))) return undefined;
  // What it runs may be what the job has fetched.
  if (!verdict.compares && verdict.makers.some((program) => mayBeFetched(program, earlier))) return undefined;
  if (looksAtService(text)) return undefined;
  const before = verdict.compares && !verdict.makes ? generators(earlier, like.cwd, known) : [];
  // Files that nothing has made anew do not differ.
  if (verdict.compares && !verdict.makes && before.length === 0) return undefined;
  const script = [...before.map(({ made }) => made), verdict.script].join('\n');
  const [said = ''] = verdict.script.split('\n');
  const { line = 0 } = like;
  return {
    ...like,
    line,
    text: said,
    inline: verdict.makes || before.length > 0 ? 'makes' : 'looks',
    ...(before.length > 0 ? { makers: before.map(({ line }) => line) } : {}),
    command: { kind: 'argv', argv: ['bash', '-e', '-c', script] },
  };
}

/** A step of one call that by its name only compares. */
function comparisonByName(text: string): Verdict | undefined {
  const [call, ...others] = callsIn(text);
  const [program = '', ...args] = call ?? [];
  if (others.length > 0 || !comparesByName(program, args)) return undefined;
  return { script: text.trim(), compares: true, makes: false, makers: [] };
}

interface Maker {
  readonly line: number;
  readonly made: string;
}

/** Whether a step before may have fetched the program: one that speaks of it, or of which nobody can tell it by its place. */
function mayBeFetched(program: string, earlier: readonly EarlierStep[]): boolean {
  const fetching = earlier.filter(({ text }) => callsIn(text).some(fetches));
  return fetching.some(({ text }) => program.includes('/') || !/^[\w-]+$/.test(program) || text.includes(program));
}

function fetches([program = '', ...args]: readonly string[]): boolean {
  return /^(?:curl|wget|docker|podman|gh|aws|gcloud|az)$/.test(program) || (program === 'git' && args.includes('clone'));
}

/** Whether it only looks at the machine of the service, and brings in what that takes. */
function looksAtService(text: string): boolean {
  const calls = callsIn(text).map((words) => (words[0] === 'sudo' ? words.slice(1) : words));
  const looks = ([program = '', ...args]: readonly string[]) =>
    /^(?:kvm-ok|lscpu|nproc|free|df|nvidia-smi)$/.test(program) || /^(?:-v|-V|--version)$/.test(args.join(' '));
  const isBeside = ([program = '']: readonly string[]) => /^(?:apt|apt-get|brew|echo|printf|exit|grep)$/.test(program);
  return calls.some(looks) && calls.every((call) => looks(call) || isBeside(call));
}

/** What the steps before make, and where each stands. */
function generators(earlier: readonly EarlierStep[], here: string, known: readonly string[]): readonly Maker[] {
  const named = earlier.filter(
    ({ text, sometimes, first: { step } }) =>
      !sometimes &&
      (isCalledAfterMaking(step?.name ?? '') ||
        callsIn(text).some((call) => makesAll(call) || call.flatMap(wordsOf).some((word) => GENERATES.has(word)))),
  );
  const makers: Maker[] = [];
  for (const { text, first, line } of named) {
    const { cwd } = first;
    const made = madeBy(text, known);
    if (made !== undefined) makers.push({ line, made: cwd === here ? made : `(cd ${wayTo(here, cwd)} && ${made})` });
  }
  return makers;
}

/** Whether a step says by how its name begins that it makes files anew, whatever that is started by: `Regenerate mapfiles`. */
function isCalledAfterMaking(name: string): boolean {
  return /^(?:re-?generate|generate|re-?create|rebuild)\b/i.test(name);
}

/** Whether make is told no target: by habit it makes all that there is. */
function makesAll([program = '', ...args]: readonly string[]): boolean {
  const build = nativeBuild(program, args);
  return /^g?make$/.test(program) && build?.targets.length === 0;
}

function wayTo(here: string, there: string): string {
  const up =
    here === ''
      ? ''
      : here
          .split('/')
          .map(() => '../')
          .join('');
  return `'${`${up}${there}` || '.'}'`;
}

/** What steps are called that prepare something, or tell others of it. */
const ASIDE = new Set(
  'install setup upload download publish deploy login push cache start stop wait coverage report comment label notify skip debug'.split(
    ' ',
  ),
);

/** What programs, scripts and tasks are called that make files which are kept. */
const GENERATES = new Set(
  'build rebuild compile bundle generate regenerate gen codegen generator update sync docs doc readme schema dist package pack ncc vendor tidy write lock lockfile format fmt fix snapshot snapshots proto protos buf mocks mockgen stringer bindings bindgen headers api types licenses manifest manifests crd crds translations i18n extract'.split(
    ' ',
  ),
);
