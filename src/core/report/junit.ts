/**
 * Pure: a run as JUnit XML, as Ant's tasks write it and what reads test results takes: the schema by Windy Road, of which Jenkins,
 * GitLab, Azure and others read parts. Each heading of the timing tree is a suite, each operation a case. A case and not each finding,
 * because those who read follow cases from run to run: a check stays, what it finds comes and goes.
 */

import { findingMessage, namesOf, outcomeReason } from '../messages.js';
import type { Finding, OperationState, RunState } from '../model.js';
import { effectiveKind } from '../parts.js';
import { spansOf } from '../timing.js';
import { verdictText } from '../verification-text.js';
import { relativeFile } from './files.js';
import { oneLine, xmlAttribute, xmlText } from './plain-text.js';
import { blockOf, type ReportSubject, representative } from './subject.js';

/** Of how many findings a case has the text. */
const MOST_FINDINGS = 200;

/** The document. Of a verification, that of its newest parallel trial, with the verdict among the properties. `root`: absolute, native. */
export function junitReport(subject: ReportSubject, root: string): string {
  const state = representative(subject);
  const block = blockOf(subject).map(({ name, value }) => [`volley.${name.replaceAll(' ', '-')}`, value] as const);
  const verified =
    subject.kind === 'verification' ? [['volley.verdict', verdictText(subject.verification)] as const, ...block] : [];
  const suites = state ? suitesOf(state).map((suite, index) => suiteXml(suite, index, { state, root, verified })) : [];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

type Suite = readonly [group: string, operations: readonly OperationState[]];

function suitesOf({ operations }: RunState): readonly Suite[] {
  const groups = new Map<string, OperationState[]>();
  for (const operation of operations) groups.set(operation.group, [...(groups.get(operation.group) ?? []), operation]);
  return [...groups];
}

interface About {
  readonly state: RunState;
  readonly root: string;
  readonly verified: readonly (readonly [name: string, value: string])[];
}

function suiteXml([group, operations]: Suite, index: number, { state, root, verified }: About): string {
  const kinds = operations.map(caseKind);
  const count = (kind: CaseKind) => kinds.filter((each) => each === kind).length;
  const seconds = operations.reduce((sum, operation) => sum + spansOf(operation, state.at).running, 0);
  const attributes = {
    name: oneLine(group) || 'operations',
    package: 'volley',
    id: index,
    // The schema wants no zone; it is UTC.
    timestamp: state.startedAt.slice(0, 19),
    // Where it ran is nobody's business who reads the report.
    hostname: 'localhost',
    tests: operations.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: secondsText(seconds),
  };
  const properties = [
    ['volley.run', state.run],
    ['volley.label', state.label],
    ['volley.mode', state.mode],
    ['volley.outcome', state.outcome ?? 'running'],
    ['volley.makespan', secondsText(state.at)],
    ...verified,
  ] as const;
  return [
    `  <testsuite${attributesXml(attributes)}>\n`,
    '    <properties>\n',
    ...properties.map(([name, value]) => `      <property${attributesXml({ name, value })}/>\n`),
    '    </properties>\n',
    ...operations.map((operation) => caseXml(operation, state, root)),
    '    <system-out></system-out>\n    <system-err></system-err>\n  </testsuite>\n',
  ].join('');
}

type CaseKind = 'passed' | 'failure' | 'error' | 'skipped';

/** What was cancelled or put back was not tested. */
function caseKind({ outcome }: OperationState): CaseKind {
  if (!outcome) return 'skipped';
  const kind = effectiveKind(outcome);
  switch (kind) {
    case 'passed':
      return 'passed';
    case 'failed':
      return 'failure';
    case 'errored':
    case 'timed out':
      return 'error';
    case 'cancelled':
    case 'skipped':
    case 'rolled back':
      return 'skipped';
    default:
      return kind satisfies never;
  }
}

function caseXml(operation: OperationState, state: RunState, root: string): string {
  const { id, name, outcome, findings } = operation;
  const attributes = { name: oneLine(name), classname: oneLine(id), time: secondsText(spansOf(operation, state.at).running) };
  const kind = caseKind(operation);
  if (kind === 'passed') return `    <testcase${attributesXml(attributes)}/>\n`;
  const reason = outcome ? outcomeReason(outcome, namesOf(state.operations)) : 'The run ended before it.';
  // Those who do not know the attribute read past it; the schema leaves open what an element without a type holds.
  if (kind === 'skipped')
    return `    <testcase${attributesXml(attributes)}><skipped${attributesXml({ message: reason ?? '' })}/></testcase>\n`;
  const [first] = findings;
  const message =
    findings.length === 1 && first
      ? findingMessage(first)
      : findings.length > 0
        ? `${findings.length} findings`
        : (reason ?? 'It failed.');
  const inside = { message, type: outcome?.kind ?? kind };
  return `    <testcase${attributesXml(attributes)}><${kind}${attributesXml(inside)}>${xmlText(detail(findings, reason, root))}</${kind}></testcase>\n`;
}

function detail(findings: readonly Finding[], reason: string | undefined, root: string): string {
  const more = findings.length - MOST_FINDINGS;
  return [
    ...(reason === undefined ? [] : [reason]),
    ...findings.slice(0, MOST_FINDINGS).map((finding) => findingText(finding, root)),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n');
}

function findingText(finding: Finding, root: string): string {
  if (finding.output) return finding.message;
  const rule = finding.rule === undefined ? '' : ` (${finding.rule})`;
  return `${relativeFile(root, finding.file)}:${finding.line}:${finding.column} ${finding.severity} ${findingMessage(finding)}${rule}`;
}

function attributesXml(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlAttribute(String(value))}"`)
    .join('');
}

function secondsText(ms: number): string {
  return (ms / 1000).toFixed(3);
}
