/** `volley analyse`: what of a sequence could run at the same time, its batch, its report. Executes nothing. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { text as textOf } from 'node:stream/consumers';
import type { AnalyseResult, Analysis, SourceKind } from '../core/engine.js';
import {
  analysisDocument,
  analysisText,
  choicesDocument,
  sourceProblemsDocument,
  sourcesDocument,
} from '../core/report/analysis.js';
import { relativeFile } from '../core/report/files.js';
import { optimisationHtml } from '../core/report/optimisation-html.js';
import { optimisationMarkdown } from '../core/report/optimisation-markdown.js';
import { type Context, isFolder, notAFolder, slotsOf, unable } from './actions.js';
import { EXIT } from './exit.js';

/** `volley analyse FILE`. */
export async function analyseSource(context: Context): Promise<number> {
  const { engine, folder, io, options } = context;
  if (!(await isFolder(folder))) return unable(notAFolder(folder), io, options);
  const wrong = wrongNames(context);
  if (wrong !== undefined) return unable(wrong, io, options);
  const named = await sourceNamed(context);
  if (named === undefined) return listSources(context);
  if (typeof named === 'string') return unable(named, io, options);
  const isInput = named.name === '-';
  const file = isInput ? undefined : path.resolve(named.name);
  const source =
    file === undefined ? await textOf(process.stdin) : await readFile(file, 'utf8').catch((error: unknown) => error as Error);
  if (typeof source !== 'string') return unable(`${named.name} cannot be read: ${source.message}.`, io, options);
  const choice = choiceOf(options)?.name;
  const { slots } = slotsOf(options);
  const result = await engine.analyse({
    ...{ text: source, slots },
    ...(file === undefined ? {} : { file }),
    ...(named.kind === undefined ? {} : { kind: named.kind }),
    ...(choice === undefined ? {} : { choice }),
  });
  return result.kind === 'analysed' ? show(result.analysis, context) : tellOther(result, named.name, context);
}

/** What the names of files that are to be written lack. */
function wrongNames({ options: { write, report } }: Context): string | undefined {
  if (write !== undefined && !/\.batch\.jsonc?$/.test(write))
    return `${write} cannot be written: the name of a batch file ends with .batch.jsonc, by which editors and Volley know it.`;
  if (typeof report === 'string' && !/\.(?:md|html)$/.test(report))
    return `${report} cannot be written: a report is Markdown (*.md) or HTML (*.html).`;
  return undefined;
}

interface Named {
  readonly name: string;
  readonly kind?: SourceKind;
}

/** What is chosen of a source, and of which kind that has to be. */
function choiceOf({
  script,
  target,
  job,
  task,
}: Context['options']): { readonly kind: SourceKind; readonly name: string } | undefined {
  if (script !== undefined) return { kind: 'package script', name: script };
  if (target !== undefined) return { kind: 'makefile', name: target };
  if (job !== undefined) return { kind: 'workflow', name: job };
  return task === undefined ? undefined : { kind: 'editor tasks', name: task };
}

/** Undefined when nothing is named, a sentence when it is not clear what is meant. */
async function sourceNamed({ engine, gates: [name], options }: Context): Promise<Named | string | undefined> {
  const { commands, transcript } = options;
  const list = commands ?? transcript;
  if (list !== undefined && name !== undefined) return `It is not clear what to analyse: ${name}, or ${list}. Name one.`;
  if (list !== undefined) return { name: list, kind: commands === undefined ? 'transcript' : 'commands' };
  const choice = choiceOf(options);
  if (name !== undefined) return { name, ...(choice === undefined ? {} : { kind: choice.kind }) };
  if (choice === undefined) return undefined;
  // The first file of the workspace that has it.
  const sources = (await engine.sources()).filter(({ kind }) => kind === choice.kind);
  const found = sources.find(({ choices }) => choices.some((each) => each.name === choice.name));
  if (found) return { name: found.file, kind: found.kind };
  const where = sources.length === 0 ? '' : ` Looked at: ${sources.map((source) => source.name).join(', ')}.`;
  return `No file of the workspace has a ${OPTIONS[choice.kind]?.slice(2) ?? 'choice'} “${choice.name}”.${where} Name the file: volley analyse FILE ${OPTIONS[choice.kind] ?? ''} ${choice.name}`;
}

const OPTIONS: Readonly<Partial<Record<SourceKind, string>>> = {
  'package script': '--script',
  makefile: '--target',
  workflow: '--job',
  'editor tasks': '--task',
};

async function listSources({ engine, io, options }: Context): Promise<number> {
  const sources = await engine.sources();
  if (options.json) {
    io.print(JSON.stringify(sourcesDocument(sources), null, 2));
    return EXIT.passed;
  }
  if (sources.length === 0)
    io.print(
      'There is no package.json with scripts, Makefile, workflow, tasks.json or transcript here. Commands come from a list: volley analyse --commands FILE.',
    );
  for (const { name, kind, choices } of sources) {
    io.print(io.style.bold(`${name}  ${io.style.dim(OPTIONS[kind] ?? kind)}`));
    printChoices(choices, io);
  }
  return EXIT.passed;
}

function printChoices(choices: readonly { readonly name: string; readonly summary: string }[], io: Context['io']): void {
  const width = Math.min(30, Math.max(0, ...choices.map(({ name }) => name.length)));
  for (const { name, summary } of choices)
    io.print(`  ${name.padEnd(width)}  ${io.style.dim(summary.length > 100 ? `${summary.slice(0, 99)}…` : summary)}`);
}

function tellOther(
  result: Exclude<AnalyseResult, { readonly kind: 'analysed' }>,
  name: string,
  { io, options }: Context,
): number {
  if (result.kind === 'problems') {
    for (const { file, line, message } of result.problems) io.error(`${file}${line === undefined ? '' : `:${line}`}: ${message}`);
    for (const { what, because } of result.notTaken) io.error(`Left out: ${what}, because ${because}.`);
    if (options.json) io.print(JSON.stringify(sourceProblemsDocument(result.problems, result.notTaken), null, 2));
    return EXIT.unable;
  }
  const option = `--${result.option}`;
  if (result.unknown !== undefined) {
    const known = result.choices.map((choice) => choice.name).join(', ');
    return unable(`${name} has no ${result.option} “${result.unknown}”. There are: ${known}.`, io, options);
  }
  if (options.json) io.print(JSON.stringify(choicesDocument(name, result.source, result.option, result.choices), null, 2));
  else {
    printChoices(result.choices, io);
    io.print(`\nName one: volley analyse ${name} ${option} ${result.choices[0]?.name ?? 'NAME'}`);
  }
  return EXIT.passed;
}

async function show(analysis: Analysis, context: Context): Promise<number> {
  const { io, options, folder } = context;
  for (const { file, line, message } of analysis.problems) io.error(`${file}${line === undefined ? '' : `:${line}`}: ${message}`);
  if (options.json) io.print(JSON.stringify(analysisDocument(analysis), null, 2));
  else io.print(analysisText(analysis, io.style));
  const batchFile = options.write === undefined ? proposedName(analysis) : relativeFile(folder, path.resolve(options.write));
  let code: number = EXIT.passed;
  const written = async (file: string, text: string, over: boolean): Promise<boolean> => {
    const at = path.resolve(file);
    try {
      await mkdir(path.dirname(at), { recursive: true });
      await writeFile(at, text, { flag: over ? 'w' : 'wx' });
      return true;
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
      io.error(
        `${file} was not written: ${exists ? 'it is there already' : error instanceof Error ? error.message : String(error)}.`,
      );
      code = EXIT.unable;
      return false;
    }
  };
  const say = (text: string) => (options.json ? io.error(text) : io.print(text));
  const isWritten = options.write !== undefined && (await written(options.write, analysis.batch, false));
  if (isWritten) say(`${batchFile} written. volley batch ${batchFile} runs it, volley verify ${batchFile} measures it.`);
  if (typeof options.report === 'string') {
    const about = { batchFile, written: isWritten };
    const text = options.report.endsWith('.html') ? optimisationHtml(analysis, about) : optimisationMarkdown(analysis, about);
    if (await written(options.report, text, true)) say(`${options.report} written.`);
  }
  if (options.write === undefined && !options.json)
    io.print(`--write ${batchFile} writes the equivalent batch, --report FILE.md the whole report.`);
  return code;
}

/** `ci.batch.jsonc` of the script ci. */
function proposedName({ choice, file }: Analysis): string {
  const base = choice ?? path.basename(file).replace(/\.\w+$/, '');
  return `${base.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'analysis'}.batch.jsonc`;
}
