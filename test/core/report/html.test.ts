import assert from 'node:assert/strict';
import type { RunId, RunState } from '../../../src/core/model.js';
import { embedJson, renderHtml } from '../../../src/core/report/html.js';

const state: RunState = {
  run: 'run-1' as RunId,
  label: '</script><script>alert(1)</script><!-- \u2028',
  mode: 'parallel',
  scope: 'workspace',
  slots: 2,
  slotMoves: [],
  startedAt: '2025-03-01T10:15:00.000Z',
  operations: [],
  edges: [],
  at: 0,
  outcome: 'passed',
};
const report = { title: 'Run <of> "gates" & more', view: { kind: 'run', state, now: 0 }, root: '/w', outputs: {} } as const;
const assets = { script: 'const a = "</script>";', style: 'body { color: red }' };

describe('the HTML report', () => {
  const html = renderHtml(report, assets, 'n0nce');

  it('gives back its data unchanged from the element that holds it', () => {
    const text = /<script type="application\/json" id="volley-data">(.*?)<\/script>/s.exec(html)?.[1];
    assert.deepEqual(JSON.parse(text ?? ''), { view: report.view, root: report.root, outputs: report.outputs });
  });

  it('lets no text of a run begin markup', () => {
    assert.equal(html.match(/<script/g)?.length, 2);
    assert.equal(html.match(/<\/script>/g)?.length, 2);
    assert.ok(!html.includes('\u2028') && !html.includes('<!-- '));
    assert.ok(html.includes('<title>Run &lt;of&gt; &quot;gates&quot; &amp; more</title>'));
  });

  it('allows its own script and style only, and nothing from anywhere else', () => {
    assert.ok(
      html.includes(
        `content="default-src 'none'; script-src 'nonce-n0nce'; style-src 'nonce-n0nce'; base-uri 'none'; form-action 'none'"`,
      ),
    );
    assert.ok(!/\b(?:src|href)=/.test(html));
  });

  it('has colours for light and for dark, and paper is light', () => {
    assert.ok(html.includes('--vscode-editor-background: #ffffff'));
    assert.ok(
      /@media screen and \(prefers-color-scheme: dark\) \{\s*:root \{[^}]*--vscode-editor-background: #1f1f1f/.test(html),
    );
  });

  it('takes a new nonce for each report', () => {
    const nonce = (text: string): string | undefined => /nonce="([^"]+)"/.exec(text)?.[1];
    assert.notEqual(nonce(renderHtml(report, assets)), nonce(renderHtml(report, assets)));
  });
});

describe('JSON inside a script element', () => {
  it('is equal to what was put in, and holds nothing that ends or changes the element', () => {
    const value = { '<!--': ['</script>', '\u2029', '&amp;', ']]>', '\ud800'] };
    const text = embedJson(value);
    assert.deepEqual(JSON.parse(text), value);
    assert.ok(!/[<>&\u2028\u2029]/.test(text));
  });
});
