/** The view of a verification: verdict, both timelines of a pair on one scale, all trials, and whether results were equal. */

import type { Verification } from '../core/measured.js';
import { countText, ratioText } from '../core/messages.js';
import type { OperationId, OperationState, RunId, RunState } from '../core/model.js';
import { timing as measure } from '../core/timing.js';
import { intervalText, verdictText } from '../core/verification-text.js';
import type { ToWebview } from '../protocol.js';
import { createDetails, type DetailsInput } from './details.js';
import { button, html, setAttribute, setText } from './dom.js';
import { createLegend } from './draw.js';
import { capitalized } from './format.js';
import { icon, paintIcon, verdictIcon } from './icons.js';
import { createLiveClock } from './live-clock.js';
import { defaultPair, type Pair, pairsOf, type VerificationPanel, warmUpRun } from './pairs.js';
import { merge, type View } from './run-view.js';
import { createSpeedupView } from './speedup-account.js';
import type { Surface } from './surface.js';
import { createTracks, modeText, nowOf } from './tracks.js';
import { createTrialTables } from './trial-tables.js';

const FRAME_MS = 100;

/** Fills `container` with a verification. `announce` tells screen readers. */
export function createVerificationView(container: HTMLElement, surface: Surface, announce: (text: string) => void): View {
  let panel: VerificationPanel | undefined;
  let root = '';
  let chosen: number | undefined;
  let selected: { readonly run: RunId; readonly operation: OperationId } | undefined;
  let drawnAt = 0;
  let returnTo: Element | null = null;

  const head = createHead(surface);
  const pairs = html('div', 'pairs');
  setAttribute(pairs, 'role', 'group');
  setAttribute(pairs, 'aria-label', 'Pair shown');
  const tracks = createTracks({
    now: () => clock.now(),
    select(mode, operation) {
      const state = shownPair()?.[mode];
      if (state) select(state.run, operation);
    },
  });
  const tables = createTrialTables((operation) => {
    const pair = shownPair();
    const state = pair?.parallel ?? pair?.sequential;
    if (state) select(state.run, operation);
    details.focus();
  });
  const speedup = createSpeedupView();
  const modes = createModeSwitch((state) => {
    if (selected) selected = { ...selected, run: state.run };
    refresh();
  });
  const details = createDetails(surface, close, modes.element);
  const picture = html('section', 'picture', html('div', 'picture-header', pairs, createLegend(false)), ...tracks.elements);
  setAttribute(picture, 'aria-label', 'Timelines');
  const lower = html('div', 'lower', html('div', 'table-scroll', speedup.element, tables.element), details.element);
  const page = html('div', 'run-view verification-view', head.element, picture, lower, tracks.tooltip);
  container.append(page);
  const clock = createLiveClock((now) => {
    if (Math.abs(now - drawnAt) > FRAME_MS) drawTracks();
  });
  const observer = new ResizeObserver(() => drawTracks());
  observer.observe(picture);

  function select(run: RunId, operation: OperationId): void {
    returnTo = document.activeElement;
    selected = { run, operation };
    const memory = surface.memory();
    surface.remember({ ...memory, selected: operation });
    refresh();
  }

  function close(): void {
    selected = undefined;
    const { selected: _, ...memory } = surface.memory();
    surface.remember(memory);
    refresh();
    if (returnTo instanceof HTMLElement) returnTo.focus();
  }

  /** During the warm-up, which belongs to no pair, the run itself as pair 0. */
  function shownPair(): Pair | undefined {
    if (!panel) return undefined;
    const warmUp = warmUpRun(panel);
    if (warmUp) return { number: 0, parallel: warmUp };
    const all = pairsOf(panel);
    return all.find((pair) => pair.number === chosen) ?? defaultPair(all, panel);
  }

  /** Shows another pair; the details follow to the trial of the same mode. */
  function choose(number: number): void {
    const before = panel?.runs.find((state) => state.run === selected?.run);
    chosen = number;
    tracks.forget();
    const state = before && shownPair()?.[before.mode];
    if (selected && state) selected = { ...selected, run: state.run };
    refresh();
  }

  function refresh(): void {
    if (!panel) return;
    const pair = shownPair();
    head.update(panel);
    speedup.update(panel);
    paintPairs(pairs, pairsOf(panel), pair?.number, choose);
    tables.update(panel, pair, clock.now());
    modes.update(
      pairsOf(panel).find((each) => each.sequential?.run === selected?.run || each.parallel?.run === selected?.run),
      selected?.run,
    );
    const state = panel.runs.find((each) => each.run === selected?.run);
    const operation = state?.operations.find((each) => each.id === selected?.operation);
    page.classList.toggle('with-details', operation !== undefined);
    details.update(state && operation && inputOf(state, operation));
    drawTracks();
  }

  function inputOf(state: RunState, operation: OperationState): DetailsInput {
    const now = nowOf(state, clock.now());
    return { state, operation, criticalPath: measure(state, now).criticalPath, now, root };
  }

  function drawTracks(): void {
    drawnAt = clock.now();
    tracks.draw(shownPair(), selected?.operation);
  }

  /** Takes up what was remembered about this verification; what was remembered about another is forgotten. */
  function recall({ id }: Verification): void {
    chosen = undefined;
    tracks.forget();
    selected = undefined;
    const { run: _, selected: operation, verification: known, inspection: __, tuning: ___, ...memory } = surface.memory();
    const state = shownPair()?.parallel ?? shownPair()?.sequential;
    if (known === id && operation !== undefined && state) selected = { run: state.run, operation };
    surface.remember({ ...memory, verification: id, ...(selected ? { selected: selected.operation } : {}) });
  }

  function set(next: VerificationPanel): void {
    const before = panel;
    panel = next;
    if (before?.verification.id !== next.verification.id) recall(next.verification);
    const last = next.runs.at(-1);
    const sameRun = before?.runs.at(-1)?.run === last?.run;
    clock.set(sameRun ? Math.max(last?.at ?? 0, clock.now()) : (last?.at ?? 0), last !== undefined && last.outcome === undefined);
    refresh();
    if (before?.progress && !next.progress) announce(verdictOf(next));
  }

  return {
    receive(message: ToWebview) {
      switch (message.type) {
        case 'show':
          root = message.root;
          if (message.view.kind === 'verification') set(message.view);
          return;
        case 'update':
          if (panel)
            set({ ...panel, runs: panel.runs.map((state) => (state.run === message.run ? merge(state, message) : state)) });
          return;
        case 'output':
          details.showOutput(message.run, message.operation, message);
          return;
        case 'inspected':
        case 'problems':
          return;
        default:
          message satisfies never;
      }
    },
    dispose() {
      observer.disconnect();
      clock.stop();
      page.remove();
    },
  };
}

function paintPairs(
  parent: HTMLElement,
  pairs: readonly Pair[],
  shown: number | undefined,
  choose: (number: number) => void,
): void {
  pairs.forEach((pair, index) => {
    const existing = parent.children[index];
    const element = existing ?? parent.appendChild(button('', 'pair', () => choose(Number(element.getAttribute('data-pair')))));
    setAttribute(element, 'data-pair', pair.number);
    setAttribute(element, 'aria-pressed', String(pair.number === shown));
    setText(element, `Pair ${pair.number}${pair.ratio === undefined ? '' : ` · ${ratioText(pair.ratio)}`}`);
  });
  while (parent.children.length > pairs.length) parent.lastElementChild?.remove();
}

/** Says which trial of a pair the details are about, and leads to the other one. */
function createModeSwitch(choose: (state: RunState) => void) {
  let shown: Pair | undefined;
  const title = html('span', 'note');
  const choices = (['sequential', 'parallel'] as const).map((mode) => {
    const element = button(modeText(mode), 'pair', () => {
      const state = shown?.[mode];
      if (state) choose(state);
    });
    return { mode, element };
  });
  const element = html('div', 'mode-switch', title, ...choices.map((choice) => choice.element));
  setAttribute(element, 'role', 'group');
  setAttribute(element, 'aria-label', 'Trial shown in the details');
  return {
    element,
    update(pair: Pair | undefined, run: RunId | undefined): void {
      shown = pair;
      element.hidden = pair === undefined;
      setText(title, pair ? `Pair ${pair.number}` : '');
      for (const choice of choices) {
        const state = pair?.[choice.mode];
        choice.element.disabled = state === undefined;
        setAttribute(choice.element, 'aria-pressed', String(state !== undefined && state.run === run));
      }
    },
  };
}

function verdictOf({ verification, runs }: Pick<VerificationPanel, 'verification' | 'runs'>): string {
  const names = new Map((runs[0]?.operations ?? []).map(({ id, name }) => [id, name]));
  return verdictText(verification, (id) => names.get(id) ?? id);
}

function createHead(surface: Surface) {
  const drawing = icon('running');
  const word = html('h1', 'outcome-word');
  const sentence = html('p', 'verdict-sentence');
  const ratio = html('dd', 'figure-value');
  const note = html('dd', 'figure-note');
  const bar = html('progress', 'trial-progress');
  const step = html('span', 'outcome-note');
  const cancel = button('Cancel', 'secondary', () => surface.post({ type: 'cancel' }));
  const again = button('Verify Again', 'primary', () => surface.post({ type: 'verify' }));
  const all = button('Run All Gates', 'secondary', () => surface.post({ type: 'run all' }));
  const actions = html('div', 'actions', cancel, again, all);
  actions.hidden = !surface.editor;
  setAttribute(bar, 'aria-label', 'Trials done');
  const figure = html('dl', 'figures', html('div', 'figure', html('dt', '', 'Measured ratio'), ratio, note));
  const block = html('div', 'outcome-block', drawing, html('div', '', word, step));
  const element = html('header', 'run-header', html('div', 'headline', block, figure, actions), bar, sentence);
  return {
    element,
    update({ verification, runs, progress }: VerificationPanel): void {
      const batch = runs.some((state) => state.batch);
      setText(all, batch ? 'Run Batch' : 'Run All Gates');
      paintIcon(drawing, progress ? 'running' : verdictIcon(verification.verdict));
      setText(word, progress ? 'Verifying speedup' : capitalized(verification.verdict));
      setText(
        step,
        progress
          ? progress.trial === 0
            ? 'warm-up'
            : `trial ${progress.trial} of at most ${progress.of}`
          : `${countText(verification.trials.length, 'trial')}, order at random`,
      );
      setText(ratio, verification.ratio === undefined ? '–' : ratioText(verification.ratio));
      setText(
        note,
        verification.ratio === undefined
          ? 'no complete pair yet'
          : verification.interval
            ? `${intervalText(verification.interval)}${progress ? ' so far' : ''}`
            : `median of ${countText(verification.ratios.length, 'pair')}${progress ? ' so far' : ''}`,
      );
      bar.hidden = !progress;
      if (progress) {
        bar.max = progress.of;
        bar.value = verification.trials.length;
      }
      const running = `Each pair runs ${batch ? 'the batch' : 'the gates'} once one after another and once in parallel; which comes first is decided at random. It ends when the interval of the ratio is narrow, or at a limit.`;
      const warmingUp = 'A first run fills the caches of the tools, so that no trial pays for it. It is not counted.';
      setText(sentence, !progress ? verdictOf({ verification, runs }) : progress.trial === 0 ? warmingUp : running);
      cancel.hidden = !progress;
      again.hidden = progress !== undefined;
      all.hidden = progress !== undefined;
    },
  };
}
