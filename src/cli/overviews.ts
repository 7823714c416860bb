/** Prints or writes what is no run: trends, two runs compared, a past tuning. The same options as those of `volley report`. */

import { formatByName, isOverviewFormat } from '../core/report/format-table.js';
import { noSuchOverview, type OverviewSubject, renderOverview } from '../core/report/overview.js';
import { type Context, unable } from './actions.js';
import { EXIT } from './exit.js';
import { panelAssets, writeText } from './reports.js';

/** In the format that the options say: text unless they do. Resolves with the exit code. */
export async function tellOverview(context: Context, subject: OverviewSubject): Promise<number> {
  const { folder: root, io, options } = context;
  const { output } = options;
  const format = options.json ? 'json' : (options.format ?? (output === undefined ? 'text' : formatByName(output)));
  if (format === undefined) return unable(noFormatText(output ?? ''), io, options);
  if (!isOverviewFormat(format)) return unable(noSuchOverview(subject, format), io, options);
  const make = async () =>
    renderOverview(format, { subject, root, ...(format === 'html' ? { assets: await panelAssets() } : {}) });
  if (output !== undefined) return (await writeText(context, format, output, make)) ? EXIT.passed : EXIT.unable;
  const text = format === 'text' ? renderOverview(format, { subject, root, style: io.style }) : await make();
  io.print(text.replace(/\n$/, ''));
  return EXIT.passed;
}

/** Why it is not known how a file is to be written. */
export function noFormatText(output: string): string {
  return `Nothing tells which format "${output}" has. Say so with --format, or end its name as the format wants it.`;
}
