/** The optimisation report as Markdown. Pure. Whatever stands in the analysis is shown as text: it makes no markup, link or formula. */

import type { Analysis } from '../analyse/analysis.js';
import { codeSpan, escaped, fenced, tableText as table } from './markdown-text.js';
import { type Block, inlines, optimisationReport, type ReportOptions, type Text } from './optimisation.js';

/** The whole report. */
export function optimisationMarkdown(analysis: Analysis, options: ReportOptions): string {
  return `${optimisationReport(analysis, options).map(blockText).join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${escaped(block.text)}`;
    case 'paragraph':
      return inline(block.text);
    case 'list':
      return block.items.map((item) => `- ${inline(item)}`).join('\n');
    case 'table':
      return tableText(block);
    case 'code':
      return fenced(block.text, block.language);
    default:
      return block satisfies never;
  }
}

function tableText({ head, rows, numbers }: Extract<Block, { readonly kind: 'table' }>): string {
  return table(
    head.map((title, index) => ({ title, numeric: numbers.includes(index) })),
    // A bar ends a cell, even in code.
    rows.map((row) => row.map((cell) => inline(cell, true))),
  );
}

function inline(text: Text, inCell = false): string {
  return inlines(text)
    .map((part) => (typeof part === 'string' ? escaped(part) : codeSpan(part.code, inCell)))
    .join('');
}
