/** Functions of a shell script that run what they are given. Pure. */
import { type AndOr, type Command, forEachChild, type PipelineNode, type Statement, type SyntaxNode } from 'unbash';

/**
 * What a call of such a function runs, as a line of its own, by the name of the function: `check eslint .` → `eslint .`. A function that
 * looks afterwards at whether files have changed has that in the line, too; one that does something else is no program, so its line is
 * empty. Undefined for a call of anything else.
 */
export function lineGivenToFunction(
  command: PipelineNode | AndOr,
  functions: ReadonlyMap<string, FunctionKind>,
  text: string,
): string | undefined {
  if (command.type !== 'Command' || command.prefix.length > 0 || command.redirects.length > 0) return undefined;
  const kind = functions.get(command.name?.value ?? '');
  const [first] = command.args;
  if (kind === undefined) return undefined;
  if (kind === 'own work' || first === undefined) return '';
  const given = text.slice(first.pos, command.end);
  return kind === 'compares' ? `${given} && git diff --exit-code` : given;
}

/** Whether a function runs what it is given, and compares the files with the commit afterwards. */
export type FunctionKind = 'runs' | 'compares' | 'own work';

/** The functions that a script defines, by their names. */
export function functionsIn(commands: readonly Statement[]): ReadonlyMap<string, FunctionKind> {
  const found = new Map<string, FunctionKind>();
  for (const { command } of commands) {
    if (command.type !== 'Function') continue;
    const calls = callsBelow(command.body);
    // Only with quotes each word stays one.
    const runs = calls.some(({ name }) => name?.text === '"$@"');
    const compares = calls.some(
      ({ name, args }) =>
        name?.value === 'git' && args.some((arg) => /^(?:--exit-code|--quiet|--porcelain(?:=.*)?)$/.test(arg.text)),
    );
    found.set(command.name.value, runs ? (compares ? 'compares' : 'runs') : 'own work');
  }
  return found;
}

function callsBelow(node: SyntaxNode): readonly Command[] {
  const calls: Command[] = [];
  const visit = (each: SyntaxNode): void => {
    if (each.type === 'Command') calls.push(each);
    forEachChild(each, visit);
  };
  visit(node);
  return calls;
}
