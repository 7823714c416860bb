/** Where commands run that change the directory first. Pure. */
import path from 'node:path';
import { type AndOr, type Command, type PipelineNode, parse, type Statement } from 'unbash';
import { shellWord } from '../shell-text.js';
import type { Mention } from './mention.js';
import { literal } from './script-words.js';

/**
 * The same mentions with `cd directory && …` turned into a place to run. Parts after a `cd` to what is not known are left out. CTest is told
 * of the directory instead: it is made by a build, so that nothing can run there before.
 */
export function relocated(mention: Mention): readonly Mention[] {
  return partsInPlace(mention).map((each) => {
    const { cwd, command } = each;
    if (cwd === '' || command.kind === 'argv' || !/^ctest\b(?!.*--test-dir)/.test(command.text)) return each;
    return { ...each, cwd: '', command: { kind: 'shell', text: command.text.replace(/^ctest/, `ctest --test-dir ${cwd}`) } };
  });
}

function partsInPlace(mention: Mention): readonly Mention[] {
  if (mention.command.kind === 'argv' || mention.manyPlaces || !CHANGES_DIRECTORY.test(mention.command.text)) return [mention];
  const { text } = mention.command;
  const { checkout } = mention;
  const result: Mention[] = [];
  const walk = (statements: readonly Statement[], start: Directory): Directory =>
    statements.reduce((directory, { command }) => visit(command, directory), start);
  const visit = (node: PipelineNode | AndOr, directory: Directory): Directory => {
    if (node.type === 'AndOr') {
      return node.operators.includes('||')
        ? directory
        : node.commands.reduce((place, command) => visit(command, place), directory);
    }
    // What a subshell changes to, ends with it.
    if (node.type === 'Subshell') {
      walk(node.body.commands, directory);
      return directory;
    }
    const said = node.type === 'If' || node.type === 'For' ? text.slice(node.pos, node.end) : '';
    // A loop that leads elsewhere each time stays in one piece.
    if (CHANGES_DIRECTORY.test(said) && (node.type === 'If' || !LEADS_ELSEWHERE.test(said))) {
      const before = result.length;
      // Each round of a loop begins where the one before has come back to.
      if (node.type === 'For') walk(node.body.commands, directory);
      else if (node.type === 'If')
        for (const part of [node.then, ...node.elif.map(({ then }) => then), node.else]) walk(part?.commands ?? [], directory);
      // Whether it runs at all, the condition decides.
      for (const [index, each] of result.entries()) if (index >= before) result[index] = { ...each, inShellScript: true };
      return directory;
    }
    const change = node.type === 'Command' ? directoryAfter(node, directory, checkout) : undefined;
    if (change) return change;
    // A task is run by its name, from where it stands.
    const isPlain = node.type === 'Command' && checkout === undefined && mention.role !== 'task';
    const inner = isPlain ? textOfShell(node) : undefined;
    if (inner && directory.cwd !== undefined && CHANGES_DIRECTORY.test(inner.line)) {
      const moved = partsInPlace({ ...mention, cwd: directory.cwd, command: { kind: 'shell', text: inner.line } });
      for (const { command, ...each } of moved)
        if (command.kind === 'shell')
          result.push({ ...each, command: { kind: 'shell', text: `${inner.wrapper}${command.text}` } });
      return directory;
    }
    // Beside the repository as in it: most lines name nothing that tells.
    const cwd = directory.cwd?.startsWith('..') ? '' : directory.cwd;
    if (cwd !== undefined) result.push({ ...mention, cwd, command: { kind: 'shell', text: text.slice(node.pos, node.end) } });
    return directory;
  };
  const start = checkout === undefined ? mention.cwd : path.posix.relative(checkout, '.');
  walk(parse(text).commands, { cwd: start, previous: undefined, pushed: [] });
  return result;
}

const CHANGES_DIRECTORY = /(?:^|[\s;&('"])(?:cd|pushd)\s/;
const LEADS_ELSEWHERE = /(?:^|[\s;&('"])(?:cd|pushd)\s[^\n;&|)]*[$`]/;

/** `uv run bash -c 'cd docs && make html'`: the line that a shell is given, and what starts the shell; undefined for any other command. */
function textOfShell({ name, args }: Command): { readonly wrapper: string; readonly line: string } | undefined {
  const words = name ? [name, ...args].map((word) => (word.type === 'Word' ? literal(word)?.value : undefined)) : [];
  const at = words.findIndex((word, index) => /^(?:ba|da|z)?sh$/.test(word ?? '') && /^-[a-z]*c$/.test(words[index + 1] ?? ''));
  const line = at < 0 ? undefined : words[at + 2];
  const before = words.slice(0, Math.max(at, 0));
  if (line === undefined || !before.every((word) => word !== undefined)) return undefined;
  return { wrapper: before.map((word) => `${shellWord(word)} `).join(''), line };
}

/** Where a script is, where it was before, and where `popd` leads; undefined where that is not known. */
interface Directory {
  readonly cwd: string | undefined;
  readonly previous: string | undefined;
  readonly pushed: readonly (string | undefined)[];
}

/** Undefined for a command that changes nothing about where the script is. */
function directoryAfter({ name, args }: Command, from: Directory, checkout: string | undefined): Directory | undefined {
  const { cwd, previous, pushed } = from;
  const [word] = args;
  const target = word?.type === 'Word' ? word.value : '';
  const place =
    target === '-' ? previous : cwd === undefined || !/^[\w@.][\w@./-]*$/.test(target) ? undefined : to(cwd, target, checkout);
  switch (name?.value) {
    case 'cd':
      return { cwd: place, previous: cwd, pushed };
    case 'pushd':
      return { cwd: place, previous: cwd, pushed: [cwd, ...pushed] };
    case 'popd':
      return { cwd: pushed[0], previous: cwd, pushed: pushed.slice(1) };
    default:
      return undefined;
  }
}

/** A directory seen from the repository, which lies in `checkout` of a larger folder; above it begins with `..`. */
function to(cwd: string, target: string, checkout: string | undefined): string | undefined {
  if (checkout === undefined) return inside(cwd, target);
  const place = path.posix.join(checkout, cwd, target);
  return place.startsWith('..') ? undefined : path.posix.relative(checkout, place);
}

/** A directory seen from another one, with `/`; undefined outside of where both are counted from. */
export function inside(cwd: string, target: string): string | undefined {
  const place = path.posix.join(cwd, target).replace(/\/$/, '');
  return place.startsWith('..') ? undefined : place === '.' ? '' : place;
}
