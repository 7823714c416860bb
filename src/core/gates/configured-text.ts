/** What a project's configuration of a tool says, as text: most of it is code, which detection must not execute. */
import path from 'node:path';
import type { Preset } from './preset.js';
import { type Project, readText } from './project.js';

/** Options that name a file of configuration. */
const NAMED = /^(?:-c|--config|--config-file)(?:=(.+))?$/s;

/**
 * The texts of the files that configure the tool in this package, of those that `words` of its command name, and what stands under its
 * keys in shared files, one below the other. Whatever cannot be read is left out.
 */
export async function configuredText(
  { configFiles, configuredIn = [], configKeys }: Preset,
  words: readonly string[],
  project: Project,
): Promise<string> {
  const named = words.flatMap((word, index) => {
    const match = NAMED.exec(word);
    const file = match && (match[1] ?? words[index + 1]);
    return file === undefined || file === null ? [] : [file];
  });
  const files = [...(await project.files([...configFiles, ...configuredIn])), ...named];
  const texts = await Promise.all(
    [...new Set(files)].map((file) => readText(path.resolve(project.directory, file), () => {}).catch(() => undefined)),
  );
  const values = configKeys.map(({ file, key }) => JSON.stringify(project.setting(file, key)?.value));
  return [...texts, ...values].filter((text) => text !== undefined).join('\n');
}
