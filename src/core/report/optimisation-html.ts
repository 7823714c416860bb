/** The optimisation report as one HTML file that needs nothing else: no script, no network, light and dark by the reader's choice. Pure. */
import type { Analysis } from '../analyse/analysis.js';
import { escapeMarkup, htmlPage, randomNonce } from './html.js';
import { type Block, inlines, optimisationReport, type ReportOptions, type Text } from './optimisation.js';

/** The whole report. Its content security policy allows its own style only, by `nonce`. */
export function optimisationHtml(analysis: Analysis, options: ReportOptions, nonce: string = randomNonce()): string {
  const main = optimisationReport(analysis, options).map(blockMarkup).join('\n');
  return htmlPage({
    ...{ title: `Volley: ${analysis.title}`, nonce, scripts: false, style: STYLE },
    body: `<main>\n${main}\n</main>`,
  });
}

function blockMarkup(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}>${escapeMarkup(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${inline(block.text)}</p>`;
    case 'list':
      return `<ul>\n${block.items.map((item) => `<li>${inline(item)}</li>`).join('\n')}\n</ul>`;
    case 'table':
      return tableMarkup(block);
    case 'code':
      return `<pre><code>${escapeMarkup(block.text)}</code></pre>`;
    default:
      return block satisfies never;
  }
}

function tableMarkup({ head, rows, numbers }: Extract<Block, { readonly kind: 'table' }>): string {
  const cell = (tag: 'th' | 'td', content: string, index: number) =>
    `<${tag}${tag === 'th' ? ' scope="col"' : ''}${numbers.includes(index) ? ' class="number"' : ''}>${content}</${tag}>`;
  const body = rows.map((row) => `<tr>${row.map((each, index) => cell('td', inline(each), index)).join('')}</tr>`).join('\n');
  // A wide table scrolls by itself, also by keyboard.
  return `<div class="scroll" role="region" aria-label="${escapeMarkup(head.join(', '))}" tabindex="0"><table>\n<thead><tr>${head.map((each, index) => cell('th', escapeMarkup(each), index)).join('')}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`;
}

function inline(text: Text): string {
  return inlines(text)
    .map((part) => (typeof part === 'string' ? escapeMarkup(part) : `<code>${escapeMarkup(part.code)}</code>`))
    .join('');
}

const STYLE = `body {
  margin: 0;
  background: var(--vscode-editor-background);
  color: var(--vscode-foreground);
  font: var(--vscode-font-size)/1.5 var(--vscode-font-family);
}
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5em; }
h2 { font-size: 1.2em; margin-top: 2em; padding-top: 0.6em; border-top: 1px solid var(--vscode-panel-border); }
h3 { font-size: 1em; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--vscode-focusBorder); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.25em 0.75em 0.25em 0; border-bottom: 1px solid var(--vscode-panel-border); }
th { color: var(--vscode-descriptionForeground); font-weight: 600; }
.number { text-align: right; }
code { font: var(--vscode-editor-font-size) var(--vscode-editor-font-family); background: var(--vscode-textCodeBlock-background); padding: 0 0.25em; overflow-wrap: anywhere; }
pre { background: var(--vscode-textCodeBlock-background); padding: 0.75em; overflow-x: auto; }
pre code { padding: 0; }`;
