import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import type { RunState } from '../../../src/core/model.js';
import { junitReport } from '../../../src/core/report/junit.js';
import type { ReportSubject } from '../../../src/core/report/subject.js';
import {
  anyRun,
  anySchedule,
  HOSTILE_MESSAGES,
  hostileRun,
  ROOT,
  rareRun,
  SHOP_RUN,
  shopVerification,
} from '../../support/reports.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Strictly: what is not well formed throws. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  const [document] = root.children;
  assert.ok(document && root.children.length === 1);
  return document;
}

const INTEGER = /^\d+$/;
const DECIMAL = /^\d+\.\d{3}$/;
const ANY = /(?:)/;
const TOKEN = /^\S(?:[^\n\t\r]*\S)?$/;

/** What the schema by Windy Road demands of each element: its attributes, and its children in their order. */
const ELEMENTS: Readonly<Record<string, { readonly attributes: Readonly<Record<string, RegExp>>; readonly children: RegExp }>> = {
  testsuites: { attributes: {}, children: /^(?:testsuite )*$/ },
  testsuite: {
    attributes: {
      name: TOKEN,
      package: TOKEN,
      id: INTEGER,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: TOKEN,
      tests: INTEGER,
      failures: INTEGER,
      errors: INTEGER,
      skipped: INTEGER,
      time: DECIMAL,
    },
    children: /^properties (?:testcase )*system-out system-err $/,
  },
  properties: { attributes: {}, children: /^(?:property )*$/ },
  property: { attributes: { name: TOKEN, value: ANY }, children: /^$/ },
  testcase: { attributes: { name: ANY, classname: ANY, time: DECIMAL }, children: /^(?:(?:skipped|error|failure) )?$/ },
  skipped: { attributes: { message: ANY }, children: /^$/ },
  error: { attributes: { message: ANY, type: ANY }, children: /^$/ },
  failure: { attributes: { message: ANY, type: ANY }, children: /^$/ },
  'system-out': { attributes: {}, children: /^$/ },
  'system-err': { attributes: {}, children: /^$/ },
};

function checkElement({ name, attributes, children }: Element): void {
  const rule = ELEMENTS[name];
  assert.ok(rule, name);
  assert.deepEqual(Object.keys(attributes).sort(), Object.keys(rule.attributes).sort(), name);
  for (const [key, pattern] of Object.entries(rule.attributes)) assert.match(attributes[key] ?? '', pattern, `${name} ${key}`);
  assert.match(children.map((child) => `${child.name} `).join(''), rule.children, name);
  for (const child of children) checkElement(child);
}

function checked(subject: ReportSubject): Element {
  const document = parse(junitReport(subject, ROOT));
  assert.equal(document.name, 'testsuites');
  checkElement(document);
  for (const [index, suite] of document.children.entries()) {
    const cases = suite.children.filter(({ name }) => name === 'testcase');
    const count = (kind: string) => String(cases.filter(({ children }) => children[0]?.name === kind).length);
    const { id, tests, failures, errors, skipped } = suite.attributes;
    assert.deepEqual(
      [id, tests, failures, errors, skipped],
      [String(index), String(cases.length), count('failure'), count('error'), count('skipped')],
    );
  }
  return document;
}

const run = (state: RunState): ReportSubject => ({ kind: 'run', state });
const casesOf = (document: Element) =>
  document.children.flatMap((suite) => suite.children.filter(({ name }) => name === 'testcase'));

describe('JUnit XML', () => {
  it('is well formed, built as the schema says, and counts right, whatever a run holds', () => {
    for (const subject of [SHOP_RUN, shopVerification(), run(rareRun()), run(hostileRun())]) checked(subject);
    fc.assert(
      fc.property(fc.oneof(anyRun, anySchedule), (state) => void checked(run(state))),
      { numRuns: 60 },
    );
  });

  it('has a case for each gate, in a suite for each category, with what it found', () => {
    const document = checked(SHOP_RUN);
    assert.deepEqual(
      document.children.map(({ attributes }) => attributes['name']),
      ['test', 'lint', 'types', 'format', 'build', 'security'],
    );
    const eslint = casesOf(document).find(({ attributes }) => attributes['classname'] === 'lint:eslint');
    const [failure] = eslint?.children ?? [];
    assert.deepEqual([failure?.name, failure?.attributes['message']], ['failure', '3 findings']);
    assert.match(failure?.text ?? '', /^src\/cart\/total\.ts:31:7 error Expected a strict comparison\. \(eqeqeq\)$/m);
    const skipped = casesOf(document).find(({ attributes }) => attributes['classname'] === 'build:docs');
    assert.equal(skipped?.children[0]?.attributes['message'], 'It needs "ESLint", which failed.');
  });

  it('calls what could not do its work an error, and what was cut short skipped', () => {
    const kinds = casesOf(checked(run(rareRun()))).map(({ attributes, children }) => [attributes['name'], children[0]?.name]);
    assert.deepEqual(kinds, [
      ['flaky', 'error'],
      ['one', undefined],
      ['two', undefined],
      ['cut short', 'skipped'],
      ['answered', undefined],
      ['test', 'failure'],
    ]);
  });

  it('gives back every text that XML can hold, with the line ends of its kind', () => {
    const texts = casesOf(checked(run(hostileRun()))).map(
      ({ children }) => `${children[0]?.attributes['message']} ${children[0]?.text}`,
    );
    for (const text of HOSTILE_MESSAGES.filter((each) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(each)))
      assert.ok(
        texts.some((each) => each.includes(text)),
        JSON.stringify(text),
      );
  });

  it('has the verdict of a verification among its properties', () => {
    const properties = checked(shopVerification()).children[0]?.children[0]?.children ?? [];
    assert.ok(properties.some(({ attributes }) => attributes['name'] === 'volley.verdict' && attributes['value'] !== ''));
  });
});
