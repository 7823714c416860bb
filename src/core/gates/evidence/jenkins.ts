/**
 * Jenkins: the literal texts of `sh`, `bat` and PowerShell steps, with the stage, the folder and the conditions that they stand in. A pipeline
 * is a program, of which nothing is run or worked out: what it calls by a name of its own is not followed. Pure.
 */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { relativeDirectory } from './commands.js';
import { literals } from './environment.js';
import { type GroovyToken, groovyTokens } from './groovy-tokens.js';
import { pipelineMentions, type Runs } from './pipeline.js';
import { plainCalls } from './power-shell.js';

/** What a block says of the steps in it. */
interface Block {
  readonly opens: string;
  stage: string;
  /** Undefined where it leads elsewhere. */
  cwd: string | undefined;
  runs: Runs;
  aside: boolean;
  secret: boolean;
  env: Readonly<Record<string, string>>;
  /** Variables that hold what is secret. */
  secrets: readonly string[];
  /** What stands in it, where that is a condition. */
  readonly words: string[];
}

const SHELLS = /^(?:sh|bat|pwsh|powershell)$/;

/** A mention a command of each step. */
export function readJenkinsfile({ file, text }: EvidenceFile): readonly Mention[] {
  const tokens = groovyTokens(text);
  const found: Mention[] = [];
  const blocks: Block[] = [
    { opens: '', stage: 'pipeline', cwd: '', runs: 'for review', aside: false, secret: false, env: {}, secrets: [], words: [] },
  ];
  let statement: GroovyToken[] = [];
  let brackets = 0;
  const depths: number[] = [];
  const inner = (): Block => blocks.at(-1) as Block;
  for (const [index, token] of tokens.entries()) {
    inner().words.push(token.value);
    if (is(token, '{')) {
      blocks.push(blockOf(statement, inner()));
      depths.push(brackets);
      [statement, brackets] = [[], 0];
    } else if (is(token, '}')) {
      setIn(statement, blocks);
      closed(blocks);
      [statement, brackets] = [[], depths.pop() ?? 0];
    } else if ((is(token, '\n') && brackets === 0) || is(token, ';')) {
      setIn(statement, blocks);
      statement = [];
    } else {
      if (token.kind === 'sign' && /[([]/.test(token.value)) brackets += 1;
      if (token.kind === 'sign' && /[)\]]/.test(token.value)) brackets = Math.max(0, brackets - 1);
      if (statement.length === 0 && token.kind === 'word' && SHELLS.test(token.value))
        found.push(...stepMentions(token, argumentsFrom(tokens, index + 1), inner(), file));
      if (!is(token, '\n')) statement.push(token);
    }
  }
  return found;
}

function is(token: GroovyToken | undefined, sign: string): boolean {
  return token?.kind === 'sign' && token.value === sign;
}

/** The block that a statement opens, in another one. */
function blockOf(statement: readonly GroovyToken[], outer: Block): Block {
  // `linux: { … }` names one of several that run at the same time.
  const labelled = statement.findLastIndex((token, index) => is(token, ':') && index === statement.length - 1);
  const head = labelled >= 0 ? [] : statement;
  const opens = head[0]?.kind === 'word' ? head[0].value : '';
  const said = head.find((token) => token.kind === 'text')?.value;
  const own: Block = { ...outer, opens, words: [] };
  if (opens === 'stage' && said !== undefined) own.stage = said;
  if (opens === 'dir' || opens === 'ws') own.cwd = opens === 'ws' ? undefined : inFolder(outer.cwd, said);
  if (/^(?:post|catchError|warnError|try|catch|finally)$/.test(opens)) own.aside = true;
  if (/^(?:withCredentials|withVault|sshagent|withAWS|withSonarQubeEnv|withKubeConfig)$/.test(opens)) own.secret = true;
  // Whether, and how often, only the program knows.
  if (/^(?:if|else|for|while|switch|def|void|static|private|public)$/.test(opens)) own.runs = 'otherwise';
  const called = head.findLast((token) => token.kind === 'word')?.value ?? '';
  if (/^(?:each|eachWithIndex|collect|collectEntries|times|findAll)$/.test(called)) own.runs = 'otherwise';
  return own;
}

function inFolder(outer: string | undefined, said: string | undefined): string | undefined {
  return outer === undefined || said === undefined ? undefined : relativeDirectory([outer, said].filter(Boolean).join('/'));
}

/** What a statement of an `environment` says for the block around that. */
function setIn(statement: readonly GroovyToken[], blocks: readonly Block[]): void {
  const [name, equals, value] = statement;
  const around = blocks.at(-2);
  if (blocks.at(-1)?.opens !== 'environment' || around === undefined || name?.kind !== 'word' || !is(equals, '=')) return;
  if (value?.kind === 'text' && statement.length === 3) around.env = { ...around.env, [name.value]: value.value };
  if (value?.value === 'credentials') around.secrets = [...around.secrets, name.value];
}

/** Takes the innermost block away, with what it says of the one around it. */
function closed(blocks: Block[]): void {
  if (blocks.length < 2) return;
  const block = blocks.pop() as Block;
  const around = blocks.at(-1) as Block;
  if (block.opens === 'when') around.runs = laterOf(around.runs, runsWhen(block.words));
  // A condition in a condition.
  else if (blocks.some(({ opens }) => opens === 'when')) around.words.push(block.opens, ...block.words);
  // Somebody has to answer first.
  if (block.opens === 'input') around.runs = 'otherwise';
}

function runsWhen(words: readonly string[]): Runs {
  const says = (word: string) => words.includes(word);
  if (says('changeRequest')) return says('not') ? 'after push' : 'for review';
  if (says('expression') || says('environment') || says('triggeredBy') || says('equals')) return 'otherwise';
  if (says('not')) return 'for review';
  if (says('tag') || says('buildingTag')) return 'otherwise';
  return says('branch') ? 'after push' : 'for review';
}

const ORDER: readonly Runs[] = ['for review', 'after push', 'otherwise'];

function laterOf(one: Runs, other: Runs): Runs {
  return ORDER[Math.max(ORDER.indexOf(one), ORDER.indexOf(other))] ?? 'otherwise';
}

/** What a step is told: in brackets, or up to the end of its line. */
function argumentsFrom(tokens: readonly GroovyToken[], start: number): readonly GroovyToken[] {
  const bracketed = is(tokens[start], '(');
  let depth = 0;
  let end = start;
  for (; end < tokens.length; end += 1) {
    const token = tokens[end];
    if (is(token, '(') || is(token, '[')) depth += 1;
    if (is(token, ')') || is(token, ']')) depth -= 1;
    if (bracketed ? depth === 0 : depth <= 0 && (is(token, '\n') || is(token, ';') || is(token, '}'))) break;
  }
  return tokens.slice(bracketed ? start + 1 : start, end).filter((token) => !is(token, '\n'));
}

function stepMentions(step: GroovyToken, told: readonly GroovyToken[], block: Block, file: string): readonly Mention[] {
  const argumentOf = (name: string) => told[told.findIndex((token, at) => token.value === name && is(told[at + 1], ':')) + 2];
  const isTold = (name: string) => told.some((token, at) => token.value === name && is(told[at + 1], ':'));
  const script = told[0]?.kind === 'text' ? told[0] : isTold('script') ? argumentOf('script') : undefined;
  // What is put together only the program knows; what it reads from the end it decides itself.
  const isRead = ['returnStatus', 'returnStdout'].some((name) => isTold(name) && argumentOf(name)?.value === 'true');
  if (script?.kind !== 'text' || told.some((token) => is(token, '+')) || isRead || block.cwd === undefined) return [];
  const label = isTold('label') ? argumentOf('label') : undefined;
  const lines = script.value.split('\n').map((text, index) => ({ text, line: script.line + index }));
  const secret = block.secret || block.secrets.some((name) => script.value.includes(name));
  return pipelineMentions({
    ...{ file, job: block.stage, line: step.line, cwd: block.cwd, runs: block.runs, secret, aside: block.aside },
    title: label?.kind === 'text' ? label.value : undefined,
    commands: [step.value === 'sh' ? lines : plainCalls(lines)],
    env: literals(block.env),
  });
}
