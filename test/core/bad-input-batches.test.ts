/** Batch files that are wrong: each plans, or says what is wrong and where; none throws, none takes for ever. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BatchProblem } from '../../src/core/batch/document.js';
import { type BatchWorld, batchWorld } from '../support/batch-world.js';
import { malformedBatch } from '../support/malformed-batches.js';

const CASES = Number(process.env['VOLLEY_CASES'] ?? 5000);

const numbers = (length: number) => Array.from({ length }, (_, index) => index);
const read = { tool: 'read', input: { path: 'a' } };
const batch = (...operations: readonly unknown[]) => JSON.stringify({ operations });

/** Each was found by chance once. `expected`: the problems, with their places; none: it is planned. */
const FOUND: readonly (readonly [title: string, text: string, ...expected: readonly string[]])[] = [
  ['a byte order mark', `\uFEFF${batch(read)}`],
  ['a name of a matrix that none can be', batch({ ...read, matrix: { 'a-b': [1] } }), '1:68 “operations[0].matrix.a-b” has to have another name: it starts with a letter or _, and holds only letters, digits and _.'],
  ['a text for a list', batch({ parallel: '' }), '1:28 “operations[0].parallel” has to be an array […].'],
  ['a number that no computer counts to', batch({ parallel: [read], limit: 1e21 }), '1:75 “operations[0].limit” has to be a whole number that is not so large.', '1:75 “operations[0].limit” has to be at most 1000.'],
  ['a command without a program', batch({ tool: 'command', input: { argv: [''] } }), '1:50 “operations[0].input.argv” has to start with the name of a program.'],
  ['a name with what cannot be seen', batch({ ...read, 'a\0\u202eb': 1 }), '1:52 “operations[0].a\ufffd\ufffdb” is not known here. It can be: id, tool, input, needs, reads, writes, locks, timeout, retries, onFailure, matrix, atomic.'],
  ['an id that none can be', batch({ ...read, id: '1 a' }), '1:57 “operations[0].id” has to start with a letter or _, and hold only letters, digits, - and _, at most 100 of them.'],
  ['a number of a matrix for a path', batch({ ...read, input: { path: '${matrix.x}' }, matrix: { x: ['a', 0] } }), '1:16 What “read-1[0]” is given by a matrix or a pipeline does not fit the tool read: “input.path” has to be a text in double quotes, or be an array […].'],
  ['a truth of a pipeline for a word', batch({ pipeline: [{ tool: 'command', input: { argv: ['echo', '${item}'] } }], over: [true] }), '1:29 What “command-1[true]” is given by a matrix or a pipeline does not fit the tool command: “input.argv[1]” has to be a text in double quotes.'],
  ['a number of a matrix in a text', batch({ ...read, input: { path: 'a${matrix.x}' }, matrix: { x: [0] } })],
]; // biome-ignore format: a table is read by rows

/** Small files that ask for much. */
const HEAVY: readonly (readonly [title: string, text: string, expected: RegExp])[] = [
  ['nine thousand operations in a row', batch({ sequence: numbers(9000).map(() => read) }), /^planned$/],
  ['thousands of which each needs the next', batch(...numbers(9000).map((at) => ({ id: `a${at}`, ...read, needs: at < 8999 ? [`a${at + 1}`] : [] }))), /^planned$/],
  ['nine thousand writes', batch(...numbers(9000).map((at) => ({ tool: 'write', input: { path: `d/${at}`, content: '' } }))), /^planned$/],
  ['ten thousand instances', batch({ ...read, id: 'a', matrix: { x: numbers(10_000) } }), /^planned$/],
  ['ten thousand instances of one name', batch({ ...read, id: 'a', matrix: { x: numbers(10_000).map(() => 'y') } }), /^planned$/],
  ['thousands that need thousands', batch({ ...read, id: 'a', matrix: { x: numbers(5000) } }, { ...read, needs: ['a'], matrix: { x: numbers(5000) } }), /more than 200000 pairs of operations of which one needs the other/],
  ['thousands that nobody knows', batch({ tool: 'command', input: { shell: 'make' }, matrix: { x: numbers(5000) } }), /More than 500000 pairs of these operations must not overlap/],
  ['an atomic group for which thousands wait', batch({ atomic: true, id: 'g', sequence: numbers(3000).map(() => ({ tool: 'write', input: { path: 'x', content: '' } })) }, ...numbers(3000).map(() => ({ tool: 'read', input: { path: 'x' } }))), /must not overlap/],
  ['matrices in matrices', batch({ matrix: { x: numbers(9000) }, parallel: [{ matrix: { y: numbers(9000) }, parallel: [{ ...read, matrix: { z: numbers(9000) } }] }] }), /more than 10000 operations/],
  ['matrices of nothing', batch({ matrix: { x: numbers(9000) }, parallel: [{ matrix: { y: numbers(9000) }, parallel: [{ ...read, matrix: { z: { glob: 'none' } } }] }] }), /more than 200000 groups/],
  ['pipelines in pipelines of nothing', batch({ pipeline: [{ pipeline: [{ ...read, matrix: { z: { glob: 'none' } } }], over: numbers(9000) }], over: numbers(9000) }), /more than 200000 groups/],
  ['pipelines of which nothing is right', batch({ pipeline: [{ pipeline: [3], over: numbers(9000) }, { pipeline: [3], over: numbers(9000) }], over: numbers(9000) }), /has to be an operation/],
  ['a matrix of millions', batch({ ...read, matrix: { x: numbers(9000), y: numbers(9000), z: numbers(9000) } }), /more than 10000 operations/],
  ['a matrix of very many names', batch({ ...read, matrix: Object.fromEntries(numbers(5000).map((at) => [`a${at}`, [1]])) }), /^planned$/],
  ['braces that multiply', batch({ ...read, matrix: { x: { glob: '{a,b}'.repeat(40) } } }), /braces stand for too many patterns/],
  ['a range without end', batch({ ...read, matrix: { x: { glob: '{1..999999999}' } } }), /braces stand for too many patterns/],
  ['unknown names, thousands of times', batch(...numbers(9000).map((at) => ({ ...read, needs: [`no${at}`] }))), /More is wrong behind this/],
  ['the same mistake in each instance', batch({ ...read, needs: ['no'], matrix: { x: numbers(9000) } }), /^“read-1” needs “no”, which is not in the batch\. No operation or group has that id\.$/],
  ['a path without end', batch({ tool: 'write', input: { path: `${'a/'.repeat(40_000)}b`, content: '' } }, { tool: 'command', input: { argv: ['cp', 'x', `${'a/'.repeat(40_000)}b`] } }), /^planned$/],
  ['a name that no file system can hold', batch({ tool: 'command', input: { shell: `echo > ${'x'.repeat(300)}/${'y/'.repeat(3000)}b` } }), /^planned$/],
  ['writes that no file system can hold', batch({ tool: 'command', input: { shell: 'make' }, writes: ['a\0b/c', `${'y/'.repeat(2000)}b`] }), /^planned$/],
  ['many braces without an end', batch(...numbers(50).map(() => ({ tool: 'command', input: { shell: 'make' }, writes: ['{'.repeat(4000)] }))), /^planned$/],
  ['groups in groups, as deep as may be', `{"operations":[${'{"parallel":['.repeat(95)}${JSON.stringify(read)}${']}'.repeat(95)}]}`, /^planned$/],
  ['groups in groups, deeper', `{"operations":[${'{"parallel":['.repeat(5000)}${JSON.stringify(read)}${']}'.repeat(5000)}]}`, /lie too deep in each other/],
  ['brackets without end', '['.repeat(1_000_000), /lie too deep in each other/],
  ['commas without end', ','.repeat(300_000), /not valid/],
  ['a text without end', `{"name": "${'x'.repeat(2_000_000)}`, /does not end in double quotes/],
  ['a file that is too large', `{"operations": []} ${' '.repeat(6_000_000)}`, /larger than 5 million characters/],
  ['a million members', `{"operations":[${'0,'.repeat(1_000_000)}0]}`, /More is wrong behind this/],
  ['a million names', `{${numbers(200_000).map((at) => `"a${at}":1`).join()}}`, /is not known here/],
]; // biome-ignore format: a table is read by rows

const told = (problems: readonly BatchProblem[]) => problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

/** What nobody can do anything with. */
const NO_WORDS =
  /undefined|\[object|\bNaN\b|Infinity|\bat \S+:\d+:\d+|node_modules\/|invalid_|unrecognized|too_small|too_big|Invalid input|\bzod\b|\bE(?:NOENT|INVAL|NAMETOOLONG|ACCES|ISDIR|NOTDIR)\b|TypeError|RangeError/;

function checkProblems(text: string, problems: readonly BatchProblem[]): void {
  assert.ok(problems.length > 0 && problems.length <= 250, `${problems.length} problems`);
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const { line, column, message } of problems) {
    const shown = JSON.stringify(message);
    assert.ok(line >= 1 && line <= lines.length, `${shown} in line ${line} of ${lines.length}`);
    assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `${shown} in column ${column} of line ${line}`);
    assert.match(message, /^[A-Z“"].*[.?]$/s, `not a sentence: ${shown}`);
    assert.ok(message.length <= 2000, `too long: ${shown.slice(0, 300)}`);
    assert.doesNotMatch(message, NO_WORDS, shown);
    assert.doesNotMatch(message, /[\0-\x08\x0b-\x1f\u2028\u2029]|\n/, `not one line: ${shown}`);
  }
}

describe('A batch file that is wrong', function () {
  this.timeout(Math.max(60_000, CASES * 100));
  let world: BatchWorld;
  before(() => {
    world = batchWorld();
  });
  after(() => world.dispose());

  for (const [title, text, ...expected] of FOUND)
    it(`with ${title} ${expected.length === 0 ? 'is planned' : 'says what is wrong'}`, async () => {
      const planned = await world.plan(text, {});
      assert.deepEqual(planned.kind === 'problems' ? told(planned.problems) : [], expected);
    });

  for (const [title, text, expected] of HEAVY)
    it(`that asks for ${title} is answered soon`, async () => {
      const planned = await world.plan(text, {});
      if (planned.kind === 'problems') checkProblems(text, planned.problems);
      assert.match(planned.kind === 'batch' ? 'planned' : planned.problems.map(({ message }) => message).join('\n'), expected);
    });

  it(`plans, or says in sentences what is wrong and where, in ${CASES} random cases`, async () => {
    let wrong = 0;
    await fc.assert(
      fc.asyncProperty(malformedBatch, async (text) => {
        const planned = await world.plan(text, {});
        if (planned.kind === 'batch') return;
        wrong += 1;
        checkProblems(text, planned.problems);
      }),
      { numRuns: CASES, ...(process.env['VOLLEY_SEED'] ? { seed: Number(process.env['VOLLEY_SEED']) } : {}) },
    );
    assert.ok(wrong > CASES * 0.6, `only ${wrong} of ${CASES} were wrong`);
  });
});
