/** The equivalent batch of a sequence, as the text of a batch file. Pure. */
import { withoutReferences } from '../batch/references.js';
import type { Edge, Operation } from '../model.js';
import type { Sequence, SequentialOperation } from './sequence.js';

/** An operation of a sequence under the id that it has in the batch. */
export interface NamedOperation extends SequentialOperation {
  readonly id: string;
}

/** A readable id for each, unique, the same for the same sequence. */
export function namedOperations(operations: readonly SequentialOperation[]): readonly NamedOperation[] {
  const counts = new Map<string, number>();
  const taken = new Set<string>();
  return operations.map((operation) => {
    const base = idOf(operation);
    let count = counts.get(base) ?? 0;
    let id: string;
    do {
      count += 1;
      id = count === 1 ? base : `${base}-${count}`;
    } while (taken.has(id));
    counts.set(base, count);
    taken.add(id);
    return { ...operation, id };
  });
}

const LONGEST_ID = 48;

function idOf({ name, tool }: SequentialOperation): string {
  const plain = name
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  const short = plain.length <= LONGEST_ID ? plain : plain.slice(0, LONGEST_ID).replace(/-+$/, '');
  return short === '' ? tool : /^[a-z_]/.test(short) ? short : `${tool}-${short}`;
}

/**
 * Which operations each has to need, by index: what it needs now to have passed, as far as that holds back something. Whoever only reads files may
 * run although something before it failed: nothing is left behind by it. An order that hazards ask for anyway becomes a need, too.
 */
export function needsOf(
  operations: readonly NamedOperation[],
  planned: readonly Operation[],
  edges: readonly Edge[],
): readonly (readonly number[])[] {
  const byId = new Map(planned.map((operation) => [operation.id as string, operation]));
  const before = new Map<string, Set<string>>();
  for (const { from, to } of edges) {
    const known = before.get(to);
    if (known) known.add(from);
    else before.set(to, new Set([from]));
  }
  const reached: Set<number>[] = [];
  return operations.map(({ id, requires }, index) => {
    const isFree = onlyLooks(byId.get(id));
    const wanted = requires.filter((each) => each < index && (!isFree || before.get(id)?.has(operations[each]?.id ?? '')));
    const all = new Set<number>();
    const needs: number[] = [];
    // What a later need needs itself is needed with it.
    for (const each of [...new Set(wanted)].sort((a, b) => b - a)) {
      if (all.has(each)) continue;
      needs.push(each);
      all.add(each);
      if (operations[each]?.onFailure !== 'continue') for (const further of reached[each] ?? []) all.add(further);
    }
    reached[index] = all;
    return needs.sort((a, b) => a - b);
  });
}

/** Whether it reads files and leaves nothing behind, here or elsewhere. */
function onlyLooks(operation: Operation | undefined): boolean {
  if (!operation) return false;
  const { access, tool } = operation;
  if (access.barrier || access.writes.length > 0) return false;
  // A command that touches no file does what it does elsewhere.
  return tool === 'command' ? access.reads.length > 0 : tool !== 'fetch' && tool !== 'agent';
}

export interface BatchTextOptions {
  /** What was analysed: `package.json, script ci`. */
  readonly title: string;
  readonly operations: readonly NamedOperation[];
  readonly needs: readonly (readonly number[])[];
  readonly sequence: Pick<Sequence, 'notTaken' | 'notes'>;
}

/** So long an operation may be on one line. */
const LINE = 120;

/** The batch; each operation below a comment that says where it comes from. */
export function batchText({ title, operations, needs, sequence }: BatchTextOptions): string {
  const head = [
    `The same as ${title}: ${operations.length === 1 ? 'one operation' : `${operations.length} operations`}, out of order only where that cannot change the result.`,
    ...(needs.some((each) => each.length > 0)
      ? [
          '“needs” are operations that have to pass first, as they have to now. What only reads runs also when something before it failed.',
        ]
      : []),
    ...sequence.notes,
    ...sequence.notTaken
      .slice(0, MOST_LISTED)
      .map(({ what, because, line }) => `Left out${line === undefined ? '' : ` (line ${line})`}: ${what}, because ${because}.`),
    ...(sequence.notTaken.length > MOST_LISTED
      ? [`And ${sequence.notTaken.length - MOST_LISTED} more were left out; volley analyse lists them.`]
      : []),
  ];
  const entries = operations.map((operation, index) => {
    const names = (needs[index] ?? []).flatMap((each) => operations[each]?.id ?? []);
    const comma = index < operations.length - 1 ? ',' : '';
    return `    // ${comment(operation)}\n${entryText(operation, names)}${comma}`;
  });
  return `${head.map((line) => `// ${oneLine(line)}`).join('\n')}\n{\n  "name": ${JSON.stringify(oneLine(title))},\n  "operations": [${entries.length === 0 ? '' : `\n${entries.join('\n')}\n  `}]\n}\n`;
}

const MOST_LISTED = 30;

function entryText({ id, tool, input, onFailure, durationMs }: NamedOperation, needs: readonly string[]): string {
  const entry = {
    id,
    tool,
    input: withoutReferences(input),
    ...(needs.length === 0 ? {} : { needs }),
    ...(onFailure === undefined ? {} : { onFailure }),
    // Longer than the limit of a batch that says none.
    ...(durationMs === undefined || durationMs < 300_000 ? {} : { timeout: Math.min(86_400, Math.ceil(durationMs / 500)) }),
  };
  return `    ${written(entry, '    ')}`;
}

/** JSON as people write it: on one line where it is short enough. */
function written(value: unknown, indent: string): string {
  const line = spaced(value);
  if (line.length + indent.length <= LINE || typeof value !== 'object' || value === null) return line;
  const inner = `${indent}  `;
  const [open, close, members] = Array.isArray(value)
    ? ['[', ']', value.map((each) => written(each, inner))]
    : ['{', '}', Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${written(each, inner)}`)];
  return `${open}\n${members.map((member) => `${inner}${member}`).join(',\n')}\n${indent}${close}`;
}

/** JSON on one line, with spaces as people write it. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${spaced(inner)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function comment({ file, line, text, failed, together }: NamedOperation): string {
  const facts = [
    ...(failed ? ['did not pass then'] : []),
    ...(together === undefined ? [] : ['starts together with others already']),
  ];
  const shown = oneLine(text);
  return oneLine(
    `${file}${line === undefined ? '' : `:${line}`}  ${shown.length > 100 ? `${shown.slice(0, 99)}…` : shown}${facts.length === 0 ? '' : `  (${facts.join(', ')})`}`,
  );
}

/** Nothing that would end a comment, or be read as more than text. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
