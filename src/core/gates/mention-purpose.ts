/** What a job, a hook or a task is for, by its names. Pure. */
import path from 'node:path';
import type { Mention } from './mention.js';

/**
 * What a job is for that releases, deploys or measures is no check of the repository; of one for documentation only what reads prose, of one
 * that measures or fuzzes what is proposed only what looks at sources: that benchmarks compile, somebody waits for.
 */
export function purposeOf(mention: Mention): 'checks' | 'prose' | 'sources' | 'something else' {
  const { role, name, file } = mention;
  if (role === 'hook' || mention.handedOn || (mention.tried && mention.reviewed)) return 'checks';
  const own = plainWordsOf(name);
  const ofFile = role === 'workflow' ? plainWordsOf(path.posix.basename(file)) : [];
  // `build-release.yml` of which some jobs check what is proposed, and one releases.
  const shared = mention.reviewed === true && [...ofFile, ...own].some((word) => ALSO_CHECKS.has(word));
  // `check-release` checks what will be released, also by the workflow that releases.
  const called = [...own, ...plainWordsOf(mention.via?.name ?? '')];
  const looks = mention.reviewed === true && called.some((word) => LOOKS.has(word));
  // What is proposed does not wait for the night: there the job is called after a compiler.
  const named = mention.reviewed === true ? own.filter((word) => word !== 'nightly') : own;
  const others = looks ? [] : [...named, ...(shared ? [] : ofFile)].filter((word) => NOT_CHECKS.has(word));
  // `test-release-tool`
  const isTested = mention.reviewed === true && own[0] === 'test' && own.length > 2;
  if (others.some((word) => !isTested || word !== 'release'))
    return mention.reviewed === true && others.every((word) => MEASURES.has(word)) ? 'sources' : 'something else';
  if (own.some((word) => TESTS.has(word))) return 'checks';
  return [...own, ...ofFile].some((word) => word === 'docs' || word === 'pages') ? 'prose' : 'checks';
}

function plainWordsOf(name: string): readonly string[] {
  return name.toLowerCase().split(/[^a-z]+/);
}

/** Words in the name of a file that is about more than releases. */
const ALSO_CHECKS = new Set('build builds test tests testing check checks ci lint main verify'.split(' '));

/** `docs-tests` runs tests that stand in documentation, `typecheck` of `docs.yml` checks its types. */
const TESTS = new Set('test tests lint linting typecheck types'.split(' '));

const NOT_CHECKS = new Set(
  'release releases publish publishing deploy deployment deploys bench benchmark benchmarks performance perf nightly fuzz stale release-please wheels benches'.split(
    ' ',
  ),
);

/** What a job does with what others release, measure or publish. */
const LOOKS = new Set('check checks verify validate lint'.split(' '));

const MEASURES = new Set('bench benchmark benchmarks benches performance perf fuzz'.split(' '));
