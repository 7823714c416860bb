/** Shell lines that are wrong, odd or hostile: nothing throws, nothing takes for ever, and in doubt it is more. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'unbash';
import { readCorpus } from '../../bench/access.js';
import { commandAccess, startedPrograms } from '../../src/core/access/command.js';
import { PRESETS } from '../../src/core/gates/presets.js';
import type { TakenApart } from '../../src/core/gates/script-steps.js';
import { mentionedWords, takeApart } from '../../src/core/gates/scripts.js';
import type { ToolAccess } from '../../src/core/tools/tool.js';

const CASES = Number(process.env['VOLLEY_CASES'] ?? 3000);
const PLACE = { folder: '/ws', cwd: '/ws', env: { HOME: '/home/u', PATH: '/usr/bin' } };

const access = (shell: string): ToolAccess => commandAccess({ shell }, PLACE);
const apart = (line: string): TakenApart =>
  takeApart('test', { scripts: new Map([['test', line], ['lint', 'eslint .'], ['again', 'npm test']]), presets: PRESETS, emits: () => false }); // biome-ignore format: short

const { commands } = await readCorpus();
const LINES = commands.flatMap(({ command }) => (typeof command === 'string' ? [command] : []));

const PIECES: readonly string[] = [
  ...' \t\n\r;&|<>(){}[]$`"\'\\#!=*?~-+,:/%^@\0\x01\x7f'.split(''),
  ...['&&', '||', ';;', ';&', '>>', '<<', '<<<', '<<-E\n', '\nE\n', '&>', '2>&1', '>|', '<>', '$(', '`', '$((', '))', '${', '}', '<(', '>('],
  ...['if', 'then', 'else', 'fi', 'for', 'in', 'do', 'done', 'while', 'until', 'case', 'esac', 'select', 'function', 'coproc', '[[', ']]', '!'],
  ...['$X', '${X:-rm y}', '${X//a/b}', '$@', '$*', '$?', '$!', '$$', "$'\\n'", '$"x"', '"$(', ')"', 'é', '😀', '\ud800', '\u202e', '\ufeff'],
  ...['cd ..', 'rm -rf /', 'eval', 'exec', 'source', 'trap x EXIT', 'set -e', 'export A=1', 'npm run again', 'npm test', '-- -x', 'x'.repeat(300)],
]; // biome-ignore format: a table is read by rows

const piece = fc.constantFrom(...PIECES);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const at = (text: string, where: number) => Math.floor(where * text.length);

type Change = (text: string, where: number, to: number, piece: string, other: string) => string;
const CHANGES: readonly Change[] = [
  (text, where, _, inserted) => text.slice(0, at(text, where)) + inserted + text.slice(at(text, where)),
  (text, where, to) => text.slice(0, at(text, Math.min(where, to))) + text.slice(at(text, Math.max(where, to))),
  (text, where) => text.slice(0, at(text, where)),
  (text, where, to) => text + text.slice(at(text, where), at(text, where) + 1 + Math.floor(to * 20)),
  (text, where, _, __, other) => text.slice(0, at(text, where)) + other + text.slice(at(text, where)),
  (text, _, __, joint, other) => `${text}${joint}${other}`,
  (text) => `(${text})`,
  (text) => `"$(${text})"`,
  (text) => `sh -c '${text}'`,
  (text) => `for f in a b; do ${text}; done`,
];

const spoilt = fc
  .tuple(
    fc.constantFrom(...LINES),
    fc.array(fc.tuple(fc.constantFrom(...CHANGES), share, share, piece, fc.constantFrom(...LINES)), { maxLength: 5 }),
  )
  .map(([text, changes]) => changes.reduce((now, [change, ...how]) => (now.length > 5000 ? now : change(now, ...how)), text));

const line = fc.oneof(
  { weight: 6, arbitrary: spoilt },
  { weight: 2, arbitrary: fc.array(piece, { maxLength: 40 }).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.array(piece, { maxLength: 40 }).map((all) => all.join(' ')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);

/** Of which the parser says itself that it does not understand it. */
function isBroken(text: string): boolean {
  try {
    return (parse(text).errors?.length ?? 0) > 0;
  } catch {
    return true;
  }
}

/** Lines that are small to write and large to follow. */
const HEAVY: readonly (readonly [title: string, text: string])[] = [
  ['substitutions in substitutions', '$('.repeat(5000) + ')'.repeat(5000)],
  ['substitutions without an end', 'echo '.concat('$('.repeat(9000))],
  ['backquotes', '`'.repeat(9999)],
  ['sums in sums', '$(('.repeat(3000) + '))'.repeat(3000)],
  ['parentheses', '('.repeat(9000)],
  ['braces that multiply', `touch ${'{a,b}'.repeat(40)}`],
  ['braces in braces', `touch ${'{a,'.repeat(2000)}b${'}'.repeat(2000)}`],
  ['a range without end', 'touch {1..999999999}'],
  ['loops in loops', `${'for f in a b c d e f g h i j; do '.repeat(30)}rm $f${'; done'.repeat(30)}`],
  ['choices in choices', `${'if a; then '.repeat(400)}b${'; fi'.repeat(400)}`],
  ['shells in shells', Array.from({ length: 60 }).reduce<string>((text) => `sh -c ${JSON.stringify(text)}`.slice(0, 15_000), 'rm x')],
  ['a variable that doubles', `A=x; ${'A=$A$A; '.repeat(60)} rm $A`],
  ['texts without an end', `echo ${'"\''.repeat(5000)}`],
  ['here-documents', 'cat <<A\n'.repeat(2000)],
  ['a long row', 'cat a; '.repeat(2500)],
  ['a long pipe', `cat a${' | sort'.repeat(2500)}`],
  ['expansions in expansions', '${A:-'.repeat(3000) + '}'.repeat(3000)],
  ['a sed that goes back and forth', `sed '${'s/[/x/;'.repeat(1500)}' a`],
  ['patterns', `rm ${'**/'.repeat(3000)}*`],
  ['options', `grep ${'-e x '.repeat(4000)} a`],
  ['blanks', `cat${' '.repeat(19_000)}a`],
  ['backslashes', `cat ${'\\'.repeat(19_000)}`],
  ['a function that calls itself', 'f() { f; f; }; f'],
]; // biome-ignore format: a table is read by rows

describe('A shell line that is wrong or hostile', function () {
  this.timeout(Math.max(60_000, CASES * 100));

  for (const [title, text] of HEAVY)
    it(`is followed soon, or not at all: ${title}`, () => {
      check(text);
      assert.deepEqual(access(text), access(text));
    });

  it('is followed soon behind what is not understood, too', () => {
    for (const [, text] of HEAVY) {
      const { programs, caches } = startedPrograms({ shell: `unheard-of; ${text}` }, PLACE);
      assert.ok(programs.length + caches.length < 20_000);
    }
    fc.assert(
      fc.property(line, (text) => {
        assert.deepEqual(startedPrograms({ shell: text }, PLACE), startedPrograms({ shell: text }, PLACE));
      }),
      { numRuns: Math.ceil(CASES / 10) },
    );
  });

  it(`never throws, is always the same, and is a barrier where its syntax is not understood, in ${CASES} random cases`, () => {
    let broken = 0;
    fc.assert(
      fc.property(line, (text) => {
        check(text);
        assert.deepEqual(access(text), access(text));
        assert.deepEqual(apart(text), apart(text));
        if (!isBroken(text)) return;
        broken += 1;
        assert.ok(access(text).barrier, 'what is not understood touches anything');
        const taken = apart(text);
        assert.ok(taken.kind !== 'steps' || taken.steps.every(({ kind }) => kind === 'script'), JSON.stringify(taken));
      }),
      options(),
    );
    assert.ok(broken > CASES / 20 && broken < CASES * 0.95, `${broken} of ${CASES} are broken`);
  });

  it('touches no less with more text behind it', () => {
    fc.assert(
      fc.property(spoilt, fc.oneof(line, fc.constantFrom(...LINES)), fc.constantFrom(';', '\n', ' ; ', ' &&', ' ||', ' |', ' &'), (first, second, joint) => {
        // A line that goes on behind its end is another one.
        fc.pre(!isBroken(first) && !/\\\n?$|<<|#/.test(first));
        covers(access(`${first}${joint}${second}`), access(first), `${first}${joint}${second}`);
      }),
      options(),
    ); // biome-ignore format: short
  });
});

function options() {
  return { numRuns: CASES, ...(process.env['VOLLEY_SEED'] ? { seed: Number(process.env['VOLLEY_SEED']) } : {}) };
}

function check(text: string): void {
  const { reads, writes, barrier } = access(text);
  for (const glob of [...reads, ...writes]) assert.ok(glob.startsWith('/') && !glob.includes('\0'), JSON.stringify(glob));
  if (barrier) assert.match(barrier.because, /^[^\0\n]{1,200}$/);
  const taken = apart(text);
  assert.ok(['steps', 'not understood', 'cycle'].includes(taken.kind));
  mentionedWords('test', new Map([['test', text]]));
}

function covers(outer: ToolAccess, inner: ToolAccess, text: string): void {
  if (outer.barrier) return;
  assert.ok(!inner.barrier, `${text}\nis no barrier although its first part is: ${inner.barrier?.because}`);
  const isIn = (all: readonly string[], glob: string) =>
    all.includes(glob) || all.includes('/**') || (all.includes('/ws/**') && /^\/ws(?:\/|$)/i.test(glob));
  for (const glob of inner.reads) assert.ok(isIn(outer.reads, glob), `${text}\nreads ${glob}`);
  for (const glob of inner.writes) assert.ok(isIn(outer.writes, glob), `${text}\nwrites ${glob}`);
  for (const lock of inner.locks) assert.ok(outer.locks.includes(lock), `${text}\nlocks ${lock}`);
}
