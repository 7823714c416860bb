/**
 * Pure: the findings of a run as SARIF 2.1.0 (OASIS). One run of SARIF for all: GitHub takes no more than twenty in a file, and closes
 * what is no longer reported by the category of a run. Each tool that found something is an extension with its rules; each operation that
 * was executed is an invocation, and each result says of which it is.
 */

import { findingMessage, namesOf, outcomeReason } from '../messages.js';
import type { Finding, OperationState, RelatedLocation, RunState, Severity } from '../model.js';
import { effectiveKind } from '../parts.js';
import { relativeFile } from './files.js';
import { plainJson, wellFormed } from './plain-text.js';
import { blockOf, PRODUCT, type ReportSubject, representative } from './subject.js';

/** Where the official schema of the version stands. */
export const SARIF_SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What paths in it are relative to. */
const ROOT = 'SRCROOT';

/** The log as a document. Of a verification, that of its newest parallel trial. `root`: absolute, native. */
export function sarifReport(subject: ReportSubject, root: string, version: string): string {
  const state = representative(subject);
  return plainJson(
    { $schema: SARIF_SCHEMA, version: '2.1.0', runs: state ? [{ ...sarifRun(state, root, version), ...verified(subject) }] : [] },
    2,
  );
}

/** The verification block, where readers that do not know it leave it alone. */
function verified(subject: ReportSubject) {
  const block = blockOf(subject);
  return block.length === 0
    ? {}
    : { properties: { verification: Object.fromEntries(block.map(({ name, value }) => [name, value])) } };
}

function sarifRun(state: RunState, root: string, version: string) {
  const executed = state.operations.filter(({ segments }) => segments.some(({ phase }) => phase === 'running'));
  const reported = state.operations.filter((operation) => operation.findings.length > 0 || operation.known);
  const tools = toolsOf(reported);
  const place = {
    root,
    tools,
    invocationOf: new Map(executed.map((operation, index) => [operation.id, index])),
    newOnly: state.newOnly === true,
  };
  return {
    tool: {
      driver: { name: PRODUCT.name, version, rules: [] },
      extensions: [...tools].map(([name, rules]) => ({
        name,
        rules: [...rules.values()].map(({ id, url }) => ({ id, ...(url === undefined ? {} : { helpUri: url }) })),
      })),
    },
    // GitHub takes what stands before the last slash for the category.
    automationDetails: { id: `${PRODUCT.packageName}/${state.run}` },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [ROOT]: { uri: `${fileUri(root).replace(/\/$/, '')}/` } },
    invocations: executed.map((operation) => invocation(operation, state)),
    results: reported.flatMap((operation) => [
      ...operation.findings.filter(({ output }) => !output).map((finding) => result(finding, operation, place)),
      ...(operation.known ?? [])
        .filter(({ output }) => !output)
        .map((finding) => result({ ...finding, known: true }, operation, place)),
    ]),
  };
}

interface Rule {
  readonly id: string;
  readonly index: number;
  readonly url?: string;
}

/** The rules of each tool by their id, in the order in which they were met. */
type Tools = ReadonlyMap<string, ReadonlyMap<string, Rule>>;

function toolsOf(operations: readonly OperationState[]): Tools {
  const tools = new Map<string, Map<string, Rule>>();
  for (const finding of operations.flatMap(({ findings, known = [] }) => [...findings, ...known])) {
    if (finding.output) continue;
    const rules = tools.get(toolName(finding)) ?? new Map<string, Rule>();
    tools.set(toolName(finding), rules);
    const id = ruleId(finding);
    const known = rules.get(id);
    const url = helpUri(finding.ruleUrl) ?? known?.url;
    rules.set(id, { id, index: known?.index ?? rules.size, ...(url === undefined ? {} : { url }) });
  }
  return tools;
}

function toolName({ source }: Finding): string {
  return wellFormed(source) || PRODUCT.name;
}

/** What names no rule is of the rule of its tool, since readers tell results apart by it. */
function ruleId(finding: Finding): string {
  return wellFormed(finding.rule ?? '') || toolName(finding);
}

/** Only what is an address, since the schema asks for one. */
function helpUri(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\/[\w.~:/?#[\]@!$&'()*+,;=%-]+$/.test(text) && URL.canParse(text) ? text : undefined;
}

interface Placing {
  readonly root: string;
  readonly tools: Tools;
  readonly invocationOf: ReadonlyMap<OperationState['id'], number>;
  readonly newOnly: boolean;
}

function result(finding: Finding, operation: OperationState, { root, tools, invocationOf, newOnly }: Placing) {
  const tool = [...tools.keys()].indexOf(toolName(finding));
  const rule = tools.get(toolName(finding))?.get(ruleId(finding));
  const invocationIndex = invocationOf.get(operation.id);
  const { related = [], tags = [] } = finding;
  return {
    ruleId: ruleId(finding),
    rule: { id: ruleId(finding), index: rule?.index ?? 0, toolComponent: { name: toolName(finding), index: tool } },
    level: LEVELS[finding.severity],
    message: { text: findingMessage(finding) || 'No message.' },
    locations: [location(finding, root)],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((place, id) => ({
            id,
            ...location(place, root),
            message: { text: place.message || 'Related.' },
          })),
        }),
    ...(newOnly ? { baselineState: finding.known ? 'unchanged' : 'new' } : {}),
    ...(invocationIndex === undefined ? {} : { provenance: { invocationIndex } }),
    properties: { operation: operation.id, ...(tags.length === 0 ? {} : { tags: [...new Set(tags)] }) },
  };
}

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

function location({ file, line, column, endLine, endColumn }: Finding | RelatedLocation, root: string) {
  const relative = relativeFile(root, file);
  // Of what lies elsewhere only the slashes may be other ones.
  const inside = relative !== file && relative !== file.replaceAll('\\', '/');
  // An end before its beginning is none.
  const ends = endLine === undefined ? line : endLine;
  const sound = ends > line || (ends === line && endColumn !== undefined && endColumn >= column);
  return {
    physicalLocation: {
      artifactLocation: inside ? { uri: uriPath(relative), uriBaseId: ROOT } : { uri: fileUri(file) },
      region: {
        startLine: Math.max(1, line),
        startColumn: Math.max(1, column),
        ...(sound ? { endLine: ends, ...(endColumn === undefined ? {} : { endColumn: Math.max(1, endColumn) }) } : {}),
      },
    },
  };
}

/** Percent-encoded, with `/` between names. */
function uriPath(file: string): string {
  return wellFormed(file).split('/').map(encodeURIComponent).join('/');
}

/** Absolute, native, as an address; a share of Windows has its server as host. */
function fileUri(file: string): string {
  const slashed = /^[A-Za-z]:|^\\\\/.test(file) ? file.replaceAll('\\', '/') : file;
  const encoded = uriPath(slashed).replace(/^([A-Za-z])%3A/, '$1:');
  return slashed.startsWith('//') ? `file:${encoded}` : `file://${slashed.startsWith('/') ? '' : '/'}${encoded}`;
}

/** What it could not do, and what it wrote without naming a place, is told as a notification. */
function invocation(operation: OperationState, state: RunState) {
  const { id, name, outcome, exitCode, command, findings, segments } = operation;
  const running = segments.filter(({ phase }) => phase === 'running');
  const kind = outcome && effectiveKind(outcome);
  const successful = kind === 'passed' || kind === 'failed' || kind === 'rolled back';
  const reason = outcome && outcomeReason(outcome, namesOf(state.operations));
  const said = [
    ...(successful || reason === undefined ? [] : [reason]),
    ...findings.filter(({ output }) => output).map(({ message }) => message),
  ];
  return {
    executionSuccessful: successful,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(command === undefined ? {} : { arguments: [...command.argv] }),
    ...(command === undefined ? {} : { workingDirectory: { uri: fileUri(command.cwd) } }),
    startTimeUtc: instant(state, running[0]?.from ?? 0),
    endTimeUtc: instant(state, running.at(-1)?.to ?? state.at),
    ...(said.length === 0 ? {} : { toolExecutionNotifications: said.map((text) => ({ level: 'error', message: { text } })) }),
    properties: { operation: id, name, outcome: outcome?.kind ?? 'running' },
  };
}

function instant({ startedAt }: RunState, ms: number): string {
  const start = Date.parse(startedAt);
  return new Date((Number.isFinite(start) ? start : 0) + ms).toISOString();
}
