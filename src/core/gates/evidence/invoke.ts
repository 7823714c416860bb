/** tasks.py of Invoke: what its tasks run. Pure. Read by a grammar of Python; nothing of it is executed. */
import { parser } from '@lezer/python';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** A mention for each `context.run("…")` of a task that is one plain text. */
export function readInvokeTasks({ file, text }: EvidenceFile): readonly Mention[] {
  if (!/\binvoke\b/.test(text)) return [];
  const textOf = (node: SyntaxNode): string => text.slice(node.from, node.to);
  return parser
    .parse(text)
    .topNode.getChildren('DecoratedStatement')
    .flatMap((decorated) => {
      const isTask = decorated.getChildren('Decorator').some((each) => /^@(?:invoke\.)?task\b/.test(textOf(each)));
      const definition = decorated.getChild('FunctionDefinition');
      const nameNode = definition?.getChild('VariableName');
      const context = definition?.getChild('ParamList')?.getChild('VariableName');
      if (!isTask || !definition || !nameNode || !context) return [];
      const name = textOf(nameNode).replace(/_/g, '-').replace(/^-|-$/g, '');
      return callsIn(definition, `${textOf(context)}.run`, textOf).map(
        ({ line, node }): Mention => ({
          file,
          line: text.slice(0, node.from).split('\n').length,
          text: textOf(node).split('\n')[0] ?? '',
          command: { kind: 'shell', text: line },
          cwd: '',
          env: {},
          role: 'task',
          name,
          runner: { program: 'invoke', args: [name] },
        }),
      );
    });
}

/** The calls of `callee` whose first argument is a plain text, and that text. */
function callsIn(
  definition: SyntaxNode,
  callee: string,
  textOf: (node: SyntaxNode) => string,
): readonly { readonly line: string; readonly node: SyntaxNode }[] {
  const found: { line: string; node: SyntaxNode }[] = [];
  const cursor = definition.cursor();
  do {
    if (cursor.from >= definition.to) break;
    const { node } = cursor;
    if (node.name !== 'CallExpression' || !node.firstChild || textOf(node.firstChild) !== callee) continue;
    const first = node.getChild('ArgList')?.firstChild?.nextSibling;
    if (first?.name !== 'String') continue;
    const plain = /^[ruRU]*("""|'''|"|')([\s\S]*)\1$/.exec(textOf(first))?.[2];
    if (plain !== undefined && !plain.includes('\\')) found.push({ line: plain.trim(), node });
  } while (cursor.next());
  return found;
}
