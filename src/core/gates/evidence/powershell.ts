/** Steps of CI that PowerShell runs: what of them means the same to any shell, and those that are checks by what they call. Pure. */

/** Names of shells by which a service starts PowerShell. */
export function isPowerShell(shell: string | undefined): boolean {
  return shell !== undefined && /^(?:pwsh|powershell)\b/.test(shell);
}

/**
 * The text of a step as a shell would be told the same: plain calls of programs, and of scripts of PowerShell by its own program. Undefined
 * where a line of it needs PowerShell.
 */
export function asShell(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
  return lines.length > 0 && lines.every(isPlainCall) ? lines.map(startsScript).join('\n') : undefined;
}

/** Words that mean nothing more to either; no command of PowerShell, which are called after a verb and a noun. */
function isPlainCall(line: string): boolean {
  const said = line.trim().replace(/^[&.]\s+/, '');
  return /^[\w@%+=:,./ -]+$/.test(said) && !/^(?:[A-Z][a-z]+-[A-Z]\w*|if|foreach|for|while|function|param|try|throw|return)\b/.test(said);
}

function startsScript(line: string): string {
  const said = line.trim().replace(/^[&.]\s+/, '');
  return /^\S+\.ps1(?:\s|$)/i.test(said) ? `pwsh ${said}` : said;
}

/**
 * What PowerShell has to run for a step that looks for faults in scripts of its own, or runs their tests; undefined for any other step, and
 * where it asks for what only the service knows.
 */
export function powershellCheck(text: string): string | undefined {
  const own = text.replace(/\$(?:\{env:GITHUB_WORKSPACE\}|env:GITHUB_WORKSPACE\b)/gi, '.');
  const calls = /(?:^|[\s=(|;])Invoke-(?:ScriptAnalyzer|Pester)\b/im.test(own);
  return calls && !/\$\{?env:|\$\{\{|\$(?:EXPRESSION|MATRIX_)/i.test(own) && failsByItself(own) ? own.trim() : undefined;
}

/** Whether it ends as failed where something was found: by its own code, or by the option for that. */
function failsByItself(text: string): boolean {
  return /\bexit\s+[1-9]|\bthrow\b|-EnableExit\b|-CI\b|\.Run\.Exit\s*=|\bWrite-Error\b/i.test(text);
}
