/**
 * Commands as the scripts of a package.json run them: what calls scripts by name is followed to any depth, each script with its pre and post
 * scripts. Pure; runs nothing.
 */

import { matchingScripts, type RunnerCall, runnerCall, type Stage } from '../gates/script-runners.js';
import { readJsonc } from '../jsonc.js';
import { shellWord } from '../shell-text.js';
import {
  type Sequence,
  SequenceBuilder,
  type SequentialOperation,
  type SourceChoice,
  type SourcePlace,
  type SourceText,
} from './sequence.js';
import {
  FRESH_SHELL,
  firstWords,
  nameOfCommand,
  type ShellPart,
  type ShellState,
  shellParts,
  wholePart,
  withLocalPrograms,
} from './shell-parts.js';

/** Where commands stand, and what holds for them. */
export interface CommandPlace extends SourcePlace {
  readonly state: ShellState;
  /** Scripts that can be called by name, of the package.json in `scriptsIn`. */
  readonly source: SourceText;
  /** Operations that have to pass before any of these. */
  readonly requires: readonly number[];
  /** They start together with others of this name. */
  readonly together?: string;
  readonly onFailure?: 'continue';
  /** Of what the commands are, where that says more than their words: the name of a script, a target, a step. */
  readonly name?: string;
  /** Scripts that are being followed. */
  readonly trail?: readonly string[];
  /** It is not taken apart. */
  readonly whole?: boolean;
}

/** What was added of a text: its operations, and how the shell is after it. */
export interface Added {
  readonly operations: readonly number[];
  readonly state: ShellState;
  /** Lines before an error in the text, which is then one operation. */
  readonly broken?: { readonly message: string; readonly line: number };
}

/** Scripts that call each other without end, or deeper than anybody writes. */
const DEEPEST = 50;

/** Adds what a text for a shell runs. `npm run lint` in it becomes what the script runs. */
export function addShell(text: string, place: CommandPlace, builder: SequenceBuilder): Added {
  const found = shellParts(text, place.state);
  if (found.kind === 'broken') return { operations: [], state: place.state, broken: found };
  const all: number[] = [];
  const strict: number[] = [];
  const inStatement = new Map<number, number[]>();
  for (const part of found.parts) {
    if (builder.isFull) {
      // Says that something is left out.
      builder.add(operationOf(part, place));
      break;
    }
    const own = inStatement.get(part.statement) ?? [];
    const before = part.chained === 'all' ? strict : part.chained === 'statement' ? own : [];
    const at = {
      ...place,
      requires: [...place.requires, ...before],
      ...(place.line === undefined ? {} : { line: place.line + part.line }),
    };
    const added = addPart(part, at, builder);
    all.push(...added);
    if (part.chained === 'all') strict.push(...added);
    inStatement.set(part.statement, [...own, ...added]);
  }
  return { operations: all, state: found.state };
}

function addPart(part: ShellPart, place: CommandPlace, builder: SequenceBuilder): readonly number[] {
  const { source } = place;
  const call = part.words && runnerCall(part.words, source.scriptsIn(part.cwd));
  const followed = call && followCall(call, part, place, builder);
  return followed ?? addCommand(part, place, builder);
}

/** Undefined when what it runs cannot be told: then it stays as it is. */
function followCall(
  call: RunnerCall,
  part: ShellPart,
  place: CommandPlace,
  builder: SequenceBuilder,
): readonly number[] | undefined {
  switch (call.kind) {
    case 'script': {
      if (!place.source.scriptsIn(part.cwd).has(call.name)) return undefined;
      return addScript(call.name, call.args, { ...place, ...withEnv(part, place) }, builder, call.hooks);
    }
    case 'stages':
      return addStages(call.stages, isParallel(part), { ...place, ...withEnv(part, place) }, builder);
    case 'command':
    case 'unknown':
      return undefined;
    default:
      return call satisfies never;
  }
}

function withEnv({ cwd, env }: ShellPart, { state }: CommandPlace): { readonly state: ShellState } {
  return { state: { ...FRESH_SHELL, cwd, env: { ...state.env, ...env } } };
}

/** Whether a runner that is told one pattern runs all that it means at the same time. */
function isParallel({ words = [] }: ShellPart): boolean {
  const [program, ...args] = words.map(({ value }) => value);
  if (program === 'npm-run-all' || program === 'npm-run-all2' || program === 'run-s')
    return args.some((arg) => /^(?:-p|--parallel)$/.test(arg)) && !args.some((arg) => /^(?:-s|--sequential|--serial)$/.test(arg));
  return true;
}

/** What a member of a stage starts. */
type Starts = { readonly line: string } | { readonly script: string; readonly args: readonly string[] };

function addStages(
  stages: readonly Stage[],
  parallel: boolean,
  place: CommandPlace,
  builder: SequenceBuilder,
): readonly number[] | undefined {
  const members = stages.map((stage) =>
    stage.flatMap((member): readonly Starts[] =>
      member.kind === 'line'
        ? [{ line: member.text }]
        : matchingScripts(member.pattern, place.source.scriptsIn(place.state.cwd)).map((script) => ({
            script,
            args: member.args,
          })),
    ),
  );
  if (members.some((stage) => stage.length === 0)) return undefined;
  const all: number[] = [];
  let { requires } = place;
  for (const [index, stage] of members.entries()) {
    const together = (parallel || (stages[index]?.length ?? 0) > 1) && stage.length > 1;
    const name = `${place.together ?? ''}${place.file}:${place.line ?? 0}:${builder.operations.length}`;
    const done: number[] = [];
    for (const member of stage) {
      const at: CommandPlace = {
        ...place,
        requires: together ? requires : [...requires, ...done],
        ...(together ? { together: name } : {}),
      };
      done.push(
        ...('line' in member ? lineOrWhole(member.line, at, builder) : addScript(member.script, member.args, at, builder)),
      );
    }
    all.push(...done);
    requires = [...requires, ...done];
  }
  return all;
}

function lineOrWhole(text: string, place: CommandPlace, builder: SequenceBuilder): readonly number[] {
  const added = addShell(text, place, builder);
  return added.broken ? addCommand(asPart(text, place), place, builder) : added.operations;
}

/** Adds what a script runs, with its pre and post scripts. */
export function addScript(
  name: string,
  args: readonly string[],
  place: CommandPlace,
  builder: SequenceBuilder,
  hooks = true,
): readonly number[] {
  const { source, state, trail = [] } = place;
  const scripts = source.scriptsIn(state.cwd);
  const hasPosition = source.file.endsWith('package.json') && state.cwd === source.cwd;
  const all: number[] = [];
  for (const each of hooks ? [`pre${name}`, name, `post${name}`] : [name]) {
    const body = scripts.get(each);
    if (body === undefined) continue;
    const own = each === name ? args : [];
    const at: CommandPlace = {
      ...place,
      requires: [...place.requires, ...all],
      name: each,
      trail: [...trail, each],
      ...(hasPosition ? { line: lineOfScript(source, each) } : {}),
    };
    // What npm alone knows keeps its script whole, and so do scripts that call each other without end.
    const isWhole = /\$\{?(?:npm_|INIT_CWD)/.test(body) || trail.includes(each) || trail.length >= DEEPEST;
    const text = isWhole
      ? `npm run ${shellWord(each)}${own.length === 0 ? '' : ` -- ${own.map(shellWord).join(' ')}`}`
      : [body, ...own.map(shellWord)].join(' ');
    if (isWhole) all.push(...addCommand(asPart(text, at), at, builder));
    else {
      const added = addShell(text, { ...at, state: { ...state, before: '', strict: false } }, builder);
      all.push(...(added.broken ? addCommand(asPart(`npm run ${shellWord(each)}`, at), at, builder) : added.operations));
    }
  }
  return all;
}

function asPart(text: string, { state }: CommandPlace): ShellPart {
  return wholePart(text, state);
}

/** Adds one command as one operation. */
export function addCommand(part: ShellPart, place: CommandPlace, builder: SequenceBuilder): readonly number[] {
  return builder.add(operationOf(part, place));
}

/** `lint eslint src`; but `docker build` of the target docker. */
function nameFor(around: string | undefined, command: string): string {
  return around === undefined || command.split(' ').includes(around) ? command : `${around} ${command}`;
}

function operationOf(part: ShellPart, place: CommandPlace): SequentialOperation {
  const { file, line, requires, together, onFailure, name, source } = place;
  const env = { ...place.state.env, ...part.env };
  const words = part.words?.map(({ value }) => value) ?? firstWords(part.quoted);
  const input = {
    shell: withLocalPrograms(part.text, (program) => source.isLocal(program, part.cwd)),
    ...(part.cwd === '' ? {} : { cwd: part.cwd }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
  };
  return {
    name: nameFor(name, nameOfCommand(words)),
    ...{ tool: 'command', input, file, text: part.quoted, requires },
    ...(line === undefined ? {} : { line }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(together === undefined ? {} : { together }),
  };
}

// ---------------------------------------------------------------------------------------------------------------- source

/** The scripts of a package.json. */
export function scriptsOf(text: string): ReadonlyMap<string, string> {
  const { root } = readJsonc(text);
  const scripts = root?.children?.find(({ children }) => children?.[0]?.value === 'scripts')?.children?.[1];
  return new Map(
    (scripts?.children ?? []).flatMap(({ children }) => {
      const [key, value] = children ?? [];
      return key && value?.type === 'string' ? [[String(key.value), String(value.value)] as const] : [];
    }),
  );
}

function lineOfScript({ text }: SourceText, name: string): number {
  const { root, locate } = readJsonc(text);
  const scripts = root?.children?.find(({ children }) => children?.[0]?.value === 'scripts')?.children?.[1];
  const found = scripts?.children?.find(({ children }) => children?.[0]?.value === name);
  return locate(found?.offset ?? 0).line;
}

/** What npm runs by itself around another script is no choice of its own. */
export function scriptChoices({ text }: SourceText): readonly SourceChoice[] {
  const scripts = scriptsOf(text);
  const isHook = (name: string) => /^(?:pre|post)/.test(name) && scripts.has(name.replace(/^(?:pre|post)/, ''));
  return [...scripts].filter(([name]) => !isHook(name)).map(([name, summary]) => ({ name, summary }));
}

/** What the script runs, one after another. */
export function readPackageScript(source: SourceText, name: string): Sequence {
  const builder = new SequenceBuilder();
  const { errors, locate } = readJsonc(source.text);
  for (const { offset, message } of errors.slice(0, 10))
    builder.problems.push({
      file: source.file,
      line: locate(offset).line,
      message: `${source.file} is not valid JSON: ${message}. Mend it: what stands behind it may be missing here.`,
    });
  addScript(name, [], { file: source.file, state: { ...FRESH_SHELL, cwd: source.cwd }, source, requires: [] }, builder);
  return builder.result();
}
