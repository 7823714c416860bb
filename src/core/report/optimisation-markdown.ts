/** The optimisation report as Markdown. Pure. Whatever stands in the analysis is shown as text: it makes no markup, link or formula. */

import type { Analysis } from '../analyse/analysis.js';
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
    case 'code': {
      const fence = '`'.repeat(Math.max(3, longestTicks(block.text) + 1));
      return `${fence}${block.language}\n${block.text}\n${fence}`;
    }
    default:
      return block satisfies never;
  }
}

function tableText({ head, rows, numbers }: Extract<Block, { readonly kind: 'table' }>): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(head.map(escaped)),
    line(head.map((_, index) => (numbers.includes(index) ? '---:' : '---'))),
    // A bar ends a cell, even in code.
    ...rows.map((row) => line(row.map((cell) => inline(cell, true)))),
  ].join('\n');
}

function inline(text: Text, inCell = false): string {
  return inlines(text)
    .map((part) => (typeof part === 'string' ? escaped(part) : codeSpan(part.code, inCell)))
    .join('');
}

function codeSpan(text: string, inCell: boolean): string {
  const plain = text.replace(/\s+/g, ' ');
  if (plain.trim() === '') return '';
  const ticks = '`'.repeat(longestTicks(plain) + 1);
  const space = /^`|`$/.test(plain) ? ' ' : '';
  return `${ticks}${space}${inCell ? plain.replaceAll('|', '\\|') : plain}${space}${ticks}`;
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}

/** Every character that could mean something in Markdown, in its extensions and in formulas. */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|!~$&]/g, '\\$&')
    .replace(/^(\s*)([-+])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replaceAll('://', '\\://');
}
