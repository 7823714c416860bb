/** Steps of CI that PowerShell runs: what of them means the same to any shell, and those that are checks by what they call. Pure. */

import type { YamlNode } from './yaml.js';

/** Names of shells by which a service starts PowerShell. */
export function isPowerShell(shell: string | undefined): boolean {
  return shell !== undefined && /^(?:pwsh|powershell)\b/.test(shell);
}

/**
 * What a step of PowerShell runs: its lines, where any shell understands all of them; its whole text, where it is a check that only PowerShell
 * runs. Undefined for any other step.
 */
export function partsOfPowerShell(run: YamlNode): ReturnType<YamlNode['lines']> | string | undefined {
  const whole = run.text() ?? '';
  if (asShell(whole) === undefined) return powershellCheck(whole);
  return run.lines().flatMap(({ text, line }) => {
    const plain = asShell(text);
    return plain === undefined ? [] : [{ text: plain, line }];
  });
}

/**
 * The text of a step as a shell would be told the same: plain calls of programs, and of scripts of PowerShell by its own program. Undefined
 * where a line of it needs PowerShell.
 */
function asShell(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
  return lines.length > 0 && lines.every(isPlainCall) ? lines.map(startsScript).join('\n') : undefined;
}

/** Words that mean nothing more to either; no command of PowerShell, which are called after a verb and a noun. */
function isPlainCall(line: string): boolean {
  const said = line.trim().replace(/^[&.]\s+/, '');
  return (
    /^[\w@%+=:,./ -]+$/.test(said) &&
    !/^(?:[A-Z][a-z]+-[A-Z]\w*|if|foreach|for|while|function|param|try|throw|return)\b/.test(said)
  );
}

function startsScript(line: string): string {
  const said = line.trim().replace(/^[&.]\s+/, '');
  return /^\S+\.ps1(?:\s|$)/i.test(said) ? `pwsh ${said}` : said;
}

/**
 * What PowerShell has to run for a step that looks for faults in scripts of its own, or runs their tests; undefined for any other step, and
 * where it asks for what only the service knows.
 */
function powershellCheck(text: string): string | undefined {
  const own = text.replace(/\$(?:\{env:GITHUB_WORKSPACE\}|env:GITHUB_WORKSPACE\b)/gi, '.');
  const calls = /(?:^|[\s=(|;])Invoke-(?:ScriptAnalyzer|Pester)\b/im.test(own);
  return calls && !/\$\{?env:|\$\{\{|\$(?:EXPRESSION|MATRIX_)/i.test(own) && failsByItself(own) ? own.trim() : undefined;
}

/** Whether it ends as failed where something was found: by its own code, or by the option for that. */
function failsByItself(text: string): boolean {
  return /\bexit\s+[1-9]|\bthrow\b|-EnableExit\b|-CI\b|\.Run\.Exit\s*=|\bWrite-Error\b/i.test(text);
}
