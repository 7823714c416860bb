/** The tests that a manifest of a language speaks for, for repositories of which nothing else says how they are run. Executes nothing. */
import path from 'node:path';
import { slashes } from '../paths.js';
import type { PackageContext } from './assemble.js';
import { addDraft, type Drafts, draftOf, type ScriptInfo } from './drafts.js';
import { flatten } from './mention-merge.js';
import { findChecks } from './script-fragments.js';
import type { ScriptContext } from './script-steps.js';

/** What stands in a folder of a language, and how its tests are run by habit. */
interface Habit {
  readonly manifest: RegExp;
  /** One of these folders has to be there. */
  readonly tests?: readonly string[];
  /** What has to stand in the manifest. */
  readonly text?: RegExp;
  readonly argv: readonly string[];
}

const HABITS: readonly Habit[] = [
  { manifest: /^Package\.swift$/, tests: ['Tests'], argv: ['swift', 'test'] },
  { manifest: /^mix\.exs$/, tests: ['test'], argv: ['mix', 'test'] },
  { manifest: /^pubspec\.yaml$/, tests: ['test'], text: /^\s*sdk:\s*flutter\b/m, argv: ['flutter', 'test'] },
  { manifest: /^pubspec\.yaml$/, tests: ['test'], argv: ['dart', 'test'] },
  { manifest: /^build\.sbt$/, argv: ['sbt', 'test'] },
  { manifest: /^project\.clj$/, tests: ['test'], argv: ['lein', 'test'] },
  { manifest: /\.cabal$/, text: /^test-suite\b/im, argv: ['cabal', 'test'] },
  { manifest: /^dune-project$/, tests: ['test', 'tests'], argv: ['dune', 'test'] },
  { manifest: /^gleam\.toml$/, tests: ['test'], argv: ['gleam', 'test'] },
  { manifest: /^shard\.yml$/, tests: ['spec'], argv: ['crystal', 'spec'] },
  { manifest: /^build\.zig$/, text: /\.step\(\s*"test"/, argv: ['zig', 'build', 'test'] },
  { manifest: /\.nimble$/, tests: ['tests'], argv: ['nimble', 'test'] },
  { manifest: /^\.busted$/, argv: ['busted'] },
];

/** Adds them where no gate is a test. */
export async function addTestsByHabit(
  drafts: Drafts,
  scripts: ScriptContext,
  info: ScriptInfo,
  { project, folder, disk }: PackageContext,
): Promise<void> {
  const all = [...drafts.byKey.values()];
  if (all.some(({ category }) => category === 'test')) return;
  for (const { manifest, tests, text, argv } of HABITS) {
    // Whoever calls it for other checks would call it for tests.
    if (all.some(({ command }) => command.kind === 'program' && command.program === argv[0])) continue;
    const name = project.entries.find((entry) => manifest.test(entry));
    if (name === undefined || (tests && !tests.some((each) => project.entries.includes(each)))) continue;
    const file = path.join(project.directory, name);
    if (text && !text.test((await disk.readText(file)) ?? '')) continue;
    const evidence = { file: slashes(path.relative(folder.path, file)), text: name };
    const { onFix: _, ...silent } = scripts;
    for (const step of flatten(findChecks({ command: { kind: 'argv', argv }, env: {} }, name, silent)))
      addDraft(drafts, { ...draftOf(step, false, info), origin: 'configuration', evidence: [evidence] });
    return;
  }
}
