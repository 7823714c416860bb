/** The header of an inspection: what it is, figures, what can be done with it, and chips that filter. */

import type { InspectionSummary } from '../core/inspect/row.js';
import { bytesText, countText, durationText } from '../core/messages.js';
import type { RunId } from '../core/model.js';
import { EXPORTS, type Export, type PanelView } from '../protocol.js';
import { button, html, setAttribute, setText } from './dom.js';
import type { Surface } from './surface.js';

export type InspectionPanel = Extract<PanelView, { kind: 'inspection' }>;

export interface HeaderEvents {
  readonly run: () => RunId | undefined;
  /** Indexes of the rows that are shown, in order. */
  readonly rows: () => readonly number[];
  filter(text: string): void;
}

const FORMATS: Readonly<Record<Export, string>> = { csv: 'CSV', json: 'JSON', markdown: 'Markdown' };

/** The header without figures. */
export function createInspectionHeader(surface: Surface, events: HeaderEvents) {
  const title = html('h1', 'outcome-word');
  const facts = html('p', 'outcome-note');
  const chips = html('div', 'chips');
  setAttribute(chips, 'role', 'group');
  setAttribute(chips, 'aria-label', 'Show only files with');
  const notes = html('ul', 'inspection-notes');
  const post = (send: (run: RunId) => void) => () => {
    const run = events.run();
    if (run !== undefined) send(run);
  };
  const cancel = button('Cancel', 'secondary', () => surface.post({ type: 'cancel' }));
  const again = button(
    'Inspect Again',
    'primary',
    post((run) => surface.post({ type: 'inspect again', run })),
  );
  const timing = button(
    'Timing',
    'secondary',
    post((run) => surface.post({ type: 'show timing', run })),
  );
  timing.title = 'Where the time of this inspection went';
  const exports = EXPORTS.map((format) => {
    const press = button(
      FORMATS[format],
      'secondary',
      post((run) => surface.post({ type: 'export', run, format, rows: events.rows() })),
    );
    press.title = `Export the rows that are shown as ${FORMATS[format]}`;
    setAttribute(press, 'aria-label', `Export as ${FORMATS[format]}`);
    return press;
  });
  const actions = html('div', 'actions', cancel, again, timing, html('span', 'note export-label', 'Export'), ...exports);
  const element = html(
    'header',
    'run-header',
    html('div', 'headline', html('div', 'inspection-title', title, facts), actions),
    chips,
    notes,
  );
  const ofEnded = [again, ...exports];
  return {
    element,
    update(panel: InspectionPanel, summary: InspectionSummary | undefined, withProblems: number): void {
      const { state } = panel;
      setText(title, panel.label);
      setText(
        facts,
        state.kind === 'running' ? `${state.done} of ${countText(state.of, 'operation')} done` : factsText(state, summary),
      );
      cancel.hidden = state.kind === 'ended';
      for (const each of ofEnded) each.hidden = state.kind === 'running';
      const complete = state.kind === 'ended' && summary?.files === state.files;
      drawChips(chips, complete ? chipsOf(summary, withProblems) : [], events);
      const texts = state.kind === 'ended' ? state.head.notes : [];
      notes.hidden = texts.length === 0;
      notes.replaceChildren(...texts.map((text) => html('li', 'note', text)));
    },
  };
}

function factsText(state: Extract<InspectionPanel['state'], { kind: 'ended' }>, summary: InspectionSummary | undefined): string {
  const started = new Date(state.head.startedAt);
  const figures = summary
    ? [`${summary.lines.toLocaleString()} ${summary.lines === 1 ? 'line' : 'lines'}`, bytesText(summary.bytes)]
    : [];
  return [
    ...figures,
    `took ${durationText(state.head.tookMs)}`,
    started.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
  ].join('  ·  ');
}

type Chip = readonly [count: number, text: string, filter: string];

/** What stands out most first. */
function chipsOf(summary: InspectionSummary, withProblems: number): readonly Chip[] {
  const chips: readonly Chip[] = [
    [summary.secrets, 'with possible secrets', 'is:secrets'],
    [summary.conflicts, 'with conflict markers', 'is:conflicts'],
    [withProblems, 'with problems', 'is:problems'],
    [summary.markers, 'with TODO, FIXME or BUG', 'is:markers'],
    [summary.trailingWhitespace, 'with trailing whitespace', 'is:trailing'],
    [summary.mixedIndentation, 'with mixed indentation', 'is:mixed'],
    [summary.mixedLineEndings, 'with mixed line endings', 'is:endings'],
    [summary.binary, 'binary', 'is:binary'],
    [summary.unread, 'not read', 'is:unread'],
  ];
  return chips.filter(([count]) => count > 0);
}

/** Redrawn only when a figure changed, so that the focus stays. */
function drawChips(parent: HTMLElement, chips: readonly Chip[], events: HeaderEvents): void {
  const key = JSON.stringify(chips);
  if (parent.dataset['key'] === key) return;
  parent.dataset['key'] = key;
  parent.hidden = chips.length === 0;
  parent.replaceChildren(
    ...chips.map(([count, text, filter]) => {
      const press = button('', 'chip', () => events.filter(filter));
      press.append(html('b', '', String(count)), ` ${text}`);
      press.title = `Show only these: ${filter}`;
      return press;
    }),
  );
}
