import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RunState } from '../../../src/core/model.js';
import { escapedData, escapedProperty, githubAnnotations } from '../../../src/core/report/github.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import { anyRun, begun, hostileRun, ROOT, rareRun, runOf, SHOP_RUN, summaryOf } from '../../support/reports.js';
import { finding } from '../../webview/runs.js';

const run = (state: RunState): ReportSubject => ({ kind: 'run', state });

/** A workflow command as the runner of GitHub reads it: at the start of a line, properties up to the next `::`, the rest is the message. */
function read(line: string) {
  const [, command = '', properties = '', message = ''] = /^::(\w+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  const unescaped = (text: string) =>
    text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
  const pairs =
    properties === ''
      ? []
      : properties.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), unescaped(pair.slice(pair.indexOf('=') + 1))]);
  return {
    command,
    properties: Object.fromEntries(pairs),
    message: message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%'),
  };
}

const whole = (text: string) => Buffer.from(text).toString();
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[:,%\r\n0-9A-F=]*$/));

describe('Annotations of GitHub', () => {
  it('are read back as what was written, whatever it is', () => {
    fc.assert(
      fc.property(anyText, anyText, (property, message) => {
        const line = `::error title=${escapedProperty(property)},file=x::${escapedData(message)}`;
        assert.ok(!/[\r\n]/.test(line));
        assert.deepEqual(read(line), {
          command: 'error',
          properties: { title: whole(property), file: 'x' },
          message: whole(message),
        });
      }),
    );
  });

  it('are one command a line, and nothing in a run begins another', () => {
    fc.assert(
      fc.property(anyRun, (state) => {
        const lines = githubAnnotations(run(state), ROOT)
          .split(/\r\n|\r|\n/)
          .slice(0, -1);
        const expected = state.operations.reduce((sum, { findings }) => sum + Math.max(1, findings.length), 0);
        assert.equal(lines.length, expected);
        for (const line of lines) assert.match(line, /^::(?:error|warning|notice)(?: \w+=[^,]*(?:,\w+=[^,]*)*)?::/);
      }),
      { numRuns: 60 },
    );
  });

  it('have place, rule and message of each finding, round the gates', () => {
    assert.deepEqual(githubAnnotations(SHOP_RUN, ROOT).split('\n'), [
      '::error title=pytest (services/billing),file=services/billing/test_invoice.py,line=41,endLine=41,col=7::assert 119 == 120',
      "::error title=ESLint%3A @typescript-eslint/no-unused-vars,file=src/cart/total.ts,line=12,endLine=12,col=7::'discount' is assigned a value but never used.",
      '::error title=ESLint%3A eqeqeq,file=src/cart/total.ts,line=31,endLine=31,col=7::Expected a strict comparison.',
      '::warning title=ESLint%3A no-console,file=src/index.ts,line=3,endLine=3,col=7::Unexpected console statement.',
      '',
    ]);
  });

  it('name files as the checkout has them, where the workspace is a folder of it', () => {
    assert.match(githubAnnotations(SHOP_RUN, '/home/ada'), /file=shop\/src\/index\.ts,/);
  });

  it('tell what could not do its work without a place, and leave out columns over several lines', () => {
    assert.match(githubAnnotations(run(rareRun()), ROOT), /^::error title=flaky::It was ended by SIGKILL from outside\.$/m);
    const lines = githubAnnotations(run(hostileRun(['x', 'y'])), ROOT).split('\n');
    assert.deepEqual(read(lines[0] ?? '').properties, { title: 'x: x', file: 'src/x', line: '3', endLine: '3' });
  });

  it('are the first of each kind where there are more than anybody is shown', () => {
    const operation = summaryOf('a');
    const findings = Array.from({ length: 60 }, (_, index) =>
      finding('a.ts', index + 1, 'm', { severity: index < 55 ? 'hint' : 'error' }),
    );
    const state = runOf([
      [0, begun([operation])],
      [0, { kind: 'finished', operation: operation.id, outcome: { kind: 'failed' }, result: { findings, outputBytes: 0 } }],
      [0, { kind: 'run finished', outcome: 'failed' }],
    ]);
    const lines = githubAnnotations(run(state), ROOT).split('\n');
    assert.equal(lines.length, 5 + 50 + 1 + 1);
    assert.match(lines[0] ?? '', /^::error .*line=56,/);
    assert.equal(lines.at(-2), '5 more annotations of the kind notice left out.');
  });
});
