/** Pure: whatever the timing panel shows as one self-contained HTML file, drawn by the same code. */

import type { Verification } from '../measured.js';
import type { RunState } from '../model.js';
import type { Comparison, Trends } from '../trend-model.js';
import type { Tuning } from '../tuning-model.js';

export interface HtmlReport {
  readonly title: string;
  /** What a timing panel would be told to show. */
  readonly view:
    | { readonly kind: 'run'; readonly state: RunState; readonly now: number; readonly measured?: Verification }
    | { readonly kind: 'verification'; readonly verification: Verification; readonly runs: readonly RunState[] }
    | { readonly kind: 'tuning'; readonly tuning: Tuning }
    | { readonly kind: 'trends'; readonly trends: Trends }
    | { readonly kind: 'comparison'; readonly comparison: Comparison };
  /** Absolute, native. Files are shown relative to it. */
  readonly root: string;
  /** The end of each operation's output, by its id. `omittedBytes` came before it. */
  readonly outputs: Readonly<Record<string, { readonly text: string; readonly omittedBytes: number }>>;
}

/** The bundle of the webview. */
export interface HtmlAssets {
  readonly script: string;
  readonly style: string;
}

/**
 * The report as one file that needs nothing else, not even a network. Its content security policy allows its own script and style
 * only, by `nonce`. Text of the run stands in it as JSON in which no markup can begin.
 */
export function renderHtml(report: HtmlReport, assets: HtmlAssets, nonce: string = randomNonce()): string {
  const { title, view, root, outputs } = report;
  return htmlPage({
    title,
    nonce,
    scripts: true,
    style: withoutEnd(assets.style, 'style'),
    body: `<noscript><p>${escapeMarkup(title)}: this report draws itself with the script it contains. Allow scripts to see it.</p></noscript>
<script type="application/json" id="volley-data">${embedJson({ view, root, outputs })}</script>
<script nonce="${nonce}">
${withoutEnd(assets.script, 'script')}
</script>`,
  });
}

/** What a page of its own is made of; style and body are markup already. */
export interface HtmlPage {
  readonly title: string;
  readonly nonce: string;
  /** Whether the policy allows scripts that have the nonce; else none run. */
  readonly scripts: boolean;
  readonly style: string;
  readonly body: string;
}

/** A page that needs nothing else, in the colours of the reports. Its content security policy allows only what has its nonce. */
export function htmlPage({ title, nonce, scripts, style, body }: HtmlPage): string {
  const own = `'nonce-${nonce}'`;
  const policy = `default-src 'none'; ${scripts ? `script-src ${own}; ` : ''}style-src ${own}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style nonce="${nonce}">
${COLOURS}
${style}
</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** JSON that may stand inside a script element and be read by any JavaScript parser: no `<`, no line separators. */
export function embedJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Text as it may stand in an element or in an attribute in quotes. */
export function escapeMarkup(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? character);
}

/** Code of our own that might hold, in a string, what would end its element. A backslash changes neither its strings nor its regexes. */
function withoutEnd(code: string, tag: 'script' | 'style'): string {
  return code.replace(new RegExp(`</(${tag})`, 'gi'), '<\\/$1').replace(/<!--/g, '<\\!--');
}

/** It only has to differ from what the data could contain, which is escaped anyway; a report has no server that could vouch for it. */
export function randomNonce(): string {
  return Array.from({ length: 22 }, () => Math.floor(Math.random() * 36).toString(36)).join('');
}

const LIGHT = {
  'font-family': 'system-ui, -apple-system, "Segoe UI", "Ubuntu", sans-serif',
  'font-size': '13px',
  'editor-font-family': 'ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace',
  'editor-font-size': '12px',
  foreground: '#3b3b3b',
  descriptionForeground: '#5f5f5f',
  'editor-background': '#ffffff',
  'editor-foreground': '#3b3b3b',
  'panel-border': '#e5e5e5',
  'editorWidget-background': '#f8f8f8',
  'editorWidget-border': '#c8c8c8',
  'list-hoverBackground': '#f2f2f2',
  'list-activeSelectionBackground': '#e8e8e8',
  'list-activeSelectionForeground': '#000000',
  'textCodeBlock-background': '#f4f4f4',
  'textLink-foreground': '#005fb8',
  focusBorder: '#005fb8',
  'button-background': '#005fb8',
  'button-foreground': '#ffffff',
  'charts-foreground': '#3b3b3b',
  'charts-lines': '#3b3b3b80',
  'charts-red': '#d1242f',
  'charts-blue': '#1a85ff',
  'charts-yellow': '#bf8803',
  'charts-orange': '#b45309',
  'charts-green': '#388a34',
  'charts-purple': '#652d90',
  'testing-iconPassed': '#388a34',
  'testing-iconFailed': '#d1242f',
  'testing-iconErrored': '#d1242f',
  'testing-iconQueued': '#a67400',
  'testing-iconSkipped': '#717171',
};

const DARK = {
  foreground: '#cccccc',
  descriptionForeground: '#9d9d9d',
  'editor-background': '#1f1f1f',
  'editor-foreground': '#cccccc',
  'panel-border': '#2b2b2b',
  'editorWidget-background': '#262626',
  'editorWidget-border': '#454545',
  'list-hoverBackground': '#2a2d2e',
  'list-activeSelectionBackground': '#04395e',
  'list-activeSelectionForeground': '#ffffff',
  'textCodeBlock-background': '#2b2b2b',
  'textLink-foreground': '#4daafc',
  focusBorder: '#0078d4',
  'button-background': '#0078d4',
  'button-foreground': '#ffffff',
  'charts-foreground': '#cccccc',
  'charts-lines': '#cccccc80',
  'charts-red': '#f14c4c',
  'charts-blue': '#3794ff',
  'charts-yellow': '#cca700',
  'charts-orange': '#e8a15c',
  'charts-green': '#89d185',
  'charts-purple': '#b180d7',
  'testing-iconPassed': '#73c991',
  'testing-iconFailed': '#f14c4c',
  'testing-iconErrored': '#f14c4c',
  'testing-iconQueued': '#cca700',
  'testing-iconSkipped': '#9d9d9d',
};

/** What the editor's themes supply in the panel. Paper is light. */
const COLOURS = `:root {
${variables(LIGHT)}
}
@media screen and (prefers-color-scheme: dark) {
:root {
${variables(DARK)}
}
}`;

function variables(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `  --vscode-${name}: ${value};`)
    .join('\n');
}
