import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDocument } from 'htmlparser2';
import { type Analysis, analysisOf, type Duration } from '../../../src/core/analyse/analysis.js';
import type { Verification } from '../../../src/core/measured.js';
import type { Operation, OperationId } from '../../../src/core/model.js';
import { planBatch } from '../../../src/core/plan.js';
import { analysisDocument, analysisText } from '../../../src/core/report/analysis.js';
import { optimisationHtml } from '../../../src/core/report/optimisation-html.js';
import { optimisationMarkdown } from '../../../src/core/report/optimisation-markdown.js';

interface Made {
  readonly ms?: number;
  readonly text?: string;
  readonly title?: string;
  readonly because?: string;
  readonly verification?: Verification;
}

/** Two that look, then a barrier. */
function made({
  ms,
  text = 'eslint src',
  title = 'package.json, script ci',
  because = 'nobody knows what it does',
  verification,
}: Made = {}): Analysis {
  const operation = (id: string, more: object): Operation =>
    ({
      id: id as OperationId,
      name: id,
      tool: 'command',
      input: { argv: ['x'], cwd: '/w', env: {}, shell: false },
      access: { reads: ['/w/**'], writes: [], locks: [], ...more },
      needs: [],
      timeoutMs: 1,
      retries: 0,
      group: 'command',
    }) as Operation;
  const operations = [
    operation('lint', {}),
    operation('types', { locks: ['/w/.cache'] }),
    operation('more', { locks: ['/w/.cache'] }),
    operation('build', { writes: ['/**'], barrier: { because } }),
  ];
  const planned = planBatch(operations, new Map(), 2);
  assert.ok(planned.kind === 'plan');
  const durations = new Map(
    operations.map(({ id }, index): readonly [OperationId, Duration] => [
      id,
      ms === undefined ? { kind: 'unknown' } : { kind: 'history', ms: ms * (index + 1) },
    ]),
  );
  return analysisOf({
    ...{
      title,
      kind: 'package script',
      file: 'package.json',
      isFile: true,
      choice: 'ci',
      durations,
      plan: planned.plan,
      touching: planned.plan.edges,
    },
    ...{
      notTaken: [{ file: 'package.json', what: text, because }],
      problems: [{ file: 'x', line: 3, message: text }],
      notes: [text],
    },
    ...{ slots: 2, processors: 2, folder: '/w', batch: '{}' },
    operations: operations.map(({ id, tool }) => ({
      id,
      name: id,
      tool,
      input: {},
      text,
      file: 'package.json',
      line: 4,
      requires: [],
    })),
    ...(verification === undefined ? {} : { verification }),
  });
}

const SECTIONS = [
  'What runs one after another now',
  'The parallel plan',
  'Projections',
  'Measured validation',
  'Bottlenecks',
  'Best sizes',
  'How to keep watching',
];
const ABOUT = { batchFile: 'ci.batch.jsonc', written: true };

describe('The optimisation report', () => {
  it('has all its sections, as Markdown and as HTML', () => {
    const markdown = optimisationMarkdown(made({ ms: 1000 }), ABOUT);
    assert.deepEqual(
      [...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
      SECTIONS,
    );
    const html = optimisationHtml(made({ ms: 1000 }), ABOUT);
    assert.deepEqual(
      [...html.matchAll(/<h2>(.*)<\/h2>/g)].map(([, title]) => title),
      SECTIONS,
    );
    assert.match(html, /prefers-color-scheme: dark/);
    assert.match(html, /default-src 'none'; style-src 'nonce-/);
    assert.doesNotMatch(html, /<script/);
  });

  it('calls what is projected a projection, with where durations are known from', () => {
    const markdown = optimisationMarkdown(made({ ms: 1000 }), ABOUT);
    assert.match(
      markdown,
      /Projection, not measured: 10\.0 s one after another, 9\.00 s with 2 slots \(1\.11×\), and never less than 7\.00 s\./,
    );
    assert.match(
      markdown,
      /All durations are known: 4 from earlier runs by Volley \(medians, also of runs in which others ran beside them\)\./,
    );
    assert.match(markdown, /\| 2 \(recommended\) \| 9\.00 s \| 1\.11× \| 7\.00 s \|/);
  });

  it('says nothing of seconds where a duration is not known', () => {
    const markdown = optimisationMarkdown(made(), ABOUT);
    assert.match(
      markdown,
      /The duration of 4 operations is not known, so each operation counts as one and nothing is said of seconds/,
    );
    assert.doesNotMatch(markdown, /\d (?:ms|s|min)\b/);
  });

  it('shows what was measured, or says how to measure it', () => {
    assert.match(
      optimisationMarkdown(made(), ABOUT),
      /Nothing of this was measured yet[\s\S]*```sh\nvolley verify ci\.batch\.jsonc --jobs 2\n```/,
    );
    assert.match(
      optimisationMarkdown(made(), { ...ABOUT, written: false }),
      /First write the batch: `volley analyse package\.json --script ci --write ci\.batch\.jsonc`/,
    );
    const verification = {
      id: 'v',
      startedAt: '2026-01-02T03:04:05.000Z',
      limits: { mostPairs: 6, mostMs: 1000 },
      seed: 1,
      target: 1.67,
      slots: 2,
      scope: 'workspace',
      trials: [{ pair: 1, mode: 'sequential', run: 'r', makespanMs: 2000 }],
      ratios: [2, 2, 2, 2, 2],
      ratio: 2,
      interval: { low: 1.9, high: 2.1, level: 0.9375 },
      sequentialMs: 2000,
      parallelMs: 1000,
      differences: [],
      verdict: 'validated',
    } as unknown as Verification;
    const markdown = optimisationMarkdown(made({ verification }), ABOUT);
    assert.match(
      markdown,
      /Validated: in parallel it is 2\.00× as fast, 1\.90× to 2\.10× with 94 % certainty.* One after another 2\.00 s, in parallel 1\.00 s .* Measured on 2026-01-02 03:04 with 2 slots\./,
    );
    assert.match(markdown, /\| 1 \| sequential \| 2\.00 s \|/);
  });

  it('names critical path, longest operation, barriers with what to declare, and locks', () => {
    const markdown = optimisationMarkdown(made({ ms: 1000 }), ABOUT);
    assert.match(markdown, /Critical path, .* by projection: `more` → `build`/);
    assert.match(markdown, /`build` alone takes 4\.00 s/);
    assert.match(
      markdown,
      /`build` is a barrier, because nobody knows what it does: 3 other operations cannot run beside it\..*`"reads": \["\*\*"\], "writes": \["dist\/\*\*"\]`/,
    );
    assert.match(markdown, /Only one at a time may use `\.cache`: `types` `more`\./);
  });

  it('shows text of a workspace as text: it makes no markup in HTML', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<script>x</script>', '"><img src=x>', '&lt;', "' onload='x")),
        (text) => {
          const names = (analysis: Analysis) => {
            const found: string[] = [];
            const visit = (
              nodes: readonly {
                readonly type: string;
                readonly name?: string;
                readonly attribs?: object;
                readonly children?: readonly unknown[];
              }[],
            ) => {
              for (const node of nodes) {
                if (node.name !== undefined) found.push(`${node.name} ${Object.keys(node.attribs ?? {}).join(' ')}`);
                visit((node.children ?? []) as typeof nodes);
              }
            };
            visit(
              parseDocument(optimisationHtml(analysis, { batchFile: `${text}.batch.jsonc`, written: false }, 'nonce'))
                .children as never,
            );
            return found;
          };
          assert.deepEqual(
            names(made({ text, title: text, because: text })),
            names(made({ text: 'x', title: 'x', because: 'x' })),
          );
        },
      ),
    );
  });

  it('shows text of a workspace as text: it makes no table, heading, list, link or formula in Markdown', () => {
    for (const text of [
      'a | b',
      '# x',
      '- x',
      '1. x',
      '[x](command:y)',
      '<b>x</b>',
      '`x`',
      '``',
      '$x$',
      '![x](y)',
      'https://x.y/',
      'x\n\n# y',
      '**x**',
      '~~x~~',
      '```\nx',
    ]) {
      const shape = (analysis: Analysis) => {
        const markdown = optimisationMarkdown(analysis, ABOUT);
        const cells = markdown
          .split('\n')
          .filter((line) => line.startsWith('|'))
          .map((line) => line.replace(/\\\|/g, '').split('|').length);
        return [cells, markdown.split('\n').filter((line) => /^#/.test(line)).length, markdown.split('\n').length];
      };
      assert.deepEqual(
        shape(made({ text, title: text, because: text })),
        shape(made({ text: 'x', title: 'x', because: 'x' })),
        text,
      );
      const plain = optimisationMarkdown(made({ text: 'x', title: text, because: text }), ABOUT);
      assert.doesNotMatch(plain.replace(/\\`/g, '').replace(/`+[^`]*`+/g, ''), /(?<!\\)[<$[]|(?<!\\):\/\//, text);
    }
  });

  it('has the same in a terminal and as data', () => {
    const analysis = made({ ms: 1000 });
    const text = analysisText(analysis);
    assert.match(
      text,
      /^package\.json, script ci\n {2}4 operations: 4 command\n {2}3 of 4 operations \(75 %\) can run beside at least one other\n/,
    );
    assert.match(text, /wave 1 {2}lint types more\n {2}wave 2 {2}build\n/);
    assert.match(text, /2 slots +9\.00 s {2}1\.11× {2}recommended/);
    assert.match(text, /Left out\n {2}- eslint src: nobody knows what it does/);
    const document = analysisDocument(analysis);
    assert.equal(document.projection.measured, false);
    assert.deepEqual(document.operations[0]?.duration, { from: 'history', ms: 1000 });
    assert.deepEqual(document.edges[0], { from: 'lint', to: 'build', reason: 'barrier', because: '“build” may touch anything' });
  });
});
