/** noxfile.py: what its sessions run. Pure. Read by a grammar of Python; nothing of it is executed. */
import { parser } from '@lezer/python';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** A mention for each `session.run(…)` whose arguments are all plain strings; of a session without one a task of which only the name is known. */
export function readNoxfile({ file, text }: EvidenceFile): readonly Mention[] {
  const mentions: Mention[] = [];
  const textOf = (node: SyntaxNode): string => text.slice(node.from, node.to);
  const functions = parser.parse(text).topNode.getChildren('DecoratedStatement');
  for (const decorated of functions) {
    const decorator = decorated
      .getChildren('Decorator')
      .map(textOf)
      .find((each) => /^@(?:nox\.)?session\b/.test(each));
    const definition = decorated.getChild('FunctionDefinition');
    const nameNode = definition?.getChild('VariableName');
    if (decorator === undefined || !definition || !nameNode) continue;
    const name = /\bname\s*=\s*["']([^"']+)["']/.exec(decorator)?.[1] ?? textOf(nameNode);
    const before = mentions.length;
    const task = { file, cwd: '', env: {}, role: 'task', name, runner: { program: 'nox', args: ['-s', name] } } as const;
    const cursor = definition.cursor();
    const end = definition.to;
    do {
      if (cursor.from >= end) break;
      if (cursor.name !== 'CallExpression') continue;
      const argv = runArguments(cursor.node, textOf);
      if (!argv) continue;
      mentions.push({
        ...task,
        line: text.slice(0, cursor.from).split('\n').length,
        text: textOf(cursor.node).split('\n')[0] ?? '',
        command: { kind: 'argv', argv },
      });
    } while (cursor.next());
    const line = text.slice(0, definition.from).split('\n').length;
    const said = `def ${textOf(nameNode)}`;
    if (mentions.length === before) mentions.push({ ...task, line, text: said, command: { kind: 'argv', argv: [] } });
  }
  return mentions;
}

/** Arguments of `session.run("pytest", "-q", *session.posargs)`; undefined for any other call. What a user adds is left out. */
function runArguments(call: SyntaxNode, textOf: (node: SyntaxNode) => string): readonly string[] | undefined {
  const callee = call.firstChild;
  if (!callee || !/^session\.run(?:_always)?$/.test(textOf(callee))) return undefined;
  const argv: string[] = [];
  const list = call.getChild('ArgList');
  let keyword = false;
  let spread = false;
  for (let node = list?.firstChild ?? null; node; node = node.nextSibling) {
    const text = textOf(node);
    if (text === ',' || text === '(') [keyword, spread] = [false, false];
    else if (text === '*') spread = true;
    else if (node.nextSibling?.name === 'AssignOp') keyword = true;
    else if (node.name === 'String' && !keyword) argv.push(text.replace(/^[rbuRBU]*(["'])([\s\S]*)\1$/, '$2'));
    else if (
      ![')', '='].includes(text) &&
      node.name !== 'AssignOp' &&
      !keyword &&
      !(spread && text === 'session.posargs') &&
      node.name !== 'Comment'
    )
      return undefined;
  }
  return argv.length > 0 ? argv : undefined;
}
