import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { FORMAT_IDS, formatByName, formatOf, REPORT_FORMATS, reportTarget } from '../../../src/core/report/format-table.js';
import { renderReport } from '../../../src/core/report/formats.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import { anyRun, hostileRun, ROOT, rareRun, SHOP_RUN, shopVerification } from '../../support/reports.js';

const fixtures = path.join(import.meta.dirname, '../../fixtures/reports');
const panel = { assets: { script: '', style: '' }, outputs: {} };
const input = (subject: ReportSubject) => ({ subject, root: ROOT, version: '1.2.3', panel });

/** `VOLLEY_ACCEPT=1` writes what comes out as what is expected: read it when it changes. */
const accept = process.env['VOLLEY_ACCEPT'] === '1';

const SUBJECTS: Readonly<Record<string, ReportSubject>> = {
  shop: SHOP_RUN,
  rare: { kind: 'run', state: rareRun() },
  hostile: { kind: 'run', state: hostileRun() },
};

describe('A report', () => {
  for (const [name, subject] of Object.entries(SUBJECTS)) {
    for (const id of FORMAT_IDS) {
      // HTML is the panel itself, which has tests of its own; the summary is Markdown.
      if (id === 'html' || id === 'summary') continue;
      it(`of the ${name} run as ${formatOf(id).name} is as it was read and found right`, async () => {
        const text = renderReport(id, input(subject));
        const expected = path.join(fixtures, `${name}.${formatOf(id).endings[0]}`);
        if (accept) await writeFile(expected, text);
        assert.equal(text, await readFile(expected, 'utf8'));
      });
    }
  }

  it('can be made of any run in any format, ends with a line end, and has no half of a character', () => {
    fc.assert(
      fc.property(anyRun, (state) => {
        for (const id of FORMAT_IDS) {
          const text = renderReport(id, input({ kind: 'run', state }));
          assert.ok(text === '' || text.endsWith('\n'), id);
          if (id !== 'html') assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text), id);
          // Nothing moves the cursor of a terminal that shows it.
          if (id !== 'html') assert.ok(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text), id);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not hold the environment of a command, where secrets are', () => {
    for (const id of FORMAT_IDS.filter((each) => each !== 'html'))
      assert.ok(!renderReport(id, input({ kind: 'run', state: rareRun() })).includes('of the environment'), id);
  });

  it('of a verification without trials can be made, too', () => {
    const { verification } = shopVerification();
    for (const id of FORMAT_IDS)
      renderReport(id, input({ kind: 'verification', verification: { ...verification, trials: [] }, runs: [] }));
  });
});

describe('The table of formats', () => {
  it('has a row for each format, with endings that lead back to it and to no other', () => {
    assert.deepEqual(
      REPORT_FORMATS.map(({ id }) => id),
      [...FORMAT_IDS],
    );
    const endings = REPORT_FORMATS.flatMap((format) => format.endings);
    assert.equal(new Set(endings).size, endings.length);
    for (const { id, endings } of REPORT_FORMATS)
      for (const ending of endings) assert.equal(formatByName(`a.b.${ending.toUpperCase()}`), id);
  });

  it('takes the format from the end of a name, or from in front of it', () => {
    assert.deepEqual(reportTarget('out/run.sarif'), { format: 'sarif', file: 'out/run.sarif' });
    assert.deepEqual(reportTarget('run.trace.json'), { format: 'trace', file: 'run.trace.json' });
    assert.deepEqual(reportTarget('run.json'), { format: 'json', file: 'run.json' });
    assert.deepEqual(reportTarget('junit:results.txt'), { format: 'junit', file: 'results.txt' });
    assert.deepEqual(reportTarget('C:\\out\\run.md'), { format: 'markdown', file: 'C:\\out\\run.md' });
    assert.deepEqual(reportTarget('text:a:b'), { format: 'text', file: 'a:b' });
  });

  it('says what a name can end with where it tells no format', () => {
    assert.match(
      String(reportTarget('report')),
      /^Nothing tells which format "report" has\. .*\.sarif \(sarif\).* sarif:report\.$/,
    );
    assert.match(String(reportTarget('')), /sarif:FILE/);
    assert.equal(reportTarget('sarif:'), 'A file has to follow: sarif:FILE.');
    assert.equal(typeof reportTarget('yaml:a.b'), 'string');
  });
});
