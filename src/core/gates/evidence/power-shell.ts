/** Scripts of PowerShell and of the command prompt of Windows: the lines that only call a program, which mean the same to any shell. Pure. */

interface Line {
  readonly text: string;
  readonly line: number;
}

/** Whether a pipeline names PowerShell as its shell: `pwsh`, `powershell -command ". '{0}'"`. */
export function isPowerShell(shell: string | undefined): boolean {
  return /^(?:pwsh|powershell)\b/i.test(shell ?? '');
}

/**
 * The calls of a script that are plain: a program and words, with no variable, pipe, block or command of PowerShell in them, and what changes
 * the directory. What stands in a block is left out, and all after a change of the directory to where nobody knows.
 */
export function plainCalls(lines: readonly Line[]): readonly Line[] {
  const found: Line[] = [];
  let open = 0;
  let text = '';
  let hereString: string | undefined;
  for (const { text: raw, line } of lines) {
    if (hereString !== undefined) {
      if (raw.startsWith(hereString)) hereString = undefined;
      continue;
    }
    const own = raw.replace(/(^|\s)#.*$/, '$1').trim();
    const opened = /@(["'])\s*$/.exec(own)?.[1];
    if (opened !== undefined) {
      hereString = `${opened}@`;
      text = '';
      continue;
    }
    // A backtick continues the line.
    text += own.replace(/`$/, '');
    if (own.endsWith('`')) continue;
    const statement = text;
    text = '';
    const before = open;
    const bare = statement.replace(/"[^"]*"|'[^']*'/g, '');
    open = Math.max(0, open + count(bare, /[{(]/g) - count(bare, /[})]/g));
    if (before > 0 || open > 0 || statement === '') continue;
    const call = plainCall(statement);
    if (call === 'lost') return found;
    if (call !== undefined) found.push({ text: call, line });
  }
  return found;
}

function count(text: string, sign: RegExp): number {
  return text.match(sign)?.length ?? 0;
}

/** Words without anything that means something to the shell; expressions of the service are words whose value nobody knows. */
const WORD = String.raw`(?:\$(?:EXPRESSION|MATRIX_\w+)|[\w@%+=:,.\/\\*?~^!#-]|"[^"$\`]*"|'[^']*')+`;
/** A text by itself is no call; one with a place in it is, behind the sign for that. */
const PROGRAM = String.raw`(?:(?:&\s*|call\s+)(?:"[\w.\/\\:-]+"|'[\w.\/\\:-]+'|[\w.\/\\:-]+)|[\w.\/\\:-]+)`;
const PLAIN = new RegExp(`^${PROGRAM}(?:\\s+(?:${WORD}))*$`, 'i');
const MOVES = /^(?:cd|sl|chdir|pushd|set-location|push-location)\s+(?:-(?:literal)?path\s+)?/i;
const KEYWORD =
  /^(?:if|else|elseif|for|foreach|while|do|switch|try|catch|finally|function|filter|param|begin|process|end|return|throw|exit|trap|class|enum|using|break|continue|set|echo|rem|goto|setlocal|del|copy|move|ren|rd|md|popd|pop-location)\b(?!-)/i;

/** The call as a shell of POSIX has it; undefined for what is none, `lost` for a change of the directory to where nobody knows. */
function plainCall(statement: string): string | undefined | 'lost' {
  const moves = MOVES.exec(statement)?.[0];
  if (moves !== undefined) {
    const place = statement
      .slice(moves.length)
      .replace(/^(["'])(.*)\1$/, '$2')
      .replaceAll('\\', '/');
    return /^[\w@.][\w@./-]*$/.test(place) ? `cd ${place}` : 'lost';
  }
  // Where it was before, only the script knows.
  if (/^(?:popd|pop-location)\b/i.test(statement)) return 'lost';
  const parts = statement.split(/\s+&&\s+/);
  const isPlain = (part: string) => PLAIN.test(part) && !KEYWORD.test(part) && !isCommandlet(part);
  return parts.every(isPlain) ? parts.map(portable).join(' && ') : undefined;
}

/** `Get-ChildItem`, `Install-Module`: a verb and a name, as PowerShell has them; programs are written in small letters. */
function isCommandlet(call: string): boolean {
  return /^[A-Z][a-z]+-[A-Z]\w+/.test(call);
}

/** With `/` in paths, and programs by their names. */
function portable(call: string): string {
  const [program = '', ...rest] = call.replace(/^(?:&\s*|call\s+)/i, '').split(/(\s+)/);
  const name = program
    .replace(/^(["'])(.*)\1$/, '$2')
    .replaceAll('\\', '/')
    .replace(/\.(?:exe|cmd|bat|ps1)$/i, (end) => (end.toLowerCase() === '.ps1' ? end : ''));
  // A script of its own is for PowerShell alone.
  const started = /\.ps1$/i.test(name) ? `pwsh ${name}` : name;
  return [started, ...rest.map((word) => (/^[\w.-]*(?:\\[\w.*-]+)+\\?$/.test(word) ? word.replaceAll('\\', '/') : word))].join(
    '',
  );
}

/**
 * What PowerShell has to run for a step that looks for faults in scripts of its own, or runs their tests; undefined for any other step, and
 * where it asks for what only the service knows.
 */
export function checkOfPowerShell(text: string): string | undefined {
  const own = text.replace(/\$(?:\{env:GITHUB_WORKSPACE\}|env:GITHUB_WORKSPACE\b)/gi, '.');
  const calls = /(?:^|[\s=(|;])Invoke-(?:ScriptAnalyzer|Pester)\b/im.test(own);
  return calls && !/\$\{?env:|\$\{\{|\$(?:EXPRESSION|MATRIX_)/i.test(own) && failsByItself(own) ? own.trim() : undefined;
}

/** Whether it ends as failed where something was found: by its own code, or by the option for that. */
function failsByItself(text: string): boolean {
  return /\bexit\s+[1-9]|\bthrow\b|-EnableExit\b|-CI\b|\.Run\.Exit\s*=|\bWrite-Error\b/i.test(text);
}
