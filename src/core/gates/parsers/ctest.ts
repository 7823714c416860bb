/** CTest: the JUnit report of what it ran, and the places that frameworks for C and C++ print. Pure. */
import type { Parsed, ParsedFinding, ParserInput } from '../parsed.js';
import { pathOf, place, plain, reported, shortened, testMessage, unreadable } from './text.js';
import { elementsNamed, readXml, type XmlElement } from './xml.js';

/** Reads `--output-junit`: each test that failed or could not be run, at the first place that its output names. */
export function parseCtest(input: ParserInput): Parsed {
  const root = readXml(input.report ?? '');
  if (root?.name !== 'testsuite') return unreadable(input);
  const failed = elementsNamed(root, 'testcase').filter(({ attributes }) => /^(?:fail|notrun)$/.test(attributes['status'] ?? ''));
  return reported(failed.map(finding));
}

function finding(test: XmlElement): ParsedFinding {
  const output = plain(text(test, 'system-out')).trim();
  const said = test.children.find(({ name }) => name === 'failure' || name === 'skipped')?.attributes['message'] ?? '';
  const at = PLACE.exec(output);
  const message =
    output === '' ? said || 'It failed without a word.' : shortened(output.split('\n').slice(-LINES).join('\n'), 2000);
  return {
    ...(at ? { file: pathOf(at[1] ?? ''), ...place(at[2] ?? at[3]) } : place(1)),
    severity: 'error',
    message: testMessage([test.attributes['name'] ?? ''], message),
    source: 'ctest',
  };
}

const LINES = 20;

/** `sum.cpp:12: Failure` of GoogleTest, Catch2 and assert, `sum.cpp(12): error` of Boost.Test and doctest. */
const PLACE =
  /(?:^|[\s"'])((?:[A-Za-z]:)?[^\s"':()]+\.(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inl|ipp|m|mm|cu))(?::(\d+)(?::\d+)?|\((\d+)\)):\s/m;

function text(element: XmlElement, name: string): string {
  return element.children.find((child) => child.name === name)?.text ?? '';
}
