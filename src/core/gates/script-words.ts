/** Words of a command line as a program would get them. Pure. */
import {
  type AndOr,
  type Command,
  type PipelineNode,
  parse,
  type Word as ShellWord,
  type Statement,
  type TestCommand,
  type TestExpression,
  type WordPart,
} from 'unbash';
import { takesNext } from './options.js';
import type { Preset } from './preset.js';
import type { Word } from './script-runners.js';

/** In place of an argument that is only known while a command runs; the second, of one that begins as an option. */
export const HOLE = '\u0000';
const OPTION_HOLE = '\u0001';

export function holeFor(word: ShellWord | { readonly text: string }): Word {
  const value = word.text.startsWith('-') ? OPTION_HOLE : HOLE;
  return LISTS_FILES.test(word.text) ? { value, glob: false, lists: word.text } : { value, glob: false };
}

/** Files of the repository, as git knows them. */
const LISTS_FILES = /^\$\(\s*git ls-files(?:\s+(?:'[\w*?./-]+'|"[\w*?./-]+"|[\w./-]+))*\s*\)$/;

export function isHole(arg: string): boolean {
  return arg === HOLE || arg === OPTION_HOLE;
}

/** Without what is not known, and without the options whose value that is. */
export function withoutHoles(
  args: readonly string[],
  { valueOptions = [], ...flags }: Partial<Pick<Preset, 'valueOptions' | 'flagOptions'>> = {},
): readonly string[] {
  const isValued = (arg: string) => takesNext({ valueOptions, ...flags }, arg) || VALUED.test(arg);
  return args.filter((arg, index) => !isHole(arg) && !(args[index + 1] === HOLE && isValued(arg)));
}

/** Whether an option takes a value with most tools that have it. */
export function takesValue(option: string): boolean {
  return VALUED.test(option);
}

/** Options that take a value with many tools, and mean the same with most. */
const VALUED =
  /^(?:--?(?:features|target|package|manifest-path|tags|run|python-version|config|env|project|shard|reporter|jobs|filter|group|profile|toolchain|browser|projects|file|build-config|workers|markers|numprocesses|timeout|exclude|include|ignore|skip|output|out|outfile|compare-(?:with|branch))|-[kmncepjfoPCREL]|-pl|-(?:ldflags|gcflags|asmflags))$/;

/** Options alone, without the program. */
export function withoutFiles([, ...words]: readonly Word[]): readonly string[] {
  return words.map(({ value }) => value).filter((value) => value.startsWith('-'));
}

/** What readers of workflows and of tox put in place of values that nobody knows; in quotes it would pass for text. */
const PLACEHOLDER = /\$(?:MATRIX_\w|EXPRESSION\b|TOX\b)/;

/** The word as a program would get it; undefined when that is only known while the script runs. */
export function literal(word: ShellWord): Word | undefined {
  if (word.text.startsWith('~') || PLACEHOLDER.test(word.text)) return undefined;
  const parts = word.parts ?? [];
  if (parts.some(isExpansion)) return undefined;
  return { value: word.value, glob: parts.some((part) => part.type === 'Glob' || part.type === 'ExtendedGlob') };
}

function isExpansion(part: WordPart): boolean {
  switch (part.type) {
    case 'Literal':
    case 'Glob':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'ExtendedGlob':
    // The shell that npm uses leaves braces to the tools.
    case 'BraceExpansion':
      return false;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.some(isExpansion);
    case 'SimpleExpansion':
    case 'ParameterExpansion':
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
      return true;
    default:
      return part satisfies never;
  }
}

/** The statements of `$(…)` in the words of a command. */
export function substitutions(node: Command | TestCommand): readonly Statement[] {
  const words = node.type === 'TestCommand' ? operandsOf(node.expression) : [...node.args, ...node.prefix.flatMap(assignedWords)];
  return words.flatMap((word) => (word.type === 'Word' ? (word.parts ?? []).flatMap(statementsIn) : []));
}

function assignedWords(prefix: Command['prefix'][number]): readonly ShellWord[] {
  return prefix.type === 'Assignment' && prefix.value.type === 'Word' ? [prefix.value] : [];
}

function operandsOf(expression: TestExpression): readonly ShellWord[] {
  switch (expression.type) {
    case 'TestUnary':
      return [expression.operand];
    case 'TestBinary':
      return [expression.left, expression.right];
    case 'TestLogical':
      return expression.operands.flatMap(operandsOf);
    case 'TestNot':
      return operandsOf(expression.operand);
    case 'TestGroup':
      return operandsOf(expression.expression);
    default:
      return expression satisfies never;
  }
}

function statementsIn(part: WordPart): readonly Statement[] {
  if (part.type === 'DoubleQuoted') return part.parts.flatMap(statementsIn);
  return part.type === 'CommandExpansion' || part.type === 'ProcessSubstitution' ? (part.script?.commands ?? []) : [];
}

/** The words of each call in a text, wherever it stands; of a word that is only known while it runs, `$`. */
export function callsIn(text: string): readonly (readonly string[])[] {
  return text.length > LONGEST ? [] : parse(text).commands.flatMap(callsOf);
}

/** A longer text is not written by hand. */
export const LONGEST = 20_000;

function callsOf({ command }: Statement): readonly (readonly string[])[] {
  const visit = (node: PipelineNode | AndOr): readonly (readonly string[])[] => {
    switch (node.type) {
      case 'AndOr':
      case 'Pipeline':
        return node.commands.flatMap(visit);
      case 'Subshell':
      case 'BraceGroup':
        return node.body.commands.flatMap(callsOf);
      case 'If':
        return [...node.then.commands, ...(node.else && 'commands' in node.else ? node.else.commands : [])].flatMap(callsOf);
      case 'Redirected':
        return visit(node.command);
      case 'Command':
        return node.name ? [[node.name, ...node.args].map((word) => (word.type === 'Word' ? word.value : '$'))] : [];
      default:
        return [];
    }
  };
  return visit(command);
}
