/** What a project's configuration of a tool says, as text: most of it is code, which detection must not execute. */
import path from 'node:path';
import type { Preset } from './preset.js';
import { isFile, type Project, readText } from './project.js';

/** Options that name a file of configuration. */
const NAMED = /^(?:-c|--config|--config-file)(?:=(.+))?$/s;

/** What is chosen by whether it runs on CI, as configurations that tools write for their users do. */
const ON_CI = /\bprocess\.env\.CI\s{0,20}\?([^?:,\n]{1,200}):([^?:,\n}]{1,200})/g;

/** A module beside it, from which a configuration takes some of what it says. */
const IMPORTED = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;
const ENDINGS = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];
/** Files read for one tool. */
const MOST_FILES = 20;

/**
 * The texts of the files that configure the tool in this package, of those that `words` of its command name, and what stands under its
 * keys in shared files, one below the other; with the modules that they import from beside them. Whatever cannot be read is left out.
 */
export async function configuredText(
  { configFiles, configuredIn = [], configKeys }: Preset,
  words: readonly string[],
  project: Project,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const named = words.flatMap((word, index) => {
    const match = NAMED.exec(word);
    const file = match && (match[1] ?? words[index + 1]);
    return file === undefined || file === null ? [] : [file];
  });
  const files = [...(await project.files([...configFiles, ...configuredIn])), ...named];
  const texts = await withImported(files.map((file) => path.resolve(project.directory, file)));
  const values = configKeys.map(({ file, key }) => JSON.stringify(project.setting(file, key)?.value));
  const text = [...texts, ...values].filter((each) => each !== undefined).join('\n');
  return text.replace(ON_CI, (_, there: string, elsewhere: string) => (env['CI'] ? there : elsewhere));
}

async function withImported(files: readonly string[]): Promise<readonly string[]> {
  const seen = new Set(files);
  const texts: string[] = [];
  // A set that grows is walked to its end.
  for (const file of seen) {
    if (texts.length >= MOST_FILES) break;
    const text = await readText(file, () => {}).catch(() => undefined);
    if (text === undefined) continue;
    texts.push(text);
    for (const [, , module = ''] of text.matchAll(IMPORTED)) {
      const place = path.resolve(path.dirname(file), module);
      const there = await Promise.all(ENDINGS.map(async (ending) => (await isFile(`${place}${ending}`)) && `${place}${ending}`));
      const found = there.find((each) => each !== false);
      if (found) seen.add(found);
    }
  }
  return texts;
}
