/** Which settings in the environment of tests choose among them; all others only say how the same tests run. Pure. */

/** Whether a variable says which tests run: it is called after tests of a kind, has such a kind for a value, or names files or a suite. */
export function choosesTests(name: string, value: string): boolean {
  if (name === 'PYTEST_ADDOPTS') return /(?:^|\s)-[km]/.test(value);
  const isOn = /^(?:1|true|yes|on)$/i.test(value);
  const kinds = wordsIn(name).filter((word) => KINDS.has(word) && (isOn || !BROWSERS.has(word)));
  return kinds.length > 0 || wordsIn(value).some((word) => KINDS.has(word)) || CHOOSES.test(name);
}

function wordsIn(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}

/** What it is told is the name of one, if it is told more than that there are some. */
const BROWSERS = new Set(['browser', 'browsers']);

/** What tests are called that are others than those that run anyway. */
const KINDS = new Set(
  'unit integration e2e acceptance functional smoke browser browsers slow system network live external fuzz stress visual contract conformance perf performance bench'.split(
    ' ',
  ),
);

/** `TEST_SUITE`, `TESTS`, `SPEC_DIR`: a part of the tests. */
const CHOOSES =
  /^(?:\w+_)?(?:TESTS|SPECS?|SUITES?|TESTS?_?(?:SUITES?|FILES?|DIRS?|PATHS?|GROUPS?|TYPES?|ONLY|NAMES?|MODULES?|CONFIG|PROJECTS?|TAGS?|PATTERN|FILTER)|(?:SPEC|SUITE)_\w+)$/i;
