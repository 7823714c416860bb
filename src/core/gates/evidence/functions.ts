/** Functions of a shell script that run what they are given. Pure. */
import { type AndOr, type Command, forEachChild, type PipelineNode, type Statement, type SyntaxNode } from 'unbash';

/**
 * What a call of such a function runs, as a line of its own, by the name of the function: `check eslint .` → `eslint .`. A function that
 * looks afterwards at whether files have changed has that in the line, too. Undefined for a call of anything else.
 */
export function lineGivenToFunction(
  command: PipelineNode | AndOr,
  functions: ReadonlyMap<string, boolean>,
  text: string,
): string | undefined {
  if (command.type !== 'Command' || command.prefix.length > 0 || command.redirects.length > 0) return undefined;
  const compares = functions.get(command.name?.value ?? '');
  const [first] = command.args;
  if (compares === undefined || first === undefined) return undefined;
  const given = text.slice(first.pos, command.end);
  return compares ? `${given} && git diff --exit-code` : given;
}

/** The functions of a script that run what they are given, and whether each compares the files with the commit afterwards. */
export function functionsIn(commands: readonly Statement[]): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>();
  for (const { command } of commands) {
    if (command.type !== 'Function') continue;
    const calls = callsBelow(command.body);
    // Only with quotes each word stays one.
    if (!calls.some(({ name }) => name?.text === '"$@"')) continue;
    const compares = calls.some(
      ({ name, args }) =>
        name?.value === 'git' && args.some((arg) => /^(?:--exit-code|--quiet|--porcelain(?:=.*)?)$/.test(arg.text)),
    );
    found.set(command.name.value, compares);
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
