/**
 * One answer for a whole batch, for whoever pays for each token: what several operations answered alike is given once, and a path that
 * lines share stands once above them. Nothing is lost: `separateTexts` gives back the text of each. Pure.
 *
 * The form: `=== id` before each answer, `=== id: head` where there is more to say. `[= id 3-10]` stands for lines 3 to 10 of the answer of `id`, `[= id]` for all of it. Lines
 * that begin with `:12` or `-12` continue the path that stands alone above them; `:12=` has the text of that line of the file, which
 * another answer shows. `[/ dir/` begins a list of names in `dir`, up to `]`. An
 * answer in which one of these marks occurs by itself has `| ` before each of its lines.
 */

import type { ShownFile } from '../model.js';

/** What one operation answered. */
export interface PartialAnswer {
  readonly id: string;
  /** What is to be said of it in a line; empty when it simply passed. */
  readonly head: string;
  readonly text: string;
  /** Where the text is that of files. */
  readonly shows?: readonly ShownFile[];
}

/** A repeated block has so many characters at least; below that nobody wants to look it up. */
const SHORTEST_BLOCK = 120;
/** A line that stands elsewhere has so many characters at least. */
const SHORTEST_LINE = 8;
const HEAD = '=== ';
const VERBATIM = '| ';
/** `path:12:text` of a match, `path-12-text` of a line beside one, `path:12` of a count. */
const PLACED = /^([^\s:][^:]*?)([:-]\d+(?:[:-].*)?)$/s;
const MARKED = /^(?:=== |\| |[:-]\d|\[= |\[\/ )/;

/** What stands before a combined answer: a sentence for each mark that is in it. */
const LEGEND: readonly (readonly [RegExp, string])[] = [
  [/^\[= /, '[= id 3-10]: lines 3 to 10 of the answer of id.'],
  [/^[:-]\d/, ':12 and -12: lines of the file named above them.'],
  [/^[:-]\d+=$/, ':12=: as the file reads in another answer.'],
  [/^\[\/ /, '[/ dir/ a b]: dir/a and dir/b.'],
  [/^\| /, 'After "| " nothing is a mark.'],
];

/** All answers together, in order, each under its id. */
export function combinedAnswer(answers: readonly PartialAnswer[]): string {
  const combining = combiningAnswers(answers);
  for (;;) {
    const step = combining.next();
    if (step.done) return step.value;
  }
}

/** The same in steps of one answer, between which a caller may let others go on. */
export function* combiningAnswers(answers: readonly PartialAnswer[]): Generator<void, string> {
  const given = new Given(answers);
  const bodies = new Map<string, readonly string[]>();
  // Files and what is longest first, so that pieces of it refer to it and never the other way round.
  const rank = ({ shows, text }: PartialAnswer) => (shows ? Number.MAX_SAFE_INTEGER / 2 : 0) + text.length;
  for (const answer of [...answers].sort((a, b) => rank(b) - rank(a))) {
    bodies.set(answer.id, bodyOf(answer, given));
    yield;
  }
  const body = answers.flatMap(({ id, head }) => [headOf(id, head), ...(bodies.get(id) ?? [])]);
  const legend = LEGEND.filter(([mark]) => body.some((line) => mark.test(line))).map(([, sentence]) => sentence);
  return [...(legend.length > 0 ? [legend.join(' ')] : []), ...body].join('\n');
}

function headOf(id: string, head: string): string {
  return head === '' ? `${HEAD}${id}` : `${HEAD}${id}: ${head}`;
}

/** The text of each of these answers in a combined one, by id; without the line end that a text may have had. */
export function separateTexts(combined: string, answers: readonly Omit<PartialAnswer, 'text'>[]): ReadonlyMap<string, string> {
  const starts = new Map(answers.map(({ id, head }) => [headOf(id, head), id]));
  const bodies = new Map<string, string[]>();
  let body: string[] = [];
  for (const line of combined.split('\n')) {
    const started = starts.get(line);
    if (started === undefined) body.push(line);
    else {
      body = [];
      bodies.set(started, body);
    }
  }
  const known = new Map<string, readonly string[]>();
  const linesOfId = (wanted: string): readonly string[] => {
    const lines =
      known.get(wanted) ??
      restored(bodies.get(wanted) ?? [], linesOfId, (path, number) => {
        const [place] = placesOf(answers, path, number);
        return place ? linesOfId(place.id)[place.line] : undefined;
      });
    known.set(wanted, lines);
    return lines;
  };
  return new Map([...bodies.keys()].map((each) => [each, linesOfId(each).join('\n')]));
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function bodyOf({ id, text, shows }: PartialAnswer, given: Given): readonly string[] {
  const lines = linesOf(text);
  if (lines.some((line) => MARKED.test(line))) return lines.map((line) => `${VERBATIM}${line}`);
  const body: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const block = given.longest(lines, at);
    const listed = block ? 0 : namesFrom(lines, at);
    const placed = block || listed > 0 ? 0 : placedFrom(lines, at);
    const length = block?.length ?? Math.max(listed, placed, 1);
    const taken = lines.slice(at, at + length);
    if (block) body.push(block.reference);
    else if (listed > 0) body.push(nameList(taken));
    else {
      // What shows files itself refers to no other that does, so that none refers to itself.
      const under = placed > 0 ? given.underPath(taken, shows === undefined) : [];
      // One place alone is worth a line for its path only where its text need not stand there.
      const literal = placed === 0 || (placed === 1 && !under[1]?.endsWith('='));
      body.push(...(literal ? taken : under));
      // Only what stands there as it is can be referred to.
      if (literal) given.add(id, at, taken);
    }
    at += length;
  }
  given.whole(id, lines);
  return body;
}

function restored(
  body: readonly string[],
  linesOfId: (id: string) => readonly string[],
  lineOfFile: (path: string, number: number) => string | undefined,
): readonly string[] {
  if (body.every((line) => line.startsWith(VERBATIM))) return body.map((line) => line.slice(VERBATIM.length));
  const lines: string[] = [];
  let path = '';
  for (const [index, line] of body.entries()) {
    const [, id, from, to] = /^\[= (.+?)(?: (\d+)-(\d+))?\]$/.exec(line) ?? [];
    if (id !== undefined) lines.push(...(from === undefined ? linesOfId(id) : linesOfId(id).slice(Number(from) - 1, Number(to))));
    else if (line.startsWith('[/ ')) lines.push(...namesOf(line));
    else if (/^[:-]\d+=$/.test(line))
      lines.push(`${path}${line.slice(0, -1)}${line[0]}${lineOfFile(path, Number(line.slice(1, -1)))}`);
    else if (/^[:-]\d/.test(line)) lines.push(`${path}${line}`);
    else if (/^[:-]\d/.test(body[index + 1] ?? '')) path = line;
    else lines.push(line);
  }
  return lines;
}

// ---------------------------------------------------------------------------------------------------------------- blocks

interface Block {
  readonly length: number;
  readonly reference: string;
}

/** The lines that stand in the answer as they are, so far. */
class Given {
  private readonly places = new Map<string, (readonly [id: string, line: number])[]>();
  private readonly lines = new Map<string, string>();
  private readonly wholes = new Map<string, string>();
  private readonly texts: ReadonlyMap<string, readonly string[]>;

  constructor(private readonly answers: readonly PartialAnswer[]) {
    this.texts = new Map(answers.filter(({ shows }) => shows).map(({ id, text }) => [id, linesOf(text)]));
  }

  /** Places in one file: its path, then each without it, and without its text where another answer shows the file. */
  underPath(lines: readonly string[], refers: boolean): readonly string[] {
    const path = pathOf(lines[0]) ?? '';
    return [
      path,
      ...lines.map((line) => {
        const rest = line.slice(path.length);
        const [, mark = '', number = '', text = ''] = /^([:-])(\d+)[:-](.*)$/s.exec(rest) ?? [];
        const place = text.length < SHORTEST_LINE || !refers ? undefined : this.shownAlike(path, Number(number));
        const shown = place && rest[mark.length + number.length] === mark && this.texts.get(place.id)?.[place.line] === text;
        return shown ? `${mark}${number}=` : rest;
      }),
    ];
  }

  /** Where the line is shown, if all that show it agree: a file may have been read before and after a change. */
  private shownAlike(path: string, number: number) {
    const places = placesOf(this.answers, path, number);
    const texts = new Set(places.map(({ id, line }) => this.texts.get(id)?.[line]));
    return texts.size === 1 ? places[0] : undefined;
  }

  add(id: string, from: number, lines: readonly string[]): void {
    for (const [offset, line] of lines.entries()) {
      this.lines.set(`${id}\0${from + offset}`, line);
      const places = this.places.get(line) ?? [];
      // Of a line that stands everywhere, such as an empty one, some places are enough.
      if (places.length < 20) this.places.set(line, [...places, [id, from + offset]]);
    }
  }

  whole(id: string, lines: readonly string[]): void {
    const text = lines.join('\n');
    if (!this.wholes.has(text)) this.wholes.set(text, id);
  }

  /** The longest block of lines from here on that stands somewhere already, if it is worth a reference. */
  longest(lines: readonly string[], at: number): Block | undefined {
    const same = at === 0 ? this.wholes.get(lines.join('\n')) : undefined;
    if (same !== undefined && lines.join('\n').length > same.length + 8)
      return { length: lines.length, reference: `[= ${same}]` };
    let best: { readonly id: string; readonly line: number; readonly length: number } | undefined;
    for (const [id, line] of this.places.get(lines[at] ?? '') ?? []) {
      let length = 1;
      while (at + length < lines.length && this.lines.get(`${id}\0${line + length}`) === lines[at + length]) length += 1;
      if (length > (best?.length ?? 0)) best = { id, line, length };
    }
    if (!best) return undefined;
    const size = lines.slice(at, at + best.length).reduce((sum, line) => sum + line.length + 1, 0);
    const reference = `[= ${best.id} ${best.line + 1}-${best.line + best.length}]`;
    return size < Math.max(SHORTEST_BLOCK, 2 * reference.length) ? undefined : { length: best.length, reference };
  }
}

// ----------------------------------------------------------------------------------------------------------------- paths

/** Where answers show a line of a file, in order. */
function placesOf(answers: readonly Omit<PartialAnswer, 'text'>[], path: string, number: number) {
  return answers.flatMap(({ id, shows = [] }) =>
    shows
      .filter((each) => each.path === path && number >= each.from && number < each.from + each.count)
      .map((each) => ({ id, line: each.at + number - each.from })),
  );
}

function pathOf(line: string | undefined): string | undefined {
  return PLACED.exec(line ?? '')?.[1];
}

/** How many lines from here on are places in one file. */
function placedFrom(lines: readonly string[], at: number): number {
  const path = pathOf(lines[at]);
  if (path === undefined) return 0;
  let length = 1;
  while (at + length < lines.length && pathOf(lines[at + length]) === path) length += 1;
  return length;
}

/** How many lines from here on are names in one directory. */
function namesFrom(lines: readonly string[], at: number): number {
  const directory = directoryOf(lines[at]);
  if (directory === undefined) return 0;
  let length = 1;
  while (at + length < lines.length && directoryOf(lines[at + length]) === directory) length += 1;
  return length < 3 ? 0 : length;
}

/** Of a line that is nothing but a path without spaces in a directory. */
function directoryOf(line = ''): string | undefined {
  return /^((?:[\w@.-]+\/)+)[\w@.-]+$/.exec(line)?.[1];
}

function nameList(lines: readonly string[]): string {
  const directory = directoryOf(lines[0]) ?? '';
  return `[/ ${directory} ${lines.map((line) => line.slice(directory.length)).join(' ')}]`;
}

function namesOf(line: string): readonly string[] {
  const [directory = '', ...names] = line.slice(3, -1).split(' ');
  return names.map((name) => `${directory}${name}`);
}
