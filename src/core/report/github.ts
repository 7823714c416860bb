/**
 * Pure: findings as annotations of GitHub Actions, that is, as workflow commands in the output of a step, escaped as the runner reads
 * them (`@actions/core`): nothing in a message can end the command or begin another one.
 */

import { countText, findingMessage, outcomeReason } from '../messages.js';
import type { Finding, OperationState, RunState, Severity } from '../model.js';
import { didNotPass } from '../parts.js';
import { relativeFile } from './files.js';
import { oneLine, visible, wellFormed } from './plain-text.js';
import { blockOf, type ReportSubject, representative } from './subject.js';

/** Of each kind GitHub shows ten annotations a step; more than these are not worth their lines in the log. */
const MOST_OF_A_KIND = 50;

const COMMANDS = ['error', 'warning', 'notice'] as const;
type CommandName = (typeof COMMANDS)[number];

interface Annotation {
  readonly command: CommandName;
  readonly properties: Readonly<Record<string, string | number | undefined>>;
  readonly message: string;
}

/**
 * One command a line: errors first, since only the first of each kind are shown; and a line of plain text where some were left out.
 * `base`: what GitHub takes paths to be relative to, the checkout; absolute, native. Empty when nothing was found.
 */
export function githubAnnotations(subject: ReportSubject, base: string): string {
  const state = representative(subject);
  const all = state ? annotationsOf(state, base) : [];
  const lines = COMMANDS.flatMap((command) => {
    const own = all.filter((each) => each.command === command);
    const left = own.length - MOST_OF_A_KIND;
    const note = left > 0 ? [`${countText(left, 'more annotation')} of the kind ${command} left out.`] : [];
    return [...own.slice(0, MOST_OF_A_KIND).map(commandText), ...note];
  });
  return [...verified(subject), ...lines].map((line) => `${line}\n`).join('');
}

/** The verification block as one notice. */
function verified(subject: ReportSubject): readonly string[] {
  const block = blockOf(subject);
  if (block.length === 0) return [];
  const message = block.map(({ name, value }) => `${name}: ${value}`).join('\n');
  return [commandText({ command: 'notice', properties: { title: 'Verification' }, message })];
}

/** Round the operations, so that one with many findings does not keep the others from being shown. */
function annotationsOf({ operations }: RunState, base: string): readonly Annotation[] {
  const each = operations.map((operation) => [
    ...unable(operation),
    ...operation.findings.map((finding) => annotation(finding, operation, base)),
  ]);
  const longest = Math.max(0, ...each.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => each.flatMap((own) => own[index] ?? [])).flat();
}

/** What could not do its work has no place. */
function unable({ name, outcome, findings }: OperationState): readonly Annotation[] {
  if (!outcome || !didNotPass(outcome) || findings.length > 0) return [];
  return [{ command: 'error', properties: { title: oneLine(name) }, message: outcomeReason(outcome) ?? 'It failed.' }];
}

function annotation(finding: Finding, { name }: OperationState, base: string): Annotation {
  const title = finding.rule === undefined ? name : `${name}: ${finding.rule}`;
  const command = KINDS[finding.severity];
  if (finding.output) return { command, properties: { title: oneLine(name) }, message: findingMessage(finding) };
  const { file, line, column, endLine = line, endColumn } = finding;
  // Columns are shown only of what lies in one line.
  const columns =
    endLine === line ? { col: column, endColumn: endColumn !== undefined && endColumn > column ? endColumn : undefined } : {};
  return {
    command,
    properties: { title: oneLine(title), file: relativeFile(base, file), line, endLine: Math.max(line, endLine), ...columns },
    message: findingMessage(finding),
  };
}

const KINDS: Readonly<Record<Severity, CommandName>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

function commandText({ command, properties, message }: Annotation): string {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined && value !== '');
  const words = given.map(([name, value]) => `${name}=${escapedProperty(shown(String(value)))}`);
  return `::${command}${words.length > 0 ? ` ${words.join(',')}` : ''}::${escapedData(shown(message))}`;
}

/** Also with the line ends of Windows, which the log would show otherwise. */
function shown(text: string): string {
  return visible(text.replace(/\r\n?/g, '\n'));
}

/** The message of a workflow command. */
export function escapedData(text: string): string {
  return wellFormed(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The value of a property of a workflow command. */
export function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
