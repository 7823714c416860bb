/** The details of one inspected file: all that was found, each place a button that opens it. */
import { problemsText, type Row } from '../core/inspect/columns.js';
import type { Place } from '../core/inspect/row.js';
import { bytesText, countText } from '../core/messages.js';
import { button, html, setAttribute } from './dom.js';
import { icon } from './icons.js';

export interface FileDetails {
  readonly element: HTMLElement;
  update(row: Row | undefined): void;
  focus(): void;
}

/** The section, hidden until it is given a row. `open` is called with a place; `close` by its button and by Escape. */
export function createFileDetails(open: (place: Place | undefined) => void, close: () => void): FileDetails {
  const heading = html('h2');
  heading.tabIndex = -1;
  const closing = button('', 'quiet icon-button', close);
  closing.append(icon('close'));
  closing.title = 'Close details (Escape)';
  setAttribute(closing, 'aria-label', 'Close details');
  const opening = button('Open File', 'quiet', () => open(undefined));
  const content = html('div', 'file-details');
  const element = html(
    'section',
    'details',
    html('header', 'details-header', heading, html('span', 'actions', opening, closing)),
    content,
  );
  setAttribute(element, 'aria-label', 'Details of the file');
  element.hidden = true;
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    close();
  });
  let shown: Row | undefined;
  return {
    element,
    update(row) {
      if (row === shown) return;
      const other = row?.file.path !== shown?.file.path;
      shown = row;
      element.hidden = row === undefined;
      if (!row) return;
      heading.replaceChildren(html('span', 'details-name', row.file.path));
      content.replaceChildren(...contentOf(row, open));
      if (other) element.scrollTop = 0;
    },
    focus: () => heading.focus(),
  };
}

type Open = (place: Place) => void;

function contentOf({ file, problems }: Row, open: Open): readonly Node[] {
  const parts: Node[] = [];
  if (file.kind === 'unread') parts.push(html('p', 'details-status', file.message));
  if (file.kind === 'binary') parts.push(html('p', 'details-status', `A binary file of ${bytesText(file.bytes)}.`));
  if (file.unsaved) parts.push(html('p', 'details-status', 'Inspected with its unsaved changes.'));
  const found: (readonly [string, Place])[] = [];
  if (problems) found.push([`${problemsText(problems)} in Problems`, problems.place]);
  if (file.kind === 'text') {
    for (const secret of file.secrets) found.push([`Possible secret: ${secret.rule}`, secret]);
    if (file.conflicts) found.push([countText(file.conflicts.count, 'merge conflict'), first(file.conflicts.line)]);
    for (const marker of file.markers) found.push([marker.text, marker]);
    if (file.trailingWhitespace)
      found.push([
        `${countText(file.trailingWhitespace.count, 'line')} with trailing whitespace`,
        first(file.trailingWhitespace.line),
      ]);
    if (file.mixedIndentation)
      found.push([
        `${countText(file.mixedIndentation.count, 'line')} indented otherwise than most`,
        first(file.mixedIndentation.line),
      ]);
    if (file.longestLine)
      found.push([`Longest line: ${countText(file.longestLine.length, 'character')}`, first(file.longestLine.line)]);
  }
  if (found.length > 0)
    parts.push(html('h3', '', 'Found'), html('ul', 'finding-list', ...found.map(([text, place]) => item(text, place, open))));
  if (file.kind === 'text' && file.moreMarkers + file.moreSecrets > 0)
    parts.push(html('p', 'note', `${countText(file.moreMarkers + file.moreSecrets, 'more place')} not listed.`));
  if (file.commit) {
    const { hash, date, author, subject } = file.commit;
    parts.push(
      html('h3', '', 'Last commit'),
      html('p', '', subject),
      html('p', 'note', `${hash.slice(0, 10)} · ${new Date(date).toLocaleString()} · ${author}`),
    );
  } else if (file.commit === null) parts.push(html('h3', '', 'Last commit'), html('p', 'note', 'None was found: it may be new.'));
  return parts;
}

function item(text: string, place: Place, open: Open): HTMLElement {
  const press = button('', 'finding', () => open(place));
  press.append(html('span', 'finding-line', String(place.line)), html('span', 'finding-text', text));
  press.title = `Open line ${place.line}`;
  return html('li', '', press);
}

function first(line: number): Place {
  return { line, column: 1 };
}
