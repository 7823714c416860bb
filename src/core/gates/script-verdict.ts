/** Scripts that are checks themselves: what they look at decides how they end. Pure. */
import { type AndOr, type Command, forEachChild, type PipelineNode, parse, type Statement, type SyntaxNode } from 'unbash';
import { isChange } from './script-changes.js';
import { asksForItself } from './script-unknown.js';
import { LONGEST } from './script-words.js';
import { isInstall } from './script-wrappers.js';

/** A script that fails where it finds something. */
export interface Verdict {
  /** Without what it installs. */
  readonly script: string;
  /** It compares the files of the repository with what git knows of them; something has to make them anew before. */
  readonly compares: boolean;
  /** It makes something itself, besides looking. */
  readonly makes: boolean;
  /** The programs that do. */
  readonly makers: readonly string[];
}

/**
 * What a script finds out by its exit code: that files differ (`git diff --exit-code`, `diff`), that something stands where it must not
 * (`if grep …; then exit 1; fi`), or that it does not (`test -z "$(…)"`). Undefined for a script that ends as its commands do, that reaches
 * beyond the repository, or that names what nobody knows here. `known`: variables that have a value around it.
 */
export function verdictOf(text: string, known: Iterable<string> = []): Verdict | undefined {
  const parsed = parsedScript(text);
  if (parsed === undefined) return undefined;
  const kept = parsed.commands.filter((statement) => !onlySetsUp(statement));
  if (!kept.some((statement, index) => decides(statement.command, index === kept.length - 1))) return undefined;
  const facts = factsOf(kept);
  if (!isClosed(facts, new Set(known)) || facts.calls.some(reaches) || PLACEHOLDER.test(text)) return undefined;
  const looks = facts.calls.filter(([program = '']) => !SAYS.has(program));
  // Nothing but names of programs, versions and files that others made: it looks at the machine.
  if (looks.every((call) => isAboutMachine(call))) return undefined;
  const compares = facts.calls.some(comparesTree);
  if (compares && facts.calls.some(([program, ...args]) => program === 'git' && args.some(isHistory))) return undefined;
  const script = kept.map(({ pos, end }) => text.slice(pos, end)).join('\n');
  const makers = looks.filter(isMaker).map(([program = '']) => program);
  return { script, compares, makes: makers.length > 0, makers };
}

/** Whether a script fails where files differ from what git knows of them, whatever else it does. */
export function comparesWithGit(text: string): boolean {
  if (!text.includes('git')) return false;
  const statements = parsedScript(text)?.commands ?? [];
  const looks = statements.some(({ command }, index) => decides(command, index === statements.length - 1));
  return looks && factsOf(statements).calls.some(comparesTree);
}

/** What a script makes, without what it installs; undefined for one that reaches beyond the repository, or makes nothing. */
export function madeBy(text: string, known: Iterable<string> = []): string | undefined {
  const parsed = parsedScript(text);
  const kept = parsed?.commands.filter((statement) => !onlySetsUp(statement)) ?? [];
  const facts = factsOf(kept);
  if (!isClosed(facts, new Set(known)) || facts.calls.some(reaches) || PLACEHOLDER.test(text)) return undefined;
  return facts.calls.some(isMaker) ? kept.map(({ pos, end }) => text.slice(pos, end)).join('\n') : undefined;
}

/** What a script calls, its programs first, and which variables it asks for without giving them a value or saying what else they are. */
export function neededBy(text: string): { readonly calls: readonly (readonly string[])[]; readonly asked: ReadonlySet<string> } {
  const { calls, asked, assigned } = factsOf(parsedScript(text)?.commands ?? []);
  return { calls, asked: new Set([...asked].filter((name) => !assigned.has(name))) };
}

function parsedScript(text: string) {
  if (text.length > LONGEST) return undefined;
  const parsed = parse(text);
  return parsed.errors !== undefined && parsed.errors.length > 0 ? undefined : parsed;
}

/** In the place of a value that nobody knows. */
const PLACEHOLDER = /\$(?:MATRIX_\w|EXPRESSION\b|TOX\b)|::(?:set-output|save-state|add-path|set-env)\b/;

// ---------------------------------------------------------------------------------------------------------------- facts

interface Facts {
  readonly calls: readonly (readonly string[])[];
  /** Variables that it gives a value to, and those that it asks for without saying what else they are. */
  readonly assigned: ReadonlySet<string>;
  readonly asked: ReadonlySet<string>;
  /** Functions that it defines. */
  readonly functions: ReadonlySet<string>;
}

function factsOf(statements: readonly Statement[]): Facts {
  const calls: string[][] = [];
  const assigned = new Set<string>();
  const asked = new Set<string>();
  const functions = new Set<string>();
  const visit = (node: SyntaxNode): void => {
    switch (node.type) {
      case 'Command': {
        const words = [node.name, ...node.args].flatMap((word) =>
          word === undefined ? [] : [word.type === 'Word' ? word.value : word.text],
        );
        if (words.length > 0) calls.push(words);
        if (/^(?:read|readarray|mapfile|local|declare|export|typeset)$/.test(words[0] ?? ''))
          for (const word of words.slice(1)) assigned.add(word.replace(/=.*$/s, ''));
        break;
      }
      case 'Assignment':
        assigned.add(node.name);
        break;
      case 'For':
      case 'Select':
        assigned.add(node.name.value);
        break;
      case 'Function':
        functions.add(node.name.value);
        break;
      case 'SimpleExpansion':
        asked.add(node.text.slice(1));
        break;
      case 'ParameterExpansion':
        if (node.operation?.type !== 'Default') asked.add(node.parameter);
        break;
      default:
        break;
    }
    forEachChild(node, visit);
  };
  for (const statement of statements) visit(statement);
  return { calls, assigned, asked, functions };
}

/** Whether all that it asks for is said in it, or is there on every machine. */
function isClosed({ asked, assigned }: Facts, known: ReadonlySet<string>): boolean {
  return [...asked].every((name) => assigned.has(name) || known.has(name) || EVERYWHERE.test(name));
}

const EVERYWHERE =
  /^(?:\d|[#?@*!$_-]|HOME|PWD|OLDPWD|PATH|TMPDIR|USER|SHELL|LANG|LC_\w+|IFS|RANDOM|SECONDS|LINENO|PIPESTATUS|BASH\w*|FUNCNAME|OSTYPE)$/;

// ---------------------------------------------------------------------------------------------------------------- calls

/** They fetch, send, install or start something that is not of the repository. */
const REACHING = new Set(
  (
    'curl wget ssh scp rsync gh hub docker docker-compose podman buildah kubectl helm kind minikube aws az gcloud terraform ansible-playbook sudo su apt apt-get apk brew choco winget yum dnf pacman snap ' +
    'systemctl service kill pkill killall mail sendmail psql mysql sqlcmd redis-cli mongosh createdb dropdb pg_ctl pg_isready nc netcat telnet buildkite-agent circleci codecov ssh-keyscan gpg openssl nohup chmod chown dpkg rpm twine'
  ).split(' '),
);

/** Of git what only looks. */
const GIT_LOOKS =
  /^(?:diff|diff-index|diff-files|status|ls-files|grep|rev-parse|show|log|describe|check-attr|check-ignore|cat-file|ls-tree|rev-list|shortlog|--version|hash-object)$/;

function reaches(call: readonly string[]): boolean {
  const [program = '', ...args] = call;
  if (REACHING.has(program.split('/').at(-1) ?? '') || isChange(call) || bringsIn(program, args)) return true;
  // Also what only marks files in the index changes what a user has there.
  return program === 'git' && !GIT_LOOKS.test(gitCommand(args));
}

/** What go generates are files of the repository. */
function bringsIn(program: string, args: readonly string[]): boolean {
  return isInstall(program, args) && !(program === 'go' && args[0] === 'generate');
}

function gitCommand(args: readonly string[]): string {
  return args.find((arg, index) => !arg.startsWith('-') && !/^-[cC]$/.test(args[index - 1] ?? '')) ?? args[0] ?? '';
}

/** Other commits than the one that is checked out. */
function isHistory(arg: string): boolean {
  return /^(?:origin|upstream)\/|\.\.|^HEAD[~^@]|^@\{|^FETCH_HEAD$/.test(arg);
}

/** Whether the call tells files that have changed since the commit. */
function comparesTree([program, ...args]: readonly string[]): boolean {
  if (program !== 'git') return false;
  const command = gitCommand(args);
  return (
    (/^diff(?:-index|-files)?$/.test(command) && !args.includes('--no-index') && !args.includes('--check')) ||
    (command === 'status' && args.some((arg) => /^(?:--porcelain|-s|--short)/.test(arg))) ||
    (command === 'ls-files' && args.some((arg) => /^(?:-[a-z]*[mo]|--modified$|--others$)/.test(arg)))
  );
}

/** They say something, or decide by what others say. */
const SAYS = new Set(
  'echo printf exit return true false : set test [ shopt local declare export read cd pushd popd continue break shift trap unset eval sleep tee'.split(
    ' ',
  ),
);

/** They look at texts and files, and make none. */
const LOOKS = new Set(
  'git grep egrep fgrep rg ag ack cat head tail wc sort uniq tr cut sed awk gawk perl find fd ls diff cmp comm jq yq xargs basename dirname realpath readlink stat file which command type test bc seq date column nl nproc uname mktemp rm mkdir'.split(
    ' ',
  ),
);

function isMaker([program = '', ...args]: readonly string[]): boolean {
  if (SAYS.has(program)) return false;
  // With `-i` they write what they read.
  if (/^(?:sed|perl|gsed)$/.test(program)) return args.some((arg) => /^-\w*i/.test(arg) && arg !== '--ignore-case');
  if (program === 'xargs') {
    const start = args.findIndex((arg) => /^[a-z][\w.-]+$/i.test(arg));
    return start >= 0 && isMaker(args.slice(start));
  }
  return !LOOKS.has(program);
}

/** Whether the call only asks which programs a machine has. */
function isAboutMachine([program = '', ...args]: readonly string[]): boolean {
  if (/^(?:command|which|type|uname|nproc|date|mktemp|rm|mkdir|ls|basename|dirname|tr|head|cut|awk|sed|wc)$/.test(program))
    return true;
  if (/^e?grep$/.test(program)) return args.filter((arg) => !arg.startsWith('-')).length < 2;
  return asksForItself(args);
}

function onlySetsUp({ command }: Statement): boolean {
  if (command.type === 'AndOr') return command.operators.every((each) => each === '&&') && command.commands.every(isSetup);
  return isSetup(command);
}

function isSetup(node: PipelineNode | AndOr): boolean {
  if (node.type !== 'Command' || node.name === undefined) return false;
  const words = [node.name, ...node.args].map((word) => (word.type === 'Word' ? word.value : word.text));
  const [program = '', ...args] = words[0] === 'sudo' ? words.slice(1) : words;
  // CI begins with a clean checkout; what a user has changed stays.
  if (program === 'git' && /^(?:(?:restore|checkout)(?: --)? (?:\.|:\/)|reset --hard(?: HEAD)?)$/.test(args.join(' ')))
    return true;
  return bringsIn(program, args) || PACKAGERS.test(program) || asksForItself(args);
}

const PACKAGERS = /^(?:apt|apt-get|apk|brew|choco|yum|dnf|pacman|snap|corepack|rustup|pip3?|gem|nvm|asdf|mise)$/;

// -------------------------------------------------------------------------------------------------------------- verdicts

/** Whether it fails by what it finds. `last`: the script ends as it does. */
function decides(node: PipelineNode | AndOr, last: boolean): boolean {
  switch (node.type) {
    case 'AndOr':
      return (
        node.commands.slice(1).some((each, index) => endsAsFailed(each) && node.operators[index] !== undefined) ||
        (node.operators.every((each) => each === '&&') &&
          node.commands.some((each, index) => decides(each, last && index === node.commands.length - 1)))
      );
    case 'Pipeline': {
      const negated = node.prefixes.some(({ type }) => type === 'Negation');
      const end = node.commands.at(-1);
      // Of what is negated the shell only minds the last. A tool that has to fail is tried, not looked at.
      if (negated) return last && end?.type === 'Command' && looksFor(wordsIn(end));
      return end !== undefined && decides(end, last);
    }
    case 'If':
      return [node.then, ...node.elif.map(({ then }) => then), node.else].some((list) =>
        list?.commands.some(({ command }) => endsAsFailed(command) || decidesInside(command)),
      );
    case 'For':
    case 'While':
      return node.body.commands.some(({ command }, index) => decides(command, index === node.body.commands.length - 1));
    case 'Subshell':
    case 'BraceGroup':
      return node.body.commands.some(({ command }, index) => decides(command, last && index === node.body.commands.length - 1));
    case 'Redirected':
      return decides(node.command, last);
    case 'TestCommand':
      return true;
    case 'Command': {
      const [program = '', ...args] = wordsIn(node);
      return callDecides(program, args, last);
    }
    default:
      return false;
  }
}

function wordsIn({ name, args }: Command): readonly string[] {
  return [name, ...args].flatMap((word) => (word?.type === 'Word' ? [word.value] : []));
}

/** Whether it ends well where it finds something, and does nothing else. */
function looksFor([program = '', ...args]: readonly string[]): boolean {
  return LOOKS.has(program) || LISTS.test([program, ...args].join(' '));
}

const LISTS =
  /^(?:cargo (?:\+\S+ )?tree|go (?:list|mod (?:graph|why))|npm (?:ls|explain)|yarn why|pnpm why|pip show|bundle show)\b/;

function callDecides(program: string, args: readonly string[], last: boolean): boolean {
  const operands = args.filter((arg) => !arg.startsWith('-') || arg === '-');
  if (program === 'git') {
    const command = gitCommand(args);
    return /^diff/.test(command) && args.some((arg) => /^--(?:exit-code|quiet|check)$/.test(arg));
  }
  if (program === 'diff' || program === 'cmp') return operands.length >= 1;
  if (program === 'test' || program === '[') return true;
  if (program === 'sort') return args.some((arg) => /^-\w*[cC]\w*$/.test(arg) || arg.startsWith('--check'));
  // `exit $found`
  if (program === 'exit') return last && /^\$/.test(args[0] ?? '');
  return last && /^(?:e|f)?grep$/.test(program) && args.some((arg) => /^-\w*q|^--quiet$|^-\w*z/.test(arg));
}

/** An `if` in an `if`. */
function decidesInside(node: PipelineNode | AndOr): boolean {
  return (node.type === 'If' || node.type === 'For' || node.type === 'While') && decides(node, false);
}

/** Whether a branch ends the script as failed: `exit 1`, `false`. */
export function endsAsFailed(node: PipelineNode | AndOr): boolean {
  switch (node.type) {
    case 'Command': {
      const [program, code] = [node.name?.value, node.args[0]?.type === 'Word' ? node.args[0].value : undefined];
      return (
        program === 'false' ||
        ((program === 'exit' || program === 'return') && code !== undefined && /^(?:[1-9]\d*|-1)$/.test(code))
      );
    }
    case 'AndOr':
      return node.operators.every((each) => each === '&&') && node.commands.some(endsAsFailed);
    case 'Subshell':
    case 'BraceGroup':
      return node.body.commands.some(({ command }) => endsAsFailed(command));
    case 'Redirected':
      return endsAsFailed(node.command);
    default:
      return false;
  }
}
