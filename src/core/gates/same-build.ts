/** Builds that differ in nothing that matters to whether the sources build, and which of two calls of a build tool does more. Pure. */
import type { Draft } from './drafts.js';

/** Whether both build the same: for other machines, in another directory, with more workers, by a script with more arguments. */
export function isSameBuild({ command: a }: Draft, { command: b }: Draft): boolean {
  if (a.kind === 'script' && b.kind === 'script')
    return a.script === b.script && a.args.every(isAboutHow) && b.args.every(isAboutHow);
  if (a.kind === 'script' || b.kind === 'script') return false;
  if (a.program !== b.program) return false;
  if (a.program === 'cmake') return buildsWith(a.given) && buildsWith(b.given) && targetsOf(a.given) === targetsOf(b.given);
  if (a.program !== 'go') return false;
  const said = ({ options, env }: typeof a) =>
    JSON.stringify([options, Object.entries(env).filter(([name]) => !/^(?:GOOS|GOARCH|GOARM|CGO_ENABLED)$/.test(name))]);
  return said(a) === said(b);
}

function isAboutHow(arg: string): boolean {
  return /^--?(?:parallel|jobs|concurrency|verbose|quiet|silent|color|no-color|progress|max-workers)(?:=|$)|^-[jvq]\d*$/.test(
    arg,
  );
}

function buildsWith([first]: readonly string[]): boolean {
  return first === '--build';
}

/** What of a build tree is built. */
function targetsOf(given: readonly string[]): string {
  return given
    .flatMap((arg, index) =>
      /^(?:--target|-t)$/.test(arg) ? [given[index + 1] ?? ''] : /^--target=/.test(arg) ? [arg.slice(9)] : [],
    )
    .join(' ');
}

/** Whether a call of Gradle leaves out nothing and does all that the other does. */
export function runsMore({ command: known }: Draft, { command: draft }: Draft): boolean {
  if (known.kind !== 'program' || draft.kind !== 'program') return false;
  const [before, after] = [gradleTasks(known.given), gradleTasks(draft.given)];
  if (after.excluded.length > 0) return false;
  return (
    before.excluded.length > 0 ||
    (after.tasks.length > before.tasks.length && before.tasks.every((task) => after.tasks.includes(task)))
  );
}

function gradleTasks(given: readonly string[]): { readonly tasks: readonly string[]; readonly excluded: readonly string[] } {
  const isExcluded = (index: number) => /^(?:-x|--exclude-task)$/.test(given[index - 1] ?? '');
  const words = given.filter((arg) => !arg.startsWith('-'));
  const excluded = given.filter((_, index) => isExcluded(index));
  return { tasks: words.filter((word) => !excluded.includes(word)), excluded };
}
