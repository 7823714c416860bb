/** What `Volley: Create Configuration` writes. Pure. */
import type { Evidence, Gate } from '../gate-model.js';

/**
 * A volley.jsonc that names every detected gate, what it is and where it comes from, and changes nothing: each gate is a comment that
 * works as it is when its `//` is removed, and then still says what holds anyway.
 */
export function configurationText(gates: readonly Gate[]): string {
  return [
    '// What Volley found in this folder, and where. Nothing here is in force: remove the // before a line and change what it says.',
    '// Put false in the place of the braces to leave a gate out. Another id with a "command" adds a gate:',
    '//   "links": { "command": ["node", "scripts/check-links.mjs"], "inputs": ["docs/**"], "problemMatcher": "$gcc" },',
    '{',
    '  "gates": {',
    gates.map(gateText).join('\n\n'),
    '  },',
    '  // "defaults": { "timeout": 600, "exclude": ["**/vendor/**"] },',
    '}',
    '',
  ]
    .filter((line, index) => line !== '' || index > 5)
    .join('\n');
}

function gateText({ id, name, category, evidence, timeoutMs, availability }: Gate): string {
  const missing = availability.kind === 'unavailable' ? [`${availability.reason} ${availability.install}`] : [];
  const comments = [`${name} (${category})`, ...evidence.map(evidenceText), ...missing];
  const settings = { name, category, timeout: timeoutMs / 1000 };
  const members = Object.entries(settings).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return [...comments.map(oneLine), `${JSON.stringify(id)}: { ${members.join(', ')} },`]
    .map((line) => `    // ${line}`)
    .join('\n');
}

function evidenceText({ file, line, text }: Evidence): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return text === file ? place : `${place}: ${text}`;
}

/** Nothing that a file says can end the comment that it is quoted in. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`;
}
