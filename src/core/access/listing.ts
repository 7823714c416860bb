/** Pipes that hand on names of files: `find src | sort | xargs rm`. Pure. */
import type { PipelineNode } from 'unbash';

/** Whether a command prints nothing but names of files below where it stands; `from`: whether the one before it in the pipe does. */
export function listsFiles(node: PipelineNode, from: boolean): boolean {
  const words = plainWords(node);
  if (words === undefined || words.some((word) => /^[/~]|\.\./.test(word))) return false;
  const [program, ...args] = words;
  switch (program) {
    case 'find':
      return !args.some((word) => /^-(?:printf|fprint|exec|ok|ls|fls|files0)/.test(word));
    case 'grep':
    case 'rg':
      if (args.some((word) => /^(?:-[A-Za-z]*[lL]|--files-with-matches|--files-without-match|--files)$/.test(word))) return true;
      // A filter: a pattern and no file.
      return (
        from &&
        program === 'grep' &&
        args.filter((word) => !word.startsWith('-')).length === 1 &&
        !args.some((word) => /^-[a-z]*[rofe]/i.test(word))
      );
    case 'git':
      return (
        args[0] === 'ls-files' ||
        (args[0] === 'diff' && args.includes('--name-only')) ||
        (args[0] === 'grep' && args.includes('-l'))
      );
    case 'sort':
    case 'uniq':
    case 'head':
      return from && args.every((word) => /^-[a-z\d]*$|^\d+$/.test(word)) && !args.some((word) => /^-[a-z]*[ocT]/.test(word));
    default:
      return false;
  }
}

/** Whether a command takes what the one before it prints. */
export function takesInput(node: PipelineNode): boolean {
  return (
    node.type === 'Command' &&
    node.redirects.every((redirect) => redirect.type === 'Redirect' && !redirect.operator.startsWith('<'))
  );
}

function plainWords(node: PipelineNode): readonly string[] | undefined {
  if (node.type !== 'Command' || !node.name) return undefined;
  const words = [node.name, ...node.args];
  const texts = words.flatMap((word) => (word.type === 'Word' && !/[$`]|[<>]\(/.test(word.text) ? [word.value] : []));
  const isQuiet = node.redirects.every(
    (redirect) => redirect.type === 'Redirect' && (redirect.descriptor !== undefined || redirect.operator.startsWith('<')),
  );
  return texts.length === words.length && isQuiet ? texts : undefined;
}
