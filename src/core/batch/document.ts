/**
 * A batch file: from its text to operations and groups with their places, or to all that is wrong with it. Pure; never throws, whatever
 * the text holds.
 */
import type * as z from 'zod/mini';
import { complaintsOf, type Issue, type Words } from '../complaints.js';
import {
  bounded,
  type Complaint,
  isBroken,
  type JsonNode,
  offsetOf,
  type Path,
  placeName,
  plainValue,
  properties,
  type Reading,
  readJsonc,
} from '../jsonc.js';
import { TOOLS, type ToolName } from '../model.js';
import {
  batchSchema,
  GROUP_KINDS,
  GROUP_SCHEMAS,
  type GroupKind,
  type Matrix,
  type MatrixValues,
  type OperationFields,
  operationSchema,
} from './format.js';
import { hasReference } from './references.js';

/** Lines and columns from 1. */
export interface BatchPlace {
  readonly line: number;
  readonly column: number;
}

/** Something that is wrong with a batch; `message` is a sentence. */
export interface BatchProblem extends BatchPlace {
  readonly message: string;
}

/** An operation as it stands in the file; with a matrix it stands for several. */
export interface OperationEntry extends Omit<OperationFields, 'id' | 'tool' | 'input'> {
  readonly kind: 'operation';
  readonly id: string;
  readonly tool: ToolName;
  readonly input: Readonly<Record<string, unknown>>;
  readonly place: BatchPlace;
}

export interface GroupEntry {
  readonly kind: GroupKind;
  readonly id?: string;
  readonly members: readonly Member[];
  readonly needs?: readonly string[];
  readonly matrix?: Matrix;
  readonly atomic?: boolean;
  readonly limit?: number;
  /** The items of a pipeline. */
  readonly over?: MatrixValues;
  readonly place: BatchPlace;
}

export type Member = OperationEntry | GroupEntry;

export interface BatchDocument {
  readonly name?: string;
  readonly description?: string;
  readonly budgetTokens?: number;
  readonly members: readonly Member[];
}

/** What a file comes to. With problems there is a document only for what they do not concern; nothing of it may run. */
export interface ReadBatch {
  readonly document: BatchDocument;
  readonly problems: readonly BatchProblem[];
}

/** The schema of the input of a tool. */
export type InputSchemas = (tool: ToolName) => z.ZodMiniType<unknown>;

/** No more are told at once. */
export const MOST_PROBLEMS = 100;
/** Characters of a file. */
const LONGEST = 5_000_000;

/** Reads a batch. At most 100 problems, each at a place inside the text. */
export function readBatch(text: string, schemas: InputSchemas): ReadBatch {
  if (text.length > LONGEST) {
    const message = 'The batch is larger than 5 million characters. Divide it, or keep long texts in files of their own.';
    return { document: { members: [] }, problems: [{ line: 1, column: 1, message }] };
  }
  const { root, errors, locate } = readJsonc(text);
  const problems: BatchProblem[] = [];
  const complain = bounded(MOST_PROBLEMS, (offset, message) => problems.push({ ...locate(offset), message }));
  for (const { offset, message } of errors) complain(offset, `The batch is not valid: ${message}.`);
  const reader: Reader = { errors, complain, locate, schemas, counts: new Map() };
  const document = root === undefined ? undefined : readRoot(root, reader);
  if (!document && problems.length === 0) complain(0, 'A batch has to hold an object {"operations": […]}.');
  return { document: document ?? { members: [] }, problems };
}

interface Reader extends Reading {
  readonly locate: (offset: number) => BatchPlace;
  readonly schemas: InputSchemas;
  /** How many operations of a tool have no id of their own. */
  readonly counts: Map<string, number>;
}

function readRoot(root: JsonNode, reader: Reader): BatchDocument | undefined {
  if (root.type !== 'object') {
    reader.complain(root.offset, 'A batch has to hold an object {"operations": […]}.');
    return undefined;
  }
  const result = batchSchema.safeParse(shallow(root, ['operations'], reader));
  if (!result.success) complainAll(issuesOf(result.error), wordsFor(batchSchema), root, '', reader);
  const operations = memberNamed(root, 'operations', reader);
  const members = operations?.type === 'array' ? readMembers(operations, 'operations', reader) : [];
  if (!result.success) return { members };
  const { name, description, budget } = result.data;
  return {
    members,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(budget === undefined ? {} : { budgetTokens: budget.tokens }),
  };
}

function readMembers(node: JsonNode, name: string, reader: Reader): readonly Member[] {
  return (node.children ?? []).flatMap((child, index) => readMember(child, `${name}[${index}]`, reader) ?? []);
}

function readMember(node: JsonNode, name: string, reader: Reader): Member | undefined {
  if (node.type !== 'object') {
    reader.complain(node.offset, `“${name}” has to be an operation {"tool": …, "input": …} or a group {"parallel": […]}.`);
    return undefined;
  }
  const kinds = GROUP_KINDS.filter((kind) => memberNamed(node, kind, reader));
  const [kind, ...others] = kinds;
  if (kind === undefined) return isBroken(node, reader) ? undefined : readOperation(node, name, reader);
  if (others.length > 0) {
    reader.complain(node.offset, `“${name}” holds ${kinds.map((each) => `“${each}”`).join(' and ')}. A group is one of them.`);
    return undefined;
  }
  return readGroup(kind, node, name, reader);
}

function readGroup(kind: GroupKind, node: JsonNode, name: string, reader: Reader): GroupEntry | undefined {
  const schema: z.ZodMiniType<unknown> = GROUP_SCHEMAS[kind];
  const result = schema.safeParse(shallow(node, [kind], reader));
  if (!result.success) complainAll(issuesOf(result.error), wordsFor(GROUP_SCHEMAS[kind]), node, name, reader);
  const inner = memberNamed(node, kind, reader);
  const members = inner?.type === 'array' ? readMembers(inner, `${name}.${kind}`, reader) : [];
  if (!result.success) return undefined;
  const { [kind]: _members, ...fields } = result.data as Record<string, unknown>;
  return { ...(fields as Omit<GroupEntry, 'kind' | 'members' | 'place'>), kind, members, place: reader.locate(node.offset) };
}

function readOperation(node: JsonNode, name: string, reader: Reader): OperationEntry | undefined {
  const value = plainValue(node, reader) as Record<string, unknown>;
  const result = operationSchema.safeParse(value);
  if (!result.success) complainAll(issuesOf(result.error), wordsFor(operationSchema), node, name, reader);
  const { tool } = value;
  const known = TOOLS.find((each) => each === tool);
  const { input } = value;
  const fits = known === undefined || !isRecord(input) || readInput(known, input, node, name, reader);
  if (!result.success || !fits) return undefined;
  const { id, ...fields } = result.data;
  return { ...fields, kind: 'operation', id: id ?? nextId(fields.tool, reader), place: reader.locate(node.offset) };
}

/** What is given by a reference is checked when it is known. */
function readInput(tool: ToolName, input: Record<string, unknown>, node: JsonNode, name: string, reader: Reader): boolean {
  const schema = reader.schemas(tool);
  const complaints = complaintsOfInput(schema, input).map((each) => ({ ...each, path: ['input', ...each.path] }));
  tell(complaints, node, name, reader);
  return complaints.length === 0;
}

/** What is wrong with the input of a tool, apart from what a reference stands for. */
export function complaintsOfInput(schema: z.ZodMiniType<unknown>, input: unknown): readonly Complaint[] {
  const result = schema.safeParse(input);
  if (result.success) return [];
  const issues = issuesOf(result.error).filter((issue) => !concernsReference(input, issue.path as Path));
  return complaintsOf(issues, { namesAt: (at) => (at.length === 0 ? namesOf(schema) : []) });
}

/** Whether what stands at the path, or in it, is given by a reference. */
function concernsReference(input: unknown, at: Path): boolean {
  let value = input;
  for (const part of at) {
    if (typeof value !== 'object' || value === null) break;
    value = (value as Record<string | number, unknown>)[part];
  }
  return hasReference(value);
}

function nextId(tool: string, { counts }: Reader): string {
  const count = (counts.get(tool) ?? 0) + 1;
  counts.set(tool, count);
  return `${tool}-${count}`;
}

// ------------------------------------------------------------------------------------------------------------ complaints

function issuesOf(error: { readonly issues: readonly unknown[] }): readonly Issue[] {
  return error.issues as readonly Issue[];
}

function complainAll(issues: readonly Issue[], words: Words, node: JsonNode, name: string, reader: Reader): void {
  tell(complaintsOf(issues, words), node, name, reader);
}

function tell(complaints: readonly Complaint[], node: JsonNode, name: string, reader: Reader): void {
  for (const { path, key, message } of complaints) {
    const at = key === undefined ? path : [...path, key];
    const subject = placeName(name, at) || 'The batch';
    reader.complain(offsetOf(node, at, key !== undefined), `“${subject}” ${message}`);
  }
}

/** Names at the top of an object; what lies deeper has too many shapes to guess. */
function wordsFor(schema: { readonly shape: Readonly<Record<string, unknown>> }): Words {
  return {
    namesAt: (at) => (at.length === 0 ? Object.keys(schema.shape) : []),
    alternativesAt(at) {
      if (at.at(-1) === 'over' || at.at(-2) === 'matrix') return 'has to be an array of values, or {"glob": "…"}.';
      return at.at(-1) === 'retries' ? 'has to be a whole number, or {"times": 3, "backoff": 0.5}.' : undefined;
    },
    formAt(at) {
      if (at.at(-2) === 'matrix') return 'have another name: it starts with a letter or _, and holds only letters, digits and _';
      return at.at(-1) === 'id'
        ? 'start with a letter or _, and hold only letters, digits, - and _, at most 100 of them'
        : undefined;
    },
  };
}

function namesOf(schema: z.ZodMiniType<unknown>): readonly string[] {
  const { shape, def } = schema as {
    readonly shape?: Readonly<Record<string, unknown>>;
    readonly def?: { readonly options?: readonly z.ZodMiniType<unknown>[] };
  };
  // Of alternatives any name may be meant.
  return shape ? Object.keys(shape) : [...new Set((def?.options ?? []).flatMap(namesOf))];
}

// ------------------------------------------------------------------------------------------------------------------ tree

function memberNamed(node: JsonNode, name: string, reader: Reader): JsonNode | undefined {
  return properties(node, { ...reader, complain() {} }).find((each) => each.name === name)?.value;
}

/** As plain data, with members as they are: these are read one by one. */
function shallow(node: JsonNode, members: readonly string[], reader: Reader): Record<string, unknown> {
  return Object.fromEntries(
    properties(node, reader).map(({ name, value }) => [
      name,
      members.includes(name) && value.type === 'array' ? (value.children ?? []).map(() => null) : plainValue(value, reader),
    ]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
