import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { CONFIGURATION_FILE } from '../../../src/core/gates/configuration.js';
import { configurationJsonSchema } from '../../../src/core/gates/configuration-json-schema.js';
import { configurationSchema } from '../../../src/core/gates/configuration-schema.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');

describe('The JSON schema of volley.jsonc', () => {
  const validate = new Ajv({ strict: false }).compile(configurationJsonSchema());

  it('is the one that is committed (npx tsx scripts/schema.ts writes it)', async () => {
    const committed = JSON.parse(await readFile(path.join(ROOT, 'schemas/volley.schema.json'), 'utf8'));
    assert.deepEqual(committed, JSON.parse(JSON.stringify(configurationJsonSchema())));
  });

  it('is packaged, and told to the editor', async () => {
    const manifest = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
    assert.deepEqual(manifest.contributes.jsonValidation[0], {
      fileMatch: `/${CONFIGURATION_FILE}`,
      url: './schemas/volley.schema.json',
    });
    assert.match(await readFile(path.join(ROOT, '.vscodeignore'), 'utf8'), /^!schemas\/volley\.schema\.json$/m);
  });

  it('describes everything that can be written', () => {
    const missing: string[] = [];
    const visit = (schema: unknown, at: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties = {}, ...others } = schema as {
        properties?: Record<string, { description?: string; anyOf?: { description?: string }[] }>;
      };
      for (const [name, property] of Object.entries(properties)) {
        if (!property.description && !property.anyOf?.every(({ description }) => description)) missing.push(`${at}.${name}`);
        visit(property, `${at}.${name}`);
      }
      for (const each of Object.values(others)) visit(each, at);
    };
    visit(configurationJsonSchema(), '');
    assert.deepEqual(missing, []);
  });

  it('offers the names of parsers and of well-known matchers', () => {
    const gate = configurationJsonSchema() as unknown as {
      properties: { gates: { additionalProperties: { anyOf: { properties?: Record<string, unknown> }[] } } };
    };
    const { parser, problemMatcher } = gate.properties.gates.additionalProperties.anyOf[0]?.properties ?? {};
    const [matcher, list, name] = (problemMatcher as { anyOf: unknown[] }).anyOf;
    const offered = (schema: unknown) => (schema as { examples?: readonly string[] }).examples ?? [];
    assert.ok(offered(parser).includes('sarif') && !offered(parser).includes('problem-matcher'));
    assert.ok(offered(name).includes('$tsc-watch'));
    const { base, pattern } = (matcher as { properties: { base: unknown; pattern: { anyOf: unknown[] } } }).properties;
    assert.ok(offered(base).includes('$node-sass') && offered(pattern.anyOf[2]).includes('$csc'));
    assert.deepEqual(offered((list as { items: { anyOf: unknown[] } }).items.anyOf[1]), offered(name));
  });

  const gates: readonly (readonly [unknown, boolean])[] = [
    [false, true],
    [true, false],
    [{}, true],
    [{ unknown: 1 }, false],
    [{ name: 'x', category: 'types', command: ['a', ''], cwd: 'a/b', env: { A: '' } }, true],
    ...['/a', '\\a', 'C:a', '..', 'a/../b', 'a\\..', ''].map((cwd) => [{ cwd }, false] as const),
    ...['a', '.', 'a..b', '..a', './a'].map((cwd) => [{ cwd }, true] as const),
    [{ env: { 'A=B': '' } }, false],
    [{ env: { A: 1 } }, false],
    [{ category: 'other' }, false],
    [{ command: [] }, false],
    [{ command: [''] }, false],
    [{ command: ['a'] }, true],
    [{ command: ['a', 1] }, false],
    [{ command: 'a' }, false],
    [{ command: { shell: 'a | b' }, fix: { shell: 'c' } }, true],
    [{ command: { shell: '' } }, false],
    [{ fix: false }, true],
    [{ fix: true }, false],
    [{ files: ['**/*.ts'], targets: [], inputs: ['a'], cache: true, scopes: ['staged'] }, true],
    [{ inputs: [] }, false],
    [{ scopes: [] }, false],
    [{ timeout: 0 }, false],
    [{ timeout: 0.5 }, true],
    [{ timeout: 86_401 }, false],
    [{ exitCodes: { passed: [0], failed: [1, 3_221_225_477] } }, true],
    [{ exitCodes: { passed: [-1] } }, false],
    [{ exitCodes: { passed: [0.5] } }, false],
    [{ parser: 'sarif', needs: ['b'], locks: ['port'] }, true],
    [{ problemMatcher: ['$tsc', { pattern: '$gcc' }] }, true],
    [{ problemMatcher: [] }, false],
    [{ problemMatcher: { pattern: { regexp: '' } } }, false],
    [{ problemMatcher: { pattern: { regexp: 'a', file: -1 } } }, false],
    [
      {
        problemMatcher: {
          base: '$tsc',
          owner: 'o',
          source: 's',
          severity: 'info',
          applyTo: 'openDocuments',
          background: { beginsPattern: 'x' },
          fileLocation: ['autoDetect', 'a'],
          pattern: [
            {
              regexp: 'a',
              kind: 'file',
              file: 1,
              location: 1,
              line: 1,
              column: 1,
              endLine: 1,
              endColumn: 1,
              severity: 1,
              code: 1,
              message: 0,
              loop: true,
            },
          ],
        },
      },
      true,
    ],
    ...[
      ...['absolute', 'search', 'autodetect', ['absolute'], ['relative'], ['search']],
      ...[
        ['relative', 'x'],
        ['autodetect', 'x'],
        ['search', {}],
        ['search', { include: 'a', exclude: ['b'] }],
      ],
    ].map((fileLocation) => [{ problemMatcher: { fileLocation } }, true] as const),
    [{ problemMatcher: { base: '$tsc-watch', watching: { activeOnStart: true } } }, true],
    ...['other', [], ['other'], ['relative', 'x', 'y'], ['absolute', 'x'], ['search', 'x']].map(
      (fileLocation) => [{ problemMatcher: { fileLocation } }, false] as const,
    ),
  ];
  for (const [entry, accepted] of gates) {
    it(`${accepted ? 'takes' : 'refuses'} ${JSON.stringify(entry)}, as reading the file does`, () => {
      assert.equal(validate({ gates: { a: entry } }), accepted, JSON.stringify(validate.errors));
      assert.equal(configurationSchema.safeParse({ gates: { a: entry } }).success, accepted);
    });
  }

  it('takes exactly what reading the file takes, whatever it is', () => {
    const entries = gates.flatMap(([entry]) => (typeof entry === 'object' && entry !== null ? Object.entries(entry) : []));
    const entry = fc
      .array(fc.oneof(fc.constantFrom(...entries), fc.tuple(fc.constantFrom(...entries.map(([key]) => key)), fc.jsonValue())))
      .map((pairs) => Object.fromEntries(pairs));
    fc.assert(
      fc.property(
        fc.record(
          { gates: fc.dictionary(fc.string(), entry), defaults: fc.oneof(fc.jsonValue(), fc.record({ timeout: fc.integer() })) },
          { requiredKeys: [] },
        ),
        (content) => {
          fc.pre(!JSON.stringify(content).includes('__proto__'));
          assert.equal(validate(content), configurationSchema.safeParse(content).success);
        },
      ),
    );
  });
});
