/** The timing panel: receives what to show and hands it to the view of its kind. */
import type { PanelView, ToWebview } from '../protocol.js';
import { createComparisonView } from './comparison-view.js';
import { button, html, setText } from './dom.js';
import { createInspectionView } from './inspection-view.js';
import { createRunView, type View } from './run-view.js';
import { findSurface, type Surface } from './surface.js';
import { createTrendsView } from './trends-view.js';
import { createTuningView } from './tuning-view.js';
import { createVerificationView } from './verification-view.js';

start(findSurface());

function start(surface: Surface): void {
  const container = html('main', 'panel');
  const announcements = html('div', 'visually-hidden');
  announcements.setAttribute('role', 'status');
  announcements.setAttribute('aria-live', 'polite');
  document.body.replaceChildren(...[...document.body.querySelectorAll('script')], container, announcements);
  document.body.classList.toggle('report', !surface.editor);
  const announce = (text: string): void => setText(announcements, text);
  let kind: PanelView['kind'] | undefined;
  let view: View | undefined;
  surface.listen((message: ToWebview) => {
    if (message.type === 'show' && (kind !== message.view.kind || kind === 'empty')) {
      view?.dispose();
      kind = message.view.kind;
      const { trends: _, comparison: __, ...memory } = surface.memory();
      surface.remember(memory);
      view = createView(message.view, container, surface, announce);
    }
    view?.receive(message);
  });
  surface.post({ type: 'ready' });
}

function createView(view: PanelView, container: HTMLElement, surface: Surface, announce: (text: string) => void): View {
  switch (view.kind) {
    case 'empty':
      return createEmptyView(container, surface, view.trusted);
    case 'run':
      return createRunView(container, surface, announce);
    case 'verification':
      return createVerificationView(container, surface, announce);
    case 'tuning':
      return createTuningView(container, surface, announce);
    case 'inspection':
      return createInspectionView(container, surface, announce);
    case 'trends':
      return createTrendsView(container, surface);
    case 'comparison':
      return createComparisonView(container, surface);
    default:
      return view satisfies never;
  }
}

/** Says what to do when there is nothing to show. */
function createEmptyView(container: HTMLElement, surface: Surface, trusted: boolean): View {
  const title = html('h1', '', trusted ? 'No run yet' : 'This workspace is not trusted');
  const text = html(
    'p',
    '',
    trusted
      ? 'Volley runs the quality gates of this workspace in parallel, and shows here where the time went and what that saved.'
      : 'Volley runs nothing until the workspace is trusted, because gates execute its code. To trust it, run “Workspaces: Manage Workspace Trust” from the command palette.',
  );
  const page = html('div', 'empty-view', title, text);
  if (trusted && surface.editor) page.append(button('Run All Gates', 'primary', () => surface.post({ type: 'run all' })));
  container.append(page);
  return { receive() {}, dispose: () => page.remove() };
}
