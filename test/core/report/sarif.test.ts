import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import type { RunState } from '../../../src/core/model.js';
import { sarifReport } from '../../../src/core/report/sarif.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import {
  anyRun,
  anySchedule,
  begun,
  HOSTILE_MESSAGES,
  hostileRun,
  ROOT,
  rareRun,
  runOf,
  SHOP_RUN,
  shopVerification,
  summaryOf,
} from '../../support/reports.js';
import { finding } from '../../webview/runs.js';

// biome-ignore lint/suspicious/noExplicitAny: a document that the schema has checked
type Checked = any;

const run = (state: RunState): ReportSubject => ({ kind: 'run', state });

describe('SARIF', () => {
  let validate: ValidateFunction;
  before(async () => {
    // The official schema, as a package of Microsoft's SARIF kit for JavaScript (MIT) has it; of draft 4, from which this validator differs in its id only.
    const file = path.join(import.meta.dirname, '../../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
    const { $schema: _, id: __, ...schema } = JSON.parse(await readFile(file, 'utf8'));
    const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
    ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
    ajv.addFormat('uri', (text) => URL.canParse(text) && !/[\s<>"{}|\\^`\u0080-\uffff]/.test(text));
    ajv.addFormat('uri-reference', (text) => !/[\s<>"{}|\\^`\u0080-\uffff]/.test(text));
    validate = ajv.compile(schema);
  });
  const check = (subject: ReportSubject, root = ROOT): Checked => {
    const document = JSON.parse(sarifReport(subject, root, '1.2.3'));
    assert.ok(validate(document), JSON.stringify(validate.errors, null, 1));
    return document;
  };

  it('is valid against the official schema, whatever a run holds', () => {
    for (const subject of [SHOP_RUN, shopVerification(), run(rareRun()), run(hostileRun())]) check(subject);
    fc.assert(
      fc.property(fc.oneof(anyRun, anySchedule), (state) => void check(run(state))),
      { numRuns: 60 },
    );
  });

  it('gives each result its place, rule, level and the operation that found it', () => {
    const [log] = check(SHOP_RUN).runs;
    const found = log.results.find((each: Checked) => each.ruleId === 'no-console');
    assert.deepEqual(found.locations[0].physicalLocation, {
      artifactLocation: { uri: 'src/index.ts', uriBaseId: 'SRCROOT' },
      region: { startLine: 3, startColumn: 7 },
    });
    assert.deepEqual([found.level, found.message.text], ['warning', 'Unexpected console statement.']);
    const tool = log.tool.extensions[found.rule.toolComponent.index];
    assert.deepEqual([tool.name, tool.rules[found.rule.index].id], ['eslint', 'no-console']);
    assert.equal(log.invocations[found.provenance.invocationIndex].properties.operation, 'lint:eslint');
    assert.equal(log.originalUriBaseIds.SRCROOT.uri, 'file:///home/ada/shop/');
    assert.equal(log.automationDetails.id, 'volley/20250301-101500-run');
  });

  it('names files by addresses that lead back to them', () => {
    const names = ['a b.ts', 'ü/50%.ts', 'a#b?c.ts', 'a|b:c.ts', 'c:d'];
    const findings = names.map((name) => finding(name, 1, name));
    const elsewhere = { ...finding('x', 1, 'elsewhere'), file: '/tmp/a b.ts' };
    const results = resultsOf(findings.concat(elsewhere));
    const uris = results.map((each) => each.locations[0].physicalLocation.artifactLocation);
    for (const [index, name] of names.entries())
      assert.equal(fileURLToPath(new URL(uris[index].uri, 'file:///home/ada/shop/')), `${ROOT}/${name}`);
    assert.deepEqual(uris.at(-1), { uri: 'file:///tmp/a%20b.ts' });
  });

  it('names files of Windows and of its shares', () => {
    const found = (file: string) => ({ ...finding('x', 1, 'm'), file });
    const locations = resultsOf(
      [found('C:\\work\\src\\a b.ts'), found('D:\\x.ts'), found('\\\\server\\share\\y.ts')],
      'c:\\work',
    );
    assert.deepEqual(
      locations.map((each) => each.locations[0].physicalLocation.artifactLocation),
      [{ uri: 'src/a%20b.ts', uriBaseId: 'SRCROOT' }, { uri: 'file:///D:/x.ts' }, { uri: 'file://server/share/y.ts' }],
    );
  });

  it('leaves out an end that lies before its beginning', () => {
    const region = (more: object) => resultsOf([finding('a.ts', 5, 'm', more)])[0].locations[0].physicalLocation.region;
    assert.deepEqual(region({ endLine: 4, endColumn: 9 }), { startLine: 5, startColumn: 7 });
    assert.deepEqual(region({ endLine: 5, endColumn: 3 }), { startLine: 5, startColumn: 7 });
    assert.deepEqual(region({ endLine: 6, endColumn: 1 }), { startLine: 5, startColumn: 7, endLine: 6, endColumn: 1 });
    assert.deepEqual(region({ endColumn: 9 }), { startLine: 5, startColumn: 7, endLine: 5, endColumn: 9 });
  });

  it('tells what could not do its work, and what named no place, as notifications and not as results', () => {
    const [log] = check(run(hostileRun(['x', 'y']))).runs;
    assert.deepEqual(
      log.invocations.map((each: Checked) => [each.executionSuccessful, each.toolExecutionNotifications?.length]),
      [
        [false, 2],
        [true, 1],
      ],
    );
    assert.equal(log.results.length, 4);
  });

  it('says of a run for new findings which are new and which were there before', () => {
    const result = { findings: [finding('a.ts', 1, 'new')], known: [finding('b.ts', 1, 'old')], outputBytes: 0 };
    const state = ended(result, { newOnly: true });
    const [log] = check(run(state)).runs;
    assert.deepEqual(
      log.results.map((each: Checked) => each.baselineState),
      ['new', 'unchanged'],
    );
  });

  it('has the results of the newest parallel trial of a verification', () => {
    const subject = shopVerification();
    assert.equal(
      check(subject).runs[0].automationDetails.id,
      `volley/${subject.runs.findLast(({ mode }) => mode === 'parallel')?.run}`,
    );
    assert.deepEqual(check({ ...subject, runs: [] }).runs, []);
  });

  it('keeps texts that could end or change something as they are', () => {
    const texts = check(run(hostileRun())).runs[0].results.map((each: Checked) => each.message.text);
    for (const text of HOSTILE_MESSAGES)
      assert.ok(
        texts.some((each: string) => each.includes(text)),
        JSON.stringify(text),
      );
  });

  function ended(result: Parameters<typeof resultOf>[0], more: Parameters<typeof begun>[1] = {}): RunState {
    const operation = summaryOf('a');
    return runOf([
      [0, begun([operation], more)],
      [0, { kind: 'queued', operation: operation.id }],
      [0, { kind: 'started', operation: operation.id, attempt: 1, lane: 0 }],
      [5, { kind: 'finished', operation: operation.id, outcome: { kind: 'failed' }, result: resultOf(result) }],
      [5, { kind: 'run finished', outcome: 'failed' }],
    ]);
  }

  function resultsOf(findings: readonly ReturnType<typeof finding>[], root = ROOT): Checked[] {
    return check(run(ended({ findings, outputBytes: 0 })), root).runs[0].results;
  }
});

const resultOf = (result: import('../../../src/core/model.js').OperationResult) => result;
