/** Gates whose command tells that they cannot find anything: of a configuration that is nowhere, or only for the time of a file. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Draft, type Drafts, dropDraft, isCheckedByCi } from './drafts.js';
import { inside } from './mention-places.js';
import type { Mentioned } from './mentioned.js';

/**
 * Takes out tools that are told of a local configuration which is not there, where nothing speaks of the file but the calls themselves, so
 * that nobody makes it; and steps that only give a new time to files which are there. Looks at few folders, once each.
 */
export async function dropAbsentFiles(drafts: Drafts, directory: string, mentions: readonly Mentioned[]): Promise<void> {
  const folders = new Map<string, Promise<readonly string[]>>();
  const isThere = async (file: string) => {
    const place = path.join(directory, path.posix.dirname(file));
    const entries = folders.get(place) ?? readdir(place).catch(() => []);
    folders.set(place, entries);
    return (await entries).includes(path.posix.basename(file));
  };
  for (const draft of [...drafts.byKey.values()]) {
    const touched = touchedBy(draft);
    if (touched !== undefined && (await Promise.all(touched.map(isThere))).every(Boolean)) dropDraft(draft, drafts);
    const file = touched === undefined ? configurationOf(draft) : undefined;
    if (file !== undefined && !(await isThere(file)) && !isMade(file, draft, mentions)) dropDraft(draft, drafts);
  }
}

/** The files of a call that changes nothing else; undefined for any other. */
function touchedBy({ command, category }: Draft): readonly string[] | undefined {
  if (category !== 'build' || command.kind !== 'program' || command.program !== 'touch') return undefined;
  const isPlain = command.given.length > 0 && command.given.every((word) => inPackage(word) !== undefined);
  return isPlain ? command.given : undefined;
}

/** The one local file by which a tool is configured that nobody calls in other words than its usual ones. */
function configurationOf({ command, preset, needs }: Draft): string | undefined {
  if (command.kind !== 'program' || !preset || preset.documentation === '' || needs.size > 0) return undefined;
  const isUsual = command.given.join(' ') === preset.defaultOptions.join(' ');
  const values = command.given.flatMap((arg, index) => (/^--config$/.test(command.given[index - 1] ?? '') ? [arg] : []));
  const [file, ...more] = isUsual ? values : [];
  return file === undefined || more.length > 0 || !/\.[a-z]+$/i.test(file) ? undefined : inPackage(file);
}

function inPackage(word: string): string | undefined {
  return /^[\w.][\w./-]*$/.test(word) ? inside('', word) : undefined;
}

/** Whether something else than the calls of the gate speaks of the file. */
function isMade(file: string, draft: Draft, mentions: readonly Mentioned[]): boolean {
  const name = path.posix.basename(file);
  return mentions.some(({ mention: { text, command, line, file: where } }) => {
    const said = command.kind === 'argv' ? command.argv.join(' ') : command.text;
    const isOwn = isCheckedByCi([draft]) && draft.evidence.some((each) => each.file === where && each.line === line);
    return !isOwn && (text.includes(name) || said.includes(name));
  });
}
