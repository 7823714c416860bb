/** The checks in texts of which only parts are understood: lines of CI, hooks, shell scripts. Pure. */
import { type AndOr, type Command, type If, type PipelineNode, parse, type Statement } from 'unbash';
import { isTestOfSurface } from './script-names.js';
import { type Context, newContext, type Place, type ScriptContext, type Step } from './script-steps.js';
import type { Task } from './script-tasks.js';
import { endsAsFailed } from './script-verdict.js';
import { callsIn, LONGEST, literal, substitutions } from './script-words.js';
import { callSteps, commandSteps, plainWords } from './scripts.js';

/**
 * The checks that stand in a text of which only parts are understood: the lines of a CI step, a hook. Each command is looked at by
 * itself; what is not understood is left out. `script` is what the steps are said to stand in.
 */
export function findChecks(
  { command, env }: Pick<Task['lines'][number], 'command' | 'env'>,
  script: string,
  context: ScriptContext,
): readonly Step[] {
  const place: Place = { script, trail: [], env };
  const inner = newContext(context, 'fragments');
  if (command.kind === 'argv') {
    const taken = callSteps(plainWords(command.argv), inner, place);
    return taken.kind === 'steps' ? taken.steps : [];
  }
  if (command.text.length > LONGEST) return [];
  const { text } = command;
  // Left in the background, a script with such a name starts what others test.
  const isLeft = ({ background, pos, end }: Statement) =>
    background === true && callsIn(text.slice(pos, end)).some((call) => call.some(isTestOfSurface));
  return parse(text)
    .commands.filter((statement) => !isLeft(statement))
    .flatMap((statement) => fragments(statement.command, inner, place));
}

/** What can be found in the parts of a line that stand by themselves. */
function fragments(node: PipelineNode | AndOr, context: Context, place: Place): readonly Step[] {
  const each = (statements: readonly Statement[], inner = context) =>
    statements.flatMap(({ command }) => fragments(command, inner, place));
  // Where something decides whether it runs at all, only what is known for certain to check counts.
  const { job: _, ...known } = context;
  const perhaps = (statements: readonly Statement[]) => each(statements, { ...known, inShellScript: true });
  switch (node.type) {
    case 'AndOr':
      // `mypy src || true`: whatever it finds, nobody minds.
      if (node.operators.includes('||') && node.commands.slice(1).some(isForgiving)) return [];
      return node.commands.flatMap((command) => fragments(command, context, place));
    case 'Pipeline': {
      // `! bin/app broken`: that it fails is what is checked. What a pipe looks for may be what a check prints.
      if (node.commands.length === 1 && node.prefixes.some(({ type }) => type === 'Negation')) return [];
      // `find … | xargs clang-format --dry-run`: which files is for the gate to say.
      const last = node.commands.at(-1);
      const taken = last?.type === 'Command' && last.name?.value === 'xargs' ? xargsSteps(last, context, place) : undefined;
      return taken ?? node.commands.slice(0, 1).flatMap((command) => fragments(command, context, place));
    }
    case 'Subshell':
    case 'BraceGroup':
      return each(node.body.commands);
    case 'If':
      // What is built under a condition may be there to fail.
      return [
        ...node.clause.commands.flatMap(({ command }) =>
          fragments(failed(command, node), { ...known, inShellScript: true }, place),
        ),
        ...perhaps([...node.then.commands, ...node.elif.flatMap(({ then }) => then.commands), ...(node.else?.commands ?? [])]),
      ].filter(({ kind }) => kind !== 'build');
    case 'For':
      // What it is done for, each time, is for the gate to say.
      return perhaps(node.body.commands);
    case 'Case':
      return perhaps(node.items.flatMap(({ body }) => body.commands));
    case 'Redirected':
      return fragments(node.command, context, place);
    case 'Command': {
      const taken = commandSteps(node, context, place);
      return taken.kind === 'steps' && taken.steps.length > 0 ? taken.steps : perhaps(substitutions(node));
    }
    case 'TestCommand':
      // `test -z "$(gofmt -l .)"`: what a tool prints decides.
      return perhaps(substitutions(node));
    default:
      return [];
  }
}

/** `if ! tool; then …; exit 1; fi`: where the script fails because the tool did, the tool is what checks. */
function failed(clause: PipelineNode | AndOr, { then }: If): PipelineNode | AndOr {
  if (clause.type !== 'Pipeline' || clause.commands.length !== 1) return clause;
  const [only] = clause.commands;
  const negated = clause.prefixes.length === 1 && clause.prefixes.every(({ type }) => type === 'Negation');
  return negated && only && then.commands.some(({ command }) => endsAsFailed(command)) ? only : clause;
}

/** What xargs starts, without the arguments that it is given. */
function xargsSteps(command: Command, context: Context, place: Place): readonly Step[] | undefined {
  const words = command.args.flatMap((word) => (word.type === 'Word' ? (literal(word) ?? []) : []));
  const start = words.findIndex(
    ({ value }, index) =>
      !value.startsWith('-') && !/^-(?:[nPLIsdaE]|-max-(?:args|procs|lines))$/.test(words[index - 1]?.value ?? ''),
  );
  if (start < 0) return undefined;
  const taken = callSteps(words.slice(start), context, { ...place, vague: true });
  return taken.kind === 'steps' ? taken.steps : [];
}

function isForgiving(node: PipelineNode): boolean {
  return node.type === 'Command' && [':', 'true', 'echo'].includes(node.name?.value ?? '');
}
