/** What the small programs on the command lines of sed, awk and perl do to files. Pure; what is not understood is told apart. */

/** Files that a script of sed reads and writes; undefined when it runs commands or is not understood. */
export function sedFiles(script: string): { readonly reads: readonly string[]; readonly writes: readonly string[] } | undefined {
  const reads: string[] = [];
  const writes: string[] = [];
  let rest = script;
  while (rest.length > 0) {
    rest = rest.replace(/^[\s;{}]+/, '');
    const address = ADDRESS.exec(rest)?.[0] ?? '';
    rest = rest.slice(address.length);
    if (rest === '') return address === '' ? { reads, writes } : undefined;
    const command = rest[0] ?? '';
    if (/[=dDgGhHnNpPxzlFqQ]/.test(command)) rest = rest.slice(/^.\s*\d*/.exec(rest)?.[0].length ?? 1);
    else if (/[bBtT:aic#}]/.test(command)) rest = rest.replace(/[bBtT:}]/.test(command) ? /^[^;\n]*/ : /^(?:\\\n|[^\n])*/, '');
    else if (/[rRwW]/.test(command)) {
      const file = /^.\s*([^\n]*)/.exec(rest);
      (command.toLowerCase() === 'r' ? reads : writes).push(file?.[1] ?? '');
      rest = rest.slice(file?.[0].length ?? rest.length);
    } else if (/[sy]/.test(command)) {
      const end = afterSubstitution(rest, writes);
      if (end === undefined) return undefined;
      rest = rest.slice(end);
    } else return undefined;
  }
  return { reads, writes };
}

const ADDRESS =
  /^(?:(?:\d+(?:~\d+)?|\$|\/(?:\\.|[^/\\\n])*\/[IM]*)(?:\s*,\s*(?:[+~]?\d+|\$|\/(?:\\.|[^/\\\n])*\/[IM]*))?)?\s*!?\s*/;

/** How long `s/…/…/flags` is; undefined when it runs what it makes, or is not understood. */
function afterSubstitution(text: string, writes: string[]): number | undefined {
  const delimiter = text[1];
  if (delimiter === undefined || /[\s\\\w]/.test(delimiter)) return undefined;
  let at = 2;
  for (let parts = 0; parts < 2; at += 1) {
    if (at >= text.length) return undefined;
    if (text[at] === '\\') at += 1;
    // A delimiter within brackets may or may not count.
    else if (text[at] === '[' && parts === 0 && /^\[\^?\]?[^\]]*\]/.exec(text.slice(at))?.[0].includes(delimiter))
      return undefined;
    else if (text[at] === delimiter) parts += 1;
  }
  const flags = /^[gpiIMm\d]*/.exec(text.slice(at))?.[0] ?? '';
  at += flags.length;
  if (text[at] === 'e') return undefined;
  if (text[at] === 'w') {
    const file = /^w\s*([^\n]*)/.exec(text.slice(at));
    writes.push(file?.[1] ?? '');
    return at + (file?.[0].length ?? 0);
  }
  return at < text.length && !/[\s;}]/.test(text[at] ?? '') ? undefined : at;
}

/** Whether a program of awk neither writes, nor runs, nor reads other files than its operands. */
export function awkIsPlain(program: string): boolean {
  return !/\bprintf?\b[\s\S]*[>|]|system|getline|@|ARGV|\bclose\b|\bfflush\b.*\||\|\s*&/.test(program);
}

/** Whether a program of perl only substitutes in what it is given. */
export function perlIsPlain(program: string): boolean {
  return program.split(/;\s*/).every((part) => part === '' || PERL.test(part)) && !/@\{|\(\?\??\{|\$\{|`/.test(program);
}

const PERL = /^\s*(?:s|tr|y)([/|#,!])(?:\\.|(?!\1)[^\\;])*\1(?:\\.|(?!\1)[^\\;])*\1[gimsx]*\s*$/;
