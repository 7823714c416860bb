import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunState } from '../../../src/core/model.js';
import { markdownReport } from '../../../src/core/report/markdown.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import { anyRun, hostileRun, ROOT, SHOP_RUN, shopVerification } from '../../support/reports.js';

const run = (state: RunState): ReportSubject => ({ kind: 'run', state });
const linesOf = (text: string) => text.split('\n');

/** The report without its blocks of code, in which everything is text. */
function outsideOfCode(text: string): readonly string[] {
  let fence: string | undefined;
  return linesOf(text).filter((line) => {
    const [ticks] = /^`{3,}/.exec(line) ?? [];
    if (fence !== undefined) {
      if (line === fence) fence = undefined;
      return false;
    }
    fence = ticks;
    return ticks === undefined;
  });
}

describe('A report in Markdown', () => {
  it('shows text of a run as text: no row, heading, list, link or markup comes from it', () => {
    const shape = (state: RunState) => {
      const lines = outsideOfCode(markdownReport(run(state), { root: ROOT }));
      for (const row of lines.filter((line) => line.startsWith('| ')))
        assert.ok([6, 8].includes(row.split(/(?<!\\)\|/).length), row);
      const markup = lines
        .join('\n')
        .replace(/`+[^`\n]*`+/g, '')
        .match(/(?<!\\)<(?!br>|\/?details>|\/?summary>)/g);
      assert.equal(markup, null);
      return lines.map((line) => line.slice(0, 2)).filter((start) => start === '# ' || start === '##' || start === '- ');
    };
    fc.assert(
      fc.property(anyRun, (state) => {
        const plain = hostileRun(state.operations.map(() => 'plain'));
        const outcomes = {
          ...plain,
          operations: plain.operations.map((each, index) => ({
            ...each,
            findings: state.operations[index]?.findings.length ? each.findings : [],
          })),
        };
        assert.deepEqual(shape(state), shape(outcomes));
      }),
      { numRuns: 60 },
    );
  });

  it('says what was predicted beside what came, as an estimate', () => {
    assert.ok(SHOP_RUN.kind === 'run');
    const state = { ...SHOP_RUN.state, predicted: { ms: 8000, lowMs: 7000, highMs: 9000, runs: 5 } };
    const text = markdownReport({ kind: 'run', state }, { root: ROOT });
    assert.match(
      text,
      /\n- predicted about 8\.00 s; four of five such runs take 7\.00 s to 9\.00 s; from 5 earlier runs; took 7 % less\n/,
    );
    assert.match(text, /\n {2}predicted about 8\.00 s; /, 'in its timing tree, too');
    assert.doesNotMatch(markdownReport(SHOP_RUN, { root: ROOT }), /predicted/);
  });

  it('links places to where they can be read', () => {
    const text = markdownReport(SHOP_RUN, {
      root: ROOT,
      linkTo: (file, line) => (file.endsWith('index.ts') ? `https://example.org/x#L${line}` : undefined),
    });
    assert.ok(text.includes('| [`src/index.ts:3:7`](<https://example.org/x#L3>) | warning |'));
    assert.ok(text.includes('| `src/cart/total.ts:12:7` | error |'));
  });

  it('fits where it has to, and says that something is left out', () => {
    for (const limitBytes of [400, 1000, 3000]) {
      const text = markdownReport(SHOP_RUN, { root: ROOT, limitBytes });
      assert.ok(Buffer.byteLength(text) <= limitBytes);
      assert.ok(text.startsWith('# Run All Gates\n'));
      assert.match(text, /The rest does not fit here\. A report in another format has it\.\n$/);
    }
  });

  it('of a verification says what was measured, with all trials and where the time of a pair went', () => {
    const text = markdownReport(shopVerification(), { root: ROOT });
    assert.match(text, /^# Verify Speedup\n\n\*\*\w/);
    assert.equal(text.match(/^ {2}pair {2}\d/gm)?.length, 6);
    assert.equal(text.match(/<summary>Timing tree of Verify Speedup, pair 3, (?:sequential|parallel)<\/summary>/g)?.length, 2);
  });

  it('says what was measured of the same work', () => {
    const { verification } = shopVerification();
    const subject: ReportSubject = { ...(SHOP_RUN as ReportSubject & { kind: 'run' }), measured: verification };
    assert.match(markdownReport(subject, { root: ROOT }), /^Measured: /m);
  });
});
