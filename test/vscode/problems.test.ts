import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { createProblems, diagnosticOf } from '../../src/vscode/problems.js';
import { openSession, type SessionRig } from '../support/editor-session.js';

describe('Problems', () => {
  let rig: SessionRig;
  let problems: vscode.Disposable;
  beforeEach(async () => {
    rig = await openSession();
    problems = createProblems(rig.session);
  });
  afterEach(async () => {
    problems.dispose();
    await rig.dispose();
  });

  const shown = (file: string) => vscode.languages.getDiagnostics(vscode.Uri.file(path.join(rig.folder, file)));
  const messages = (file: string) =>
    shown(file)
      .map(({ message }) => message)
      .sort();
  const error = (file: string, message: string) => `${file}(2,5): error TS2322: ${message}`;

  it('shows findings as soon as their gate ends, while others still run', async () => {
    const activity = rig.start([rig.gate('a'), rig.gate('b')]);
    await rig.release('a', { exitCode: 1, findings: [error('x.ts', 'One.')] });
    assert.ok(rig.session.activity);
    assert.deepEqual(messages('x.ts'), ['One.']);
    await rig.release('b', { exitCode: 1, findings: [error('x.ts', 'Two.')] });
    await activity.finished;
    assert.deepEqual(messages('x.ts'), ['One.', 'Two.']);
  });

  it('replaces exactly the findings of the gate that ran again', async () => {
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [error('x.ts', 'One.'), error('y.ts', 'Gone.')] });
    await rig.runToEnd(rig.gate('b'), { exitCode: 1, findings: [error('x.ts', 'Two.')] });
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [error('x.ts', 'Three.')] });
    assert.deepEqual(messages('x.ts'), ['Three.', 'Two.']);
    assert.deepEqual(messages('y.ts'), []);
  });

  it('clears the findings of a gate that passes now', async () => {
    await rig.runToEnd(rig.gate('a'), { exitCode: 1, findings: [error('x.ts', 'One.')] });
    await rig.runToEnd(rig.gate('a'));
    assert.deepEqual(messages('x.ts'), []);
  });

  it('replaces only the findings in the files that a run was limited to', async () => {
    const gate = { ...rig.gate('a'), files: { kind: 'files', takes: ['**'], targets: [] } as const };
    for (const file of ['x.ts', 'y.ts']) await writeFile(path.join(rig.folder, file), '');
    await rig.runToEnd(gate, { exitCode: 1, findings: [error('x.ts', 'One.'), error('y.ts', 'Two.'), error('z.ts', 'Three.')] });
    const limited = async (findings: string[]) => {
      const scope = { kind: 'selected', files: [path.join(rig.folder, 'x.ts')] } as const;
      const activity = rig.start([gate], { scope });
      await rig.release('a', { exitCode: findings.length > 0 ? 1 : 0, findings });
      await activity.finished;
    };
    await limited([error('x.ts', 'Four.'), error('z.ts', 'Three.')]);
    assert.deepEqual([messages('x.ts'), messages('y.ts'), messages('z.ts')], [['Four.'], ['Two.'], ['Three.']]);
    await limited([]);
    assert.deepEqual([messages('x.ts'), messages('y.ts'), messages('z.ts')], [[], ['Two.'], ['Three.']]);
    await rig.runToEnd(gate);
    assert.deepEqual([messages('x.ts'), messages('y.ts'), messages('z.ts')], [[], [], []]);
  });

  it('keeps the findings of a gate that was cancelled, or could not do its work', async () => {
    const gate = rig.gate('a');
    await rig.runToEnd(gate, { exitCode: 1, findings: [error('x.ts', 'One.')] });
    const activity = rig.start([gate]);
    await rig.until(() => rig.session.live(gate.id)?.phase === 'running');
    await rig.session.cancel();
    await activity.finished;
    assert.deepEqual(messages('x.ts'), ['One.']);
    await rig.runToEnd(gate, { exitCode: 70 });
    assert.equal(rig.session.last(gate.id)?.operation.outcome?.kind, 'errored');
    assert.deepEqual(messages('x.ts'), ['One.']);
  });

  it('removes the findings of a gate that is no longer detected', async () => {
    const [a, b] = [rig.gate('a'), rig.gate('b')];
    rig.detects([a, b]);
    await rig.session.detect();
    await rig.runToEnd(a, { exitCode: 1, findings: [error('x.ts', 'One.')] });
    await rig.runToEnd(b, { exitCode: 1, findings: [error('x.ts', 'Two.')] });
    rig.detects([b]);
    await rig.session.refresh();
    assert.deepEqual(messages('x.ts'), ['Two.']);
    rig.detects([a, b]);
    await rig.session.refresh();
    assert.deepEqual(messages('x.ts'), ['One.', 'Two.'], 'it is back, as after a damaged file was repaired');
  });

  it('does not show findings of an earlier window again, which may be elsewhere by now', async () => {
    const gate = rig.gate('a');
    rig.detects([gate]);
    await rig.runToEnd(gate, { exitCode: 1, findings: [error('x.ts', 'One.')] });
    problems.dispose();
    const session = rig.reloaded();
    problems = createProblems(session);
    const restored = new Promise<void>((resolve) => session.onDidChange(() => session.last(gate.id) && resolve()));
    await session.detect();
    await restored;
    assert.deepEqual(messages('x.ts'), []);
  });

  it('warns at the place in a configuration file that could not be read, until it can', async () => {
    const file = path.join(rig.folder, 'package.json');
    rig.detects([], [{ file, line: 3, column: 2, message: 'Unexpected comma.' }]);
    await rig.session.refresh();
    const [warning] = shown('package.json');
    assert.deepEqual(
      [warning?.message, warning?.severity, warning?.source],
      ['Unexpected comma.', vscode.DiagnosticSeverity.Warning, 'Volley'],
    );
    assert.deepEqual(warning?.range.start, new vscode.Position(2, 1));
    rig.detects([]);
    await rig.session.refresh();
    assert.deepEqual(shown('package.json'), []);
  });

  it('gives a finding its exact range, severity, source and linked rule', () => {
    const finding = { file: '/x.ts', line: 2, column: 5, endLine: 3, endColumn: 1, message: 'No.', source: 'eslint' } as const;
    const full = diagnosticOf({ ...finding, severity: 'warning', rule: 'no-no', ruleUrl: 'https://example.org/no-no' });
    assert.deepEqual(full.range, new vscode.Range(1, 4, 2, 0));
    assert.equal(full.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal(full.source, 'eslint');
    const code = full.code as { value: string; target: vscode.Uri };
    assert.deepEqual([code.value, code.target.toString()], ['no-no', 'https://example.org/no-no']);
    const severities = (['error', 'information', 'hint'] as const).map(
      (severity) => diagnosticOf({ ...finding, severity }).severity,
    );
    assert.deepEqual(severities, [
      vscode.DiagnosticSeverity.Error,
      vscode.DiagnosticSeverity.Information,
      vscode.DiagnosticSeverity.Hint,
    ]);
  });

  it('links a rule to nothing but a web page', () => {
    const finding = { file: '/x.ts', line: 1, column: 1, severity: 'error', rule: 'r', message: 'No.', source: 's' } as const;
    assert.equal(diagnosticOf({ ...finding, ruleUrl: 'command:workbench.action.quit' }).code, 'r');
  });

  it('puts a finding without an end, or before the first line, at a place that exists', () => {
    const finding = { file: '/x.ts', line: 0, column: 0, severity: 'error', message: 'No.', source: 's' } as const;
    assert.deepEqual(diagnosticOf(finding).range, new vscode.Range(0, 0, 0, 0));
  });
});
