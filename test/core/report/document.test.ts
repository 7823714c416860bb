import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import type { RunState } from '../../../src/core/model.js';
import { jsonReport } from '../../../src/core/report/document.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import { anyRun, anySchedule, ROOT, rareRun, SHOP_RUN, shopVerification } from '../../support/reports.js';

const run = (state: RunState): ReportSubject => ({ kind: 'run', state });

describe('A report in JSON', () => {
  let validate: ValidateFunction;
  before(async () => {
    const schema = async (name: string) =>
      JSON.parse(await readFile(path.join(import.meta.dirname, '../../../schemas', name), 'utf8'));
    const ajv = new Ajv({ allErrors: true, strict: false });
    ajv.addSchema(await schema('run.schema.json'), 'run.schema.json');
    validate = ajv.compile(await schema('report.schema.json'));
  });
  const checked = (subject: ReportSubject) => {
    // biome-ignore lint/suspicious/noExplicitAny: what the schema has checked
    const document: any = JSON.parse(jsonReport(subject, ROOT, '1.2.3'));
    const fits: boolean = validate(document);
    assert.ok(fits, JSON.stringify(validate.errors, null, 1));
    return document;
  };

  it('fits its published schema, whatever a run holds', () => {
    for (const subject of [SHOP_RUN, shopVerification(), shopVerification(false), run(rareRun())]) checked(subject);
    fc.assert(
      fc.property(fc.oneof(anyRun, anySchedule), (state) => void checked(run(state))),
      { numRuns: 60 },
    );
  });

  it('has all that is known of where the time went', () => {
    const document = checked(run(rareRun()));
    const [{ operations, memory, slotMoves, criticalPath }] = document.runs;
    assert.deepEqual(operations[0].segments.at(-1), { phase: 'running', from: 14, to: 30, slot: 3 });
    assert.deepEqual(
      operations.find(({ id }: { id: string }) => id === 'test').parts.map(({ id }: { id: string }) => id),
      ['test.1', 'test.2'],
    );
    assert.deepEqual([memory.length, slotMoves.length, criticalPath.at(-1).operation], [2, 1, 'test.2']);
  });

  it('has what was predicted, beside what came', () => {
    assert.ok(SHOP_RUN.kind === 'run');
    const predicted = { ms: 7000, lowMs: 6500, highMs: 8000, runs: 5 };
    const [{ predictedMs, predictedBetweenMs, predictedFromRuns }] = checked(run({ ...SHOP_RUN.state, predicted })).runs;
    assert.deepEqual([predictedMs, predictedBetweenMs, predictedFromRuns], [7000, [6500, 8000], 5]);
  });

  it('has every trial of a verification, and what was measured', () => {
    const subject = shopVerification();
    const document = checked(subject);
    assert.deepEqual([document.kind, document.runs.length, document.verification.trials.length], ['verification', 6, 6]);
    const measured = checked({ ...(SHOP_RUN as ReportSubject & { kind: 'run' }), measured: subject.verification }).measured;
    assert.equal(measured.verification, subject.verification.id);
  });
});
