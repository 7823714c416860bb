/** What a verification measured, as a block to copy, and where the time went: two bars that add up, and their equal in a table. */
import type { Account, SpeedupAccount } from '../core/measured.js';
import { durationText, percentText } from '../core/messages.js';
import {
  accountLines,
  accountText,
  blockText,
  companyText,
  executedText,
  figureLines,
  type Line,
  lossText,
  measuringText,
  type NameOf,
  noteText,
  verificationLines,
} from '../core/verification-text.js';
import { copyButton } from './copy.js';
import { html, setAttribute, setStyle } from './dom.js';
import type { VerificationPanel } from './pairs.js';

export interface SpeedupView {
  readonly element: HTMLElement;
  update(panel: VerificationPanel): void;
}

/** Empty until a verification is shown. */
export function createSpeedupView(): SpeedupView {
  let shown: VerificationPanel | undefined;
  const block = html('dl', 'measured-lines');
  const copy = copyButton(
    'Copy the verification block',
    () => (shown ? textOf(shown) : ''),
    () => block,
  );
  const measuring = html('div', 'measuring');
  const time = html('section', 'time-account');
  setAttribute(time, 'aria-label', 'Where the time went');
  const element = html(
    'div',
    'speedup-account',
    html('div', 'section-header', html('h2', '', 'Verification'), copy.element),
    block,
    measuring,
    time,
  );
  let painted: unknown;
  return {
    element,
    update(panel) {
      shown = panel;
      const { verification, progress } = panel;
      // While it goes on nothing of it is final; it changes with the trials only.
      element.hidden = progress !== undefined;
      if (painted === verification || progress) return;
      painted = verification;
      copy.reset();
      const operations = panel.runs[0]?.operations ?? [];
      const names = new Map(operations.map(({ id, name }) => [id, name]));
      block.replaceChildren(...lines(verificationLines(verification, executedText(operations))));
      measuring.replaceChildren(
        ...measuringText(verification).map((text) => html('p', 'note', text)),
        ...(verification.notes ?? []).map((note) => html('p', 'trial-note', noteText(note))),
      );
      const { account } = verification;
      time.hidden = account === undefined;
      if (account) time.replaceChildren(...accountView(account, (id) => names.get(id) ?? id));
    },
  };
}

function textOf({ verification, runs }: VerificationPanel): string {
  return blockText(verification, executedText(runs[0]?.operations ?? []));
}

function lines(all: readonly Line[]): readonly HTMLElement[] {
  return all.map(({ name, value }) => html('div', 'measured-line', html('dt', '', name), html('dd', '', value)));
}

function accountView(account: SpeedupAccount, nameOf: NameOf): readonly HTMLElement[] {
  const longest = Math.max(account.sequential.makespanMs, account.parallel.makespanMs, 1);
  const slower = companyText(account, nameOf);
  return [
    html('h2', '', `Where the time went, pair ${account.pair}`),
    bar('One after another', account.sequential, longest),
    bar('In parallel', account.parallel, longest),
    table(account),
    html('p', 'loss', lossText(account)),
    html('dl', 'measured-lines', ...lines(figureLines(account))),
    ...(slower === '' ? [] : [html('p', '', slower)]),
  ];
}

/** A makespan as a bar whose parts add up; what it shows stands in the table too. */
function bar(label: string, account: Account, longestMs: number): HTMLElement {
  const parts = accountLines(account).flatMap(({ name, ms }) => {
    if (ms <= 0) return [];
    const part = html('span', `account-part ${partClass(name)}`);
    part.title = `${name}: ${durationText(ms)}`;
    setStyle(part, 'width', `${(100 * ms) / longestMs}%`);
    return [part];
  });
  const picture = html('div', 'account-bar', ...parts);
  setAttribute(picture, 'role', 'img');
  setAttribute(picture, 'aria-label', `${label}: ${accountText(account)}`);
  return html('div', 'account-row', html('span', 'account-label', label), picture);
}

function partClass(name: string): string {
  return name.replaceAll(' ', '-');
}

function table({ sequential, parallel }: SpeedupAccount): HTMLElement {
  const others = accountLines(sequential);
  const head = ['', 'One after another', 'In parallel', 'Share'].map((title, index) => {
    const cell = html('th', index > 0 ? 'numeric' : '', title);
    cell.scope = 'col';
    return cell;
  });
  const row = (name: string, before: number, after: number, kind: string) => {
    const heading = html('th', 'part-name', html('span', `account-swatch ${kind}`), name);
    heading.scope = 'row';
    const share = percentText(after / Math.max(parallel.makespanMs, 1));
    return html(
      'tr',
      '',
      heading,
      ...[durationText(before), durationText(after), share].map((text) => html('td', 'numeric', text)),
    );
  };
  const element = html(
    'table',
    'plain-table account-table',
    html('thead', '', html('tr', '', ...head)),
    html(
      'tbody',
      '',
      ...accountLines(parallel).map(({ name, ms }, index) => row(name, others[index]?.ms ?? 0, ms, partClass(name))),
      row('makespan', sequential.makespanMs, parallel.makespanMs, 'none'),
    ),
  );
  setAttribute(element, 'aria-label', 'Where the time went');
  return element;
}
