/** `volley new`: writes a batch file from a template, or lists the templates. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { relativeFile } from '../core/report/files.js';
import { type Context, isFolder, notAFolder } from './actions.js';
import { EXIT } from './exit.js';

export async function createBatch({ engine, folder, io, gates: [name, named] }: Context): Promise<number> {
  const templates = await engine.templates();
  if (name === undefined) {
    const width = Math.max(...templates.map(({ id }) => id.length));
    for (const { id, description } of templates) io.print(`${io.style.bold(id.padEnd(width))}  ${description}`);
    io.print('\nvolley new <template> writes one to a file.');
    return EXIT.passed;
  }
  const template = templates.find(({ id }) => id === name);
  if (!template) {
    io.error(`There is no template “${name}”. There are: ${templates.map(({ id }) => id).join(', ')}.`);
    return EXIT.unable;
  }
  if (!(await isFolder(folder))) {
    io.error(notAFolder(folder));
    return EXIT.unable;
  }
  // What is named is relative to where it was typed, as with the other commands.
  const file = named === undefined ? path.join(folder, template.file) : path.resolve(named);
  const shown = relativeFile(folder, file);
  if (!/\.batch\.jsonc?$/.test(file)) {
    io.error(`${shown} was not written: the name of a batch file ends with .batch.jsonc, by which editors and Volley know it.`);
    return EXIT.unable;
  }
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // Never over one that is there.
    await writeFile(file, template.text, { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = exists ? 'it is there already' : error instanceof Error ? error.message : String(error);
    io.error(`${shown} was not written: ${reason}.`);
    return EXIT.unable;
  }
  io.print(`${shown} written. It runs as it is on Volley's sample workspace; its comments say what to change.`);
  io.print(`volley plan ${shown} explains it, volley batch ${shown} runs it.`);
  return EXIT.passed;
}
