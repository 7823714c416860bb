/** Tasks in JSON files: Composer, Deno, Rush, the editor. Pure. */
import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { readJsonc } from '../../jsonc.js';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { record, relativeDirectory, shellMention } from './commands.js';

/** `scripts` of composer.json. */
export function readComposer(input: EvidenceFile): readonly Mention[] {
  const root = readRoot(input);
  return properties(root && findNodeAtLocation(root, ['scripts'])).flatMap(({ name, value }) => {
    // Composer calls these itself, after an installation for example.
    if (/^(?:pre|post)-/.test(name)) return [];
    const items = value.type === 'array' ? (value.children ?? []) : [value];
    return items.flatMap((item) => {
      const text = getNodeValue(item) as unknown;
      if (typeof text !== 'string' || text.includes('::')) return [];
      const command = text
        .replace(/^@php\s+/, 'php ')
        .replace(/^@composer\s+/, 'composer ')
        .replace(/^@(?!putenv)/, 'composer run-script ');
      if (command.startsWith('@')) return [];
      const runner = { program: 'composer', args: ['run-script', name] };
      return [
        shellMention(
          { text: command, line: lineOf(input.text, item.offset) },
          { file: input.file, name, role: 'task', runner, text: `"${name}": "${text}"` },
        ),
      ];
    });
  });
}

/** `tasks` of deno.json. */
export function readDeno(input: EvidenceFile): readonly Mention[] {
  const root = readRoot(input);
  return properties(root && findNodeAtLocation(root, ['tasks'])).flatMap(({ name, value }) => {
    const node = value.type === 'object' ? findNodeAtLocation(value, ['command']) : value;
    const text = node && (getNodeValue(node) as unknown);
    if (typeof text !== 'string' || !node) return [];
    const runner = { program: 'deno', args: ['task', name] };
    return [shellMention({ text, line: lineOf(input.text, node.offset) }, { file: input.file, name, role: 'task', runner })];
  });
}

/** Commands of Rush that are lines for a shell in the folder of the repository; others start scripts of its projects. */
export function readRushCommands(input: EvidenceFile): readonly Mention[] {
  const root = readRoot(input);
  const list = root && findNodeAtLocation(root, ['commands']);
  return (list?.children ?? []).flatMap((node) => {
    const { commandKind, name, shellCommand } = record(getNodeValue(node));
    if (commandKind !== 'global' || typeof name !== 'string' || typeof shellCommand !== 'string') return [];
    const runner = { program: 'rush', args: [name] };
    const at = { text: shellCommand, line: lineOf(input.text, node.offset) };
    return [shellMention(at, { file: input.file, name, role: 'task', runner })];
  });
}

/** Hooks of git in package.json: `lint-staged`, whose files are appended, and what calls it. The manifest itself is complained about elsewhere. */
export function readManifestHooks({ file, text }: EvidenceFile): readonly Mention[] {
  if (!HOOKS_OF_MANIFESTS.some(([key = '']) => text.includes(`"${key}"`))) return [];
  const root = readJsonc(text).root;
  const called = HOOKS_OF_MANIFESTS.flatMap((place) => gitHooks({ file, text }, root && findNodeAtLocation(root, [...place])));
  const staged = properties(root && findNodeAtLocation(root, ['lint-staged'])).flatMap(({ value }) =>
    (value.type === 'array' ? (value.children ?? []) : [value]).flatMap((item) => {
      const command = getNodeValue(item) as unknown;
      if (typeof command !== 'string') return [];
      return [shellMention({ text: command, line: lineOf(text, item.offset) }, { file, name: 'lint-staged', role: 'hook' })];
    }),
  );
  return [...staged, ...called];
}

/** Where simple-git-hooks, husky before its fifth version, and yorkie look for hooks; lint-staged has commands by files instead. */
const HOOKS_OF_MANIFESTS: readonly (readonly string[])[] = [
  ['lint-staged'],
  ['simple-git-hooks'],
  ['husky', 'hooks'],
  ['gitHooks'],
];

/** Commands of the hooks that git runs before something is taken in. */
function gitHooks({ file, text }: Pick<EvidenceFile, 'file' | 'text'>, node: Node | undefined): readonly Mention[] {
  return properties(node).flatMap(({ name, value }) => {
    const line = getNodeValue(value) as unknown;
    if (!/^pre-(?:commit|push)$/.test(name) || typeof line !== 'string') return [];
    return [shellMention({ text: line, line: lineOf(text, value.offset) }, { file, name, role: 'hook' })];
  });
}

/** Tasks of the editor that end: `shell`, `process` and `npm`. */
export function readEditorTasks(input: EvidenceFile): readonly Mention[] {
  const root = readRoot(input);
  const list = root && findNodeAtLocation(root, ['tasks']);
  return (list?.children ?? []).flatMap((node) => {
    const task = record(getNodeValue(node));
    const options = record(task['options']);
    const name = String(task['label'] ?? task['taskName'] ?? task['script'] ?? '');
    const cwd = relativeDirectory(plain(options['cwd']));
    if (task['isBackground'] === true || name === '' || cwd === undefined) return [];
    const common = {
      file: input.file,
      name,
      role: 'task',
      cwd,
      env: strings(options['env']),
      text: `"label": "${name}"`,
    } as const;
    const at = { line: lineOf(input.text, node.offset) };
    if (task['type'] === 'npm' && typeof task['script'] === 'string')
      return [shellMention({ text: `npm run ${task['script']}`, ...at }, common)];
    const command = plain(task['command']);
    if (command === undefined || !['shell', 'process'].includes(String(task['type'] ?? 'shell'))) return [];
    const args = (Array.isArray(task['args']) ? task['args'] : []).map(plain);
    if (args.includes(undefined)) return [];
    if (task['type'] === 'process' || args.length > 0) {
      return [
        { ...common, ...at, command: { kind: 'argv', argv: [command, ...args.filter((arg) => arg !== undefined)] } } as const,
      ];
    }
    return [shellMention({ text: command, ...at }, common)];
  });
}

/** Without variables of the editor; undefined where one is left that is only known there. */
function plain(value: unknown): string | undefined {
  const quoted = record(value)['value'];
  const text = typeof value === 'string' ? value : typeof quoted === 'string' ? quoted : undefined;
  const own = text?.replace(/\$\{workspace(?:Folder|Root)\}\/?/g, '');
  return own?.includes('${') ? undefined : own;
}

function readRoot({ file, text, warn }: EvidenceFile): Node | undefined {
  const { root, errors, locate } = readJsonc(text);
  const [error] = errors;
  if (error) warn(`${file} is not valid JSON: ${error.message}.`, locate(error.offset));
  return root;
}

function properties(node: Node | undefined): readonly { readonly name: string; readonly value: Node }[] {
  return (node?.type === 'object' ? (node.children ?? []) : []).flatMap(({ children = [] }) => {
    const [key, value] = children;
    return key && value ? [{ name: String(key.value), value }] : [];
  });
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record(value)).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}
