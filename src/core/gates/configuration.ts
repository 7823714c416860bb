/**
 * volley.jsonc: what a workspace folder says about its gates. Read here; applied to the detected gates in configuration-gates.ts.
 * Executes nothing and never rejects: what is wrong is a warning at its place, and everything else still holds.
 */
import path from 'node:path';
import { complaintsOf, type Issue, nearest, unknownName, type Words } from '../complaints.js';
import type { Warning } from '../gate-model.js';
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
  shown,
} from '../jsonc.js';
import type { Folder } from '../model.js';
import { normaliseMatchers } from './configuration-matchers.js';
import { type DefaultSettings, defaultsSchema, type GateSettings, gateSchema, KNOWN_NAMES } from './configuration-schema.js';
import { PARSER_NAMES } from './parser-names.js';
import { readText } from './project.js';

export { type Configured, configureGates, resolvePrograms } from './configuration-gates.js';
export { configurationText } from './configuration-text.js';

/** Name of the file, in the root of a workspace folder. */
export const CONFIGURATION_FILE = 'volley.jsonc';

/** What a volley.jsonc says, as far as it is right. */
export interface Configuration {
  /** Absolute, native. */
  readonly file: string;
  readonly defaults: DefaultSettings;
  /** By id as it stands in the file, in its order. `false`: left out. */
  readonly gates: ReadonlyMap<string, GateSettings | false>;
  /** Where something stands, by names and indices from the root; the place of what holds it when it is not there. */
  placeOf(at: Path): { readonly line: number; readonly column: number };
}

/** Reads the file of a folder. Undefined when there is none, or it is not readable as a text. */
export async function readConfiguration(folder: Folder, warn: (warning: Warning) => void): Promise<Configuration | undefined> {
  const file = path.join(folder.path, CONFIGURATION_FILE);
  const text = await readText(file, warn);
  return text === undefined ? undefined : parseConfiguration(file, text, warn);
}

/** As `readConfiguration`, of a text. At most 100 warnings, each with a place inside the text. */
export function parseConfiguration(file: string, text: string, warn: (warning: Warning) => void): Configuration {
  const { root, errors, locate } = readJsonc(text);
  const complain = bounded(MOST_WARNINGS, (offset, message) => warn({ file, ...locate(offset), message }));
  for (const { offset, message } of errors) complain(offset, `${CONFIGURATION_FILE} is not valid: ${message}.`);
  const document: Document = { folder: path.dirname(file), errors, complain };
  const read = root === undefined ? { defaults: {}, gates: new Map() } : readRoot(root, document);
  return { file, ...read, placeOf: (at) => locate(root === undefined ? 0 : offsetOf(root, at)) };
}

const MOST_WARNINGS = 100;

interface Document extends Reading {
  readonly folder: string;
}

function readRoot(root: JsonNode, document: Document): Pick<Configuration, 'defaults' | 'gates'> {
  let defaults: DefaultSettings = {};
  let gates: ReadonlyMap<string, GateSettings | false> = new Map();
  if (root.type !== 'object') {
    document.complain(root.offset, `${CONFIGURATION_FILE} has to hold an object {…}.`);
    return { defaults, gates };
  }
  for (const { name, key, value } of properties(root, document)) {
    if (name === 'gates') gates = readGates(value, document);
    else if (name === 'defaults') defaults = readDefaults(value, document);
    else if (name !== '$schema') document.complain(key.offset, `“${shown(name)}” ${unknownName(name, KNOWN_NAMES.file)}`);
    else if (value.type !== 'string') document.complain(value.offset, '“$schema” has to be a text in double quotes.');
  }
  return { defaults, gates };
}

/** Each default by itself: one that is wrong does not take the others with it. */
function readDefaults(node: JsonNode, document: Document): DefaultSettings {
  if (node.type !== 'object') {
    document.complain(node.offset, '“defaults” has to be an object {…}.');
    return {};
  }
  const defaults: Record<string, unknown> = {};
  for (const { name, key, value } of properties(node, document)) {
    if (!KNOWN_NAMES.defaults.includes(name)) {
      document.complain(key.offset, `“${shown(name)}” ${unknownName(name, KNOWN_NAMES.defaults)}`);
      continue;
    }
    const schema = defaultsSchema.shape[name as keyof typeof defaultsSchema.shape];
    const result = isBroken(value, document) ? undefined : schema.safeParse(plainValue(value, document));
    if (result?.success) defaults[name] = result.data;
    else if (result)
      complainAll(
        complaintsOf(result.error.issues as readonly Issue[], WORDS),
        value,
        name,
        'so this default does not hold',
        document,
      );
  }
  return defaults as DefaultSettings;
}

/** Which names may stand where. */
const WORDS: Words = {
  namesAt(at) {
    const names = at.filter((part) => typeof part === 'string');
    if (names.includes('pattern')) return KNOWN_NAMES.pattern;
    if (names.includes('fileLocation')) return ['include', 'exclude'];
    if (names.includes('problemMatcher')) return KNOWN_NAMES.matcher;
    if (names.includes('exitCodes')) return ['passed', 'failed'];
    if (names.includes('command') || names.includes('fix')) return ['shell'];
    return names.length === 0 ? KNOWN_NAMES.gate : [];
  },
  alternativesAt: (at) =>
    at.at(-1) === 'command' || at.at(-1) === 'fix'
      ? 'has to be an array, as in ["eslint", "."], or {"shell": "…"}.'
      : at.at(-1) === 'fileLocation'
        ? `has to be "absolute", "relative", "autoDetect" or "search", or one of them and where, as in ["relative", "\${workspaceFolder}"].`
        : undefined,
};

function readGates(node: JsonNode, document: Document): ReadonlyMap<string, GateSettings | false> {
  const gates = new Map<string, GateSettings | false>();
  if (node.type !== 'object') {
    document.complain(node.offset, '“gates” has to be an object {…} of gates by id.');
    return gates;
  }
  for (const { name, key, value } of properties(node, document)) {
    if (name === '') document.complain(key.offset, 'The id of a gate has to hold some text.');
    else if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name))
      document.complain(key.offset, `The id of a gate cannot hold what cannot be seen, as “${shown(name)}” does.`);
    else if (isBroken(value, document)) continue;
    else if (value.type === 'boolean' && value.value === false) gates.set(name, false);
    else {
      const settings = readGate(name, value, document);
      if (settings) gates.set(name, settings);
    }
  }
  return gates;
}

/** Undefined when something is wrong with the gate: half of what was meant could be the opposite of it. */
function readGate(id: string, node: JsonNode, document: Document): GateSettings | undefined {
  const what = `gate “${shown(id)}”`;
  if (node.type !== 'object') {
    document.complain(node.offset, `The ${what} has to be an object {…}, or false to leave it out.`);
    return undefined;
  }
  const result = gateSchema.safeParse(plainValue(node, document));
  const complaints = result.success
    ? meaningOf(result.data, document.folder)
    : complaintsOf(result.error.issues as readonly Issue[], WORDS);
  complainAll(complaints, node, '', `so nothing of the ${what} holds`, document);
  return result.success && complaints.length === 0 ? result.data : undefined;
}

/** What the schema cannot say. */
function meaningOf(settings: GateSettings, folder: string): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const { parser, problemMatcher } = settings;
  if (parser !== undefined && problemMatcher !== undefined)
    complaints.push({ path: ['parser'], message: 'cannot stand beside “problemMatcher”. Remove one of the two.' });
  const known = PARSER_NAMES.filter((name) => name !== 'problem-matcher');
  if (parser !== undefined && !known.includes(parser)) {
    const meant = nearest(parser, known);
    const hint = meant === undefined ? `It can be: ${known.join(', ')}.` : `Did you mean “${meant}”?`;
    complaints.push({ path: ['parser'], message: `names “${shown(parser)}”, which is no parser. ${hint}` });
  }
  if (problemMatcher !== undefined) {
    const { problems } = normaliseMatchers(problemMatcher, { folder, cwd: folder });
    complaints.push(...problems.map(({ path: at, message }) => ({ path: ['problemMatcher', ...at], message })));
  }
  return complaints;
}

/** `start` is the name of what `node` is, in front of the names of what lies in it; `so` says what follows. */
function complainAll(complaints: readonly Complaint[], node: JsonNode, start: string, so: string, { complain }: Document): void {
  for (const { path: at, key, message } of complaints) {
    const names = key === undefined ? at : [...at, key];
    complain(offsetOf(node, names, key !== undefined), `“${placeName(start, names)}” ${message.replace(/\.$/, '')} (${so}).`);
  }
}
