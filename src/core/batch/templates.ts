/** Batches to start from: each runs as it is, and its comments say what to change. Pure. */
import { CHECKING } from './templates/checking.js';
import { COORDINATING } from './templates/coordinating.js';
import type { BatchTemplate } from './templates/template.js';
import { UNDERSTANDING } from './templates/understanding.js';

export type { BatchTemplate } from './templates/template.js';

/** In the order in which they are offered; ids are unique and safe as names of files. */
export const BATCH_TEMPLATES: readonly BatchTemplate[] = [...UNDERSTANDING, ...CHECKING, ...COORDINATING];

/** How the file of a template is called when nobody says another name. */
export function templateFile({ id }: Pick<BatchTemplate, 'id'>): string {
  return `${id}.batch.jsonc`;
}
