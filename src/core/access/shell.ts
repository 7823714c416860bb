/**
 * Follows a shell line through all that it may do and tells what each program in it touches. Pure. Whatever is not understood
 * makes the line a barrier.
 */
import {
  type AndOr,
  type Case,
  type Command,
  type For,
  type If,
  type Pipeline,
  type PipelineNode,
  parse,
  type Redirection,
  type Statement,
  type TestExpression,
  type Word,
} from 'unbash';
import { ANYTHING, type Argument, literal, UNKNOWN } from './argument.js';
import type { Environment } from './call.js';
import { type Directories, type Footprint, isWithin } from './footprint.js';
import { listsFiles, takesInput } from './listing.js';
import { builtin } from './shell-builtins.js';
import { assigned, type Ends, either, isSame, join, type State } from './shell-state.js';
import { expandTarget, expandValue, expandWord } from './shell-words.js';
import { scriptsWithin } from './substitutions.js';
import { isDangerousVariable } from './variables.js';

/** A longer line was not written by hand. */
export const LONGEST_LINE = 20_000;
const DEEPEST = 40;
/** So many values of a loop are told apart. */
const MOST_ROUNDS = 12;

export interface ShellContext {
  readonly footprint: Footprint;
  readonly env: Environment;
  /** Follows a program with its arguments. */
  start(words: readonly Argument[], state: State): void;
}

/** Follows a line from `state`. Answers where it may be afterwards. */
export function followLine(line: string, state: State, context: ShellContext, depth = 0): Ends {
  const { footprint } = context;
  if (line.length > LONGEST_LINE) footprint.end('it is too long to be followed');
  if (depth > DEEPEST) footprint.end('it is nested too deep to be followed');
  if (line.includes('\u0000') || line.includes('\u0001')) footprint.end('it holds control characters');
  if (footprint.because !== undefined) return either(state);
  const script = parsed(line);
  if (script === undefined) {
    footprint.end('its shell syntax is not understood');
    return either(state);
  }
  return new Line(context, depth).list(script, state, depth === 0);
}

function parsed(line: string): readonly Statement[] | undefined {
  try {
    const script = parse(line);
    return script.errors && script.errors.length > 0 ? undefined : script.commands;
  } catch {
    return undefined;
  }
}

/** One line while it is followed. */
export class Line {
  private depth: number;
  /** For each loop around, where it may be when it is left early. */
  private readonly left: (State | undefined)[][] = [];

  constructor(
    readonly context: ShellContext,
    depth: number,
  ) {
    this.depth = depth;
  }

  get footprint(): Footprint {
    return this.context.footprint;
  }

  barrier(because: string): void {
    this.footprint.barrier(because);
  }

  /** `mayEnd`: with `set -e`, what fails here ends the line. Within conditions it does not. */
  list(statements: readonly Statement[], start: State | undefined, mayEnd = false): Ends {
    let ends = either(start);
    for (const statement of statements) {
      const state = join(ends.passed, ends.failed);
      if (!state || !this.footprint.step()) return ends;
      ends = statement.background
        ? this.apart(() => this.node(statement.command, state), state)
        : this.node(statement.command, state);
      if (mayEnd && state.strict && statement.command.type === 'Command') ends = either(ends.passed);
    }
    return ends;
  }

  /** In a process of its own: what changes there is lost. */
  private apart(follow: () => unknown, state: State): Ends {
    follow();
    return either(state);
  }

  private node(node: PipelineNode | AndOr, state: State): Ends {
    this.depth += 1;
    if (this.depth > DEEPEST) this.footprint.end('it is nested too deep to be followed');
    const ends = this.footprint.step() ? this.nodeWithin(node, state) : either(state);
    this.depth -= 1;
    return ends;
  }

  private nodeWithin(node: PipelineNode | AndOr, state: State): Ends {
    switch (node.type) {
      case 'AndOr':
        return this.andOr(node, state);
      case 'Pipeline':
        return this.pipeline(node, state);
      case 'Command':
        return this.command(node, state);
      case 'Redirected':
        this.redirects(node.redirects, state);
        return this.node(node.command, state);
      case 'Subshell':
        return this.apart(() => this.list(node.body.commands, state), state);
      case 'BraceGroup':
        return this.list(node.body.commands, state);
      case 'If':
        return this.conditional(node, state);
      case 'For':
        return this.forEach(node, state);
      case 'While':
        return either(this.loop(state, (start) => this.whileRound(node.clause.commands, node.body.commands, start)));
      case 'Case':
        return this.choice(node, state);
      case 'TestCommand':
        this.test(node.expression, state);
        return either(state);
      case 'ArithmeticCommand':
        this.substitutions(node.expression, state);
        return either(withoutNumbers(state, node.body));
      case 'ArithmeticFor':
      case 'Select':
      case 'Coproc':
        this.barrier('it has a form of loop that is not followed');
        return either(state);
      case 'Function':
        this.barrier('it defines a function');
        return either(state);
      default:
        return node satisfies never;
    }
  }

  private andOr(node: AndOr, state: State): Ends {
    const [first, ...rest] = node.commands;
    let ends = first ? this.node(first, state) : either(state);
    rest.forEach((command, index) => {
      const isAnd = node.operators[index] === '&&';
      const from = isAnd ? ends.passed : ends.failed;
      const next = from ? this.node(command, from) : { passed: undefined, failed: undefined };
      ends = isAnd
        ? { passed: next.passed, failed: join(ends.failed, next.failed) }
        : { passed: join(ends.passed, next.passed), failed: next.failed };
    });
    return ends;
  }

  private pipeline(node: Pipeline, state: State): Ends {
    const [only, ...others] = node.commands;
    if (only && others.length === 0) {
      const ends = this.node(only, state);
      const isNegated = node.prefixes.filter((prefix) => prefix.type === 'Negation').length % 2 === 1;
      return isNegated ? { passed: ends.failed, failed: ends.passed } : ends;
    }
    let lists = false;
    node.commands.forEach((command) => {
      const isInFolder = state.cwd?.every((at) => isWithin(at, this.footprint.folder));
      const { fed: _fed, ...alone } = state;
      this.node(command, lists && isInFolder && takesInput(command) ? { ...alone, fed: true } : alone);
      lists = listsFiles(command, lists);
    });
    return either(state);
  }

  private conditional(node: If, state: State): Ends {
    const clause = this.list(node.clause.commands, state);
    const ends = [this.list(node.then.commands, clause.passed)];
    let otherwise = clause.failed;
    for (const part of node.elif) {
      const next = this.list(part.clause.commands, otherwise);
      ends.push(this.list(part.then.commands, next.passed));
      otherwise = next.failed;
    }
    ends.push(node.else ? this.list(node.else.commands, otherwise) : either(otherwise));
    return either(join(...ends.flatMap((end) => [end.passed, end.failed])));
  }

  private forEach(node: For, state: State): Ends {
    const name = node.name.value;
    const values = node.wordlist?.flatMap((word) => this.expand(word, state)) ?? [ANYTHING];
    const round = (value: Argument) => (from: State) => this.list(node.body.commands, assigned(from, name, oneOf(value)));
    if (isDangerousVariable(name)) this.barrier(`it changes ${name}`);
    if (values.length <= MOST_ROUNDS && values.every((value) => value.text !== undefined)) {
      let now: State | undefined = state;
      for (const value of values) now = now && this.once(now, round(value));
      return either(join(state, now));
    }
    let now: State | undefined = state;
    const distinct = values.length <= MOST_ROUNDS ? values : [ANYTHING];
    for (const value of distinct) now = now && this.loop(now, round(value));
    return either(join(state, now));
  }

  private whileRound(clause: readonly Statement[], body: readonly Statement[], state: State): Ends {
    const condition = this.list(clause, state);
    const ends = this.list(body, condition.passed);
    return either(join(ends.passed, ends.failed, condition.failed, condition.passed));
  }

  /** Rounds until nothing is new. */
  private loop(state: State, round: (state: State) => Ends): State | undefined {
    let now = state;
    for (let rounds = 0; rounds < 5; rounds += 1) {
      const next = join(now, this.once(now, round)) ?? now;
      if (isSame(next, now)) return now;
      now = next;
    }
    this.barrier('it has a loop that is not understood');
    return now;
  }

  private once(state: State, round: (state: State) => Ends): State | undefined {
    this.left.push([]);
    const ends = round(state);
    return join(ends.passed, ends.failed, ...(this.left.pop() ?? []));
  }

  /** `break` or `continue`. What follows it is looked at nevertheless. */
  leaveLoop(state: State): void {
    for (const loop of this.left) loop.push(state);
  }

  private choice(node: Case, state: State): Ends {
    this.expand(node.word, state);
    let before: State | undefined;
    const ends: (State | undefined)[] = [state];
    for (const item of node.items) {
      for (const pattern of item.pattern) this.expand(pattern, state);
      const end = this.list(item.body.commands, join(state, before));
      before = item.terminator === ';&' || item.terminator === ';;&' ? join(end.passed, end.failed) : undefined;
      ends.push(end.passed, end.failed);
    }
    return either(join(...ends));
  }

  private test(expression: TestExpression, state: State): void {
    switch (expression.type) {
      case 'TestUnary': {
        const operand = this.expand(expression.operand, state);
        if (/^-[a-hkprstuwxGLNOS]$/.test(expression.operator)) for (const path of operand) this.footprint.read(path, state.cwd);
        return;
      }
      case 'TestBinary': {
        const both = [...this.expand(expression.left, state), ...this.expand(expression.right, state)];
        if (/^-(?:nt|ot|ef)$/.test(expression.operator)) for (const path of both) this.footprint.read(path, state.cwd);
        return;
      }
      case 'TestLogical':
        for (const operand of expression.operands) this.test(operand, state);
        return;
      case 'TestNot':
        this.test(expression.operand, state);
        return;
      case 'TestGroup':
        this.test(expression.expression, state);
        return;
      default:
        expression satisfies never;
    }
  }

  private command(node: Command, from: State): Ends {
    const { fed: _fed, ...alone } = from;
    const state = takesInput(node) ? from : alone;
    let own = state;
    const set: string[] = [];
    for (const prefix of node.prefix) {
      if (prefix.type !== 'Assignment') continue;
      set.push(prefix.name);
      own = this.assign(
        prefix.name,
        prefix.value.type === 'Word' && !prefix.append && !prefix.index ? prefix.value : undefined,
        prefix,
        own,
      );
    }
    this.redirects(node.redirects, node.name ? state : own);
    const words = [...(node.name ? [node.name] : []), ...node.args].flatMap((word) =>
      word.type === 'Word' ? this.expand(word, state) : this.assignmentWord(word.text, word, state),
    );
    if (words.length === 0) return node.name ? this.nameless(state) : either(own);
    return builtin(words, { line: this, state, own, set, depth: this.depth }) ?? this.program(words, own, state);
  }

  /** The command's name is a variable that is empty. */
  private nameless(state: State): Ends {
    return either(state);
  }

  private program(words: readonly Argument[], own: State, state: State): Ends {
    this.context.start(words, { ...own, cwd: state.cwd });
    return either(state);
  }

  private assign(name: string, value: Word | undefined, node: unknown, state: State): State {
    if (isDangerousVariable(name)) this.barrier(`it changes ${name}`);
    if (value) return assigned(state, name, expandValue(value, this.expander(state)));
    this.substitutions(node, state);
    return assigned(state, name, undefined);
  }

  /** `export NAME=value` and its kin have assignments among their words. */
  private assignmentWord(
    text: string,
    node: { readonly value: unknown; readonly name: string },
    state: State,
  ): readonly Argument[] {
    const word = node.value as Word;
    if (word.type !== 'Word' || !text.startsWith(`${node.name}=`)) {
      this.substitutions(node, state);
      return [{ glob: `${node.name}=${ANYTHING.glob}` }];
    }
    const value = expandValue(word, this.expander(state));
    const prefix = literal(`${node.name}=`);
    return [
      { ...(value.text === undefined ? {} : { text: `${prefix.text}${value.text}` }), glob: `${prefix.glob}${value.glob}` },
    ];
  }

  redirects(redirects: readonly Redirection[], state: State): void {
    for (const redirect of redirects) {
      if (redirect.type === 'HereDoc') {
        this.substitutions(redirect.body, state);
        continue;
      }
      const target = redirect.target ? expandTarget(redirect.target, this.expander(state)) : undefined;
      if (redirect.type === 'HereString') continue;
      if (!target) this.barrier('it redirects to nowhere');
      else this.redirect(redirect.operator, target, state.cwd);
    }
  }

  private redirect(operator: string, target: Argument, cwd: Directories): void {
    const isDescriptor = operator.endsWith('&') && /^(?:\d+-?|-)$/.test(target.text ?? '');
    if (isDescriptor) return;
    if (operator.startsWith('<') && operator !== '<>') this.footprint.read(target, cwd);
    else this.footprint.write(target, cwd);
  }

  expand(word: Word, state: State): readonly Argument[] {
    if (!this.footprint.step()) return [];
    const all = expandWord(word, this.expander(state));
    // Which files there are decides what a pattern becomes.
    for (const each of all) if (each.text === undefined && !each.glob.includes(UNKNOWN)) this.footprint.read(each, state.cwd);
    return all;
  }

  /** Follows all commands in substitutions within a piece of syntax. */
  substitutions(node: unknown, state: State): void {
    const scripts = scriptsWithin(node);
    if (scripts === undefined) this.barrier('it has a substitution that is not understood');
    for (const script of scripts ?? []) this.apart(() => this.list(script, state), state);
  }

  private expander(state: State) {
    return {
      value: (name: string) => this.variable(name, state),
      substitute: (part: unknown) => {
        this.depth += 1;
        if (this.depth > DEEPEST) this.footprint.end('it is nested too deep to be followed');
        else this.substitutions(part, state);
        this.depth -= 1;
        return printed(part, state, (name) => this.variable(name, state)?.text);
      },
      arithmetic: (text: string) => {
        if (/=|\+\+|--/.test(text)) this.barrier('it changes variables in the middle of a word');
      },
      barrier: (because: string) => this.barrier(because),
    };
  }

  private variable(name: string, state: State): Argument | undefined {
    if (state.variables.has(name)) return state.variables.get(name);
    if (name === 'PWD') return state.cwd?.length === 1 && state.cwd[0] !== undefined ? { glob: state.cwd[0] } : undefined;
    const value = this.context.env[name];
    return value === undefined || name === 'OLDPWD' ? undefined : literal(value);
  }
}

/** What a substitution prints, for the few where that is known. */
function printed(part: unknown, state: State, variable: (name: string) => string | undefined): Argument | undefined {
  const text = (part as { readonly text?: string }).text ?? '';
  const inner = /^\$\(\s*([^()$`'"\\|&;<>]*?)\s*\)$/.exec(text)?.[1];
  if (inner === 'pwd') return state.cwd?.length === 1 && state.cwd[0] !== undefined ? { glob: state.cwd[0] } : undefined;
  if (inner === 'mktemp' || inner === 'mktemp -d') return { glob: `${variable('TMPDIR') ?? '/tmp'}/tmp.*` };
  return inner !== undefined &&
    /^(?:nproc|date(?: -u)? \+[%\w.:-]+|date -I)$/.test(inner) &&
    !inner.includes('%D') &&
    !inner.includes('%x')
    ? { glob: '*' }
    : undefined;
}

/** In a loop a variable is one word at a time. */
function oneOf(value: Argument): Argument | undefined {
  if (value.loose) return undefined;
  const { many: _many, ...one } = value;
  return one;
}

/** Without what is known of the variables that an expression in numbers names. */
function withoutNumbers(state: State, text: string): State {
  return (text.match(/[A-Za-z_]\w*/g) ?? []).reduce((now, name) => assigned(now, name, undefined), state);
}

/** Whether a directory is there for certain, since the folder stands in it. */
export function holdsFolder(directory: string, folder: string): boolean {
  return isWithin(folder, directory);
}
