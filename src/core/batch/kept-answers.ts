/** What the operations of a run answered, kept with it, so that one answer for all can be made later, also in another window. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContextUse } from '../measured.js';
import { slices } from '../slices.js';
import { combiningAnswers, type PartialAnswer } from './combined.js';

const HEAD = 'answers.json';
const TEXTS = 'answers.jsonl';
const VERSION = 1;

/** What is known of kept answers without reading them. */
export interface KeptAnswers {
  /** Where tokens were counted. */
  readonly context?: ContextUse;
}

/** Writes them in slices of time; what says that they are there comes last. */
export async function keepAnswers(
  directory: string,
  answers: readonly PartialAnswer[],
  context: ContextUse | undefined,
): Promise<void> {
  const turns = slices();
  const lines: string[] = [];
  for (const answer of answers) {
    if (turns.due()) await turns.next();
    lines.push(`${JSON.stringify(answer)}\n`);
  }
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, TEXTS), lines.join(''));
  await writeFile(path.join(directory, HEAD), JSON.stringify({ version: VERSION, ...(context ? { context } : {}) }));
}

/** Undefined when none are kept. */
export async function keptAnswers(directory: string): Promise<KeptAnswers | undefined> {
  try {
    const { version, ...head } = JSON.parse(await readFile(path.join(directory, HEAD), 'utf8')) as KeptAnswers & {
      readonly version: number;
    };
    return version === VERSION ? head : undefined;
  } catch {
    return undefined;
  }
}

/** One text for all of them, made in slices of time; undefined when none are kept. */
export async function combinedOfKept(directory: string): Promise<string | undefined> {
  if (!(await keptAnswers(directory))) return undefined;
  const text = await readFile(path.join(directory, TEXTS), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const turns = slices();
  const answers: PartialAnswer[] = [];
  try {
    for (const line of text.split('\n')) {
      if (turns.due()) await turns.next();
      if (line !== '') answers.push(JSON.parse(line) as PartialAnswer);
    }
  } catch {
    return undefined;
  }
  const combining = combiningAnswers(answers);
  for (;;) {
    const step = combining.next();
    if (step.done) return step.value;
    if (turns.due()) await turns.next();
  }
}
