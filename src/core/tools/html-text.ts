/**
 * HTML as text that people and language models can read: headings, lists, tables, links and preformatted text keep their form, what is
 * not shown (scripts, styles, hidden elements) is left out. No scripts are run and no styles are read.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Parser } from 'htmlparser2';

/** So much is parsed in one turn of the event loop: a few milliseconds. */
const TURN_CHARACTERS = 16_384;
/** Browsers go down to 512. What is nested deeper is no document, and costs the parser time for each open element. */
const DEPTH_LIMIT = 1000;

/** Never throws, however broken the document is. Links are resolved against `base`, or against the base that the document names. */
export async function htmlToText(html: string, base: string): Promise<string> {
  const page = createPage(base);
  const parser = new Parser({
    onopentag: (name, attributes) => page.open(name, attributes),
    ontext: (text) => page.text(text),
    onclosetag: (name) => page.close(name),
  });
  for (let at = 0; at < html.length; at += TURN_CHARACTERS) {
    if (at > 0) await nextTurn();
    if (page.depth() > DEPTH_LIMIT) return withoutTags(html);
    parser.write(html.slice(at, at + TURN_CHARACTERS));
  }
  parser.end();
  return page.end();
}

function withoutTags(html: string): string {
  return html
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Never shown, or nothing to read. */
const SKIPPED = words('script style template svg math canvas iframe object embed audio video datalist');
/** Begin and end a line. */
const LINES = words('div li dt dd tr caption option legend address hgroup summary optgroup');
/** Stand between empty lines. */
const PARAGRAPHS = words(
  'p h1 h2 h3 h4 h5 h6 dl table pre blockquote figure figcaption form fieldset details section article aside header footer main nav body',
);
const LISTS = words('ul ol menu');

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

type Attributes = Readonly<Record<string, string>>;

function createPage(base: string) {
  const writer = createWriter();
  const lists: { readonly ordered: boolean; items: number }[] = [];
  const links: { readonly target: string | undefined; label: string }[] = [];
  const state = { base, title: '', inTitle: false, skipping: 0, cells: 0, depth: 0 };
  const write = (text: string) => {
    const link = links.at(-1);
    if (link) link.label += text;
    writer.text(text);
  };
  const around = (name: string) => {
    // A list within a list stays with its item.
    if (LISTS.has(name)) writer.gap(lists.length > 1 ? 1 : 2);
    else if (PARAGRAPHS.has(name)) writer.gap(2);
    else if (LINES.has(name)) writer.gap(1);
  };
  const openers: Readonly<Record<string, (attributes: Attributes) => void>> = {
    title: () => {
      state.inTitle = state.title === '';
    },
    base: ({ href }) => {
      state.base = resolved(href, state.base) ?? state.base;
    },
    br: () => writer.line(),
    hr: () => {
      writer.gap(2);
      writer.text('---');
      writer.gap(2);
    },
    img: ({ alt }) => {
      if (alt?.trim()) write(`[${alt}]`);
    },
    a: ({ href }) => links.push({ target: resolved(href, state.base), label: '' }),
    tr: () => {
      state.cells = 0;
    },
    td: () => cell(),
    th: () => cell(),
    li: () => writer.mark(marker(lists)),
    pre: () => writer.verbatim(1),
  };
  const cell = () => {
    if (state.cells > 0) writer.text(' | ');
    state.cells += 1;
  };
  const closers: Readonly<Record<string, () => void>> = {
    title: () => {
      state.inTitle = false;
    },
    a: () => {
      const link = links.pop();
      const target = link && linkTarget(link, base);
      if (target !== undefined) write(` (${target})`);
    },
    pre: () => writer.verbatim(-1),
  };
  return {
    depth: () => state.depth,
    open(name: string, attributes: Attributes) {
      state.depth += 1;
      if (state.skipping > 0 || SKIPPED.has(name) || 'hidden' in attributes || attributes['aria-hidden'] === 'true') {
        state.skipping += 1;
        return;
      }
      if (LISTS.has(name)) lists.push({ ordered: name === 'ol', items: 0 });
      around(name);
      const level = /^h([1-6])$/.exec(name)?.[1];
      if (level !== undefined) writer.mark(`${'#'.repeat(Number(level))} `);
      openers[name]?.(attributes);
    },
    text(text: string) {
      if (state.skipping > 0) return;
      if (state.inTitle) state.title += text;
      else write(text);
    },
    close(name: string) {
      state.depth -= 1;
      if (state.skipping > 0) {
        state.skipping -= 1;
        return;
      }
      closers[name]?.();
      around(name);
      if (LISTS.has(name)) lists.pop();
    },
    end(): string {
      const text = writer.end();
      const title = state.title.replace(/\s+/g, ' ').trim();
      return title === '' || text.startsWith(`# ${title}\n`) ? text : `${title}\n\n${text}`;
    },
  };
}

function marker(lists: readonly { readonly ordered: boolean; items: number }[]): string {
  const list = lists.at(-1);
  if (list) list.items += 1;
  return `${'  '.repeat(Math.min(Math.max(0, lists.length - 1), 20))}${list?.ordered ? `${list.items}. ` : '- '}`;
}

function resolved(href: string | undefined, base: string): string | undefined {
  try {
    return href === undefined ? undefined : new URL(href, base).href;
  } catch {
    return undefined;
  }
}

/** Where a link leads, unless that is said already, or is a place of the same page. */
function linkTarget({ target, label }: { readonly target: string | undefined; readonly label: string }, page: string) {
  if (target === undefined || !/^(https?|mailto):/.test(target)) return undefined;
  const text = label.trim();
  const [place, fragment] = target.split('#');
  if (text === '' || text === target || target === `mailto:${text}`) return undefined;
  return fragment !== undefined && place === page.split('#')[0] ? undefined : target;
}

/** Puts text together: white space as a browser shows it, and never more than one empty line. */
function createWriter() {
  const parts: string[] = [];
  /** How many line ends are due before the next text, and what begins its line. */
  let due = 0;
  let mark = '';
  let verbatim = 0;
  let atStart = true;
  let afterSpace = true;
  const put = (text: string) => {
    if (text === '') return;
    if (!atStart && due > 0) parts.push('\n'.repeat(due));
    parts.push(mark, text);
    due = 0;
    mark = '';
    atStart = false;
    afterSpace = text.endsWith(' ') || text.endsWith('\n');
  };
  return {
    text(text: string) {
      if (verbatim > 0) {
        put(text.replace(/\r\n?/g, '\n'));
        return;
      }
      const collapsed = text.replace(/[\s\u00a0]+/g, ' ');
      put(afterSpace || due > 0 ? collapsed.replace(/^ /, '') : collapsed);
    },
    /** At least so many line ends. */
    gap(count: number) {
      due = Math.max(due, count);
      afterSpace = true;
    },
    /** One line end more, up to an empty line. */
    line() {
      due = Math.min(2, due + 1);
      afterSpace = true;
    },
    mark(text: string) {
      due = Math.max(due, 1);
      mark = text;
      afterSpace = true;
    },
    verbatim(change: 1 | -1) {
      verbatim = Math.max(0, verbatim + change);
    },
    end: () =>
      parts
        .join('')
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim(),
  };
}
