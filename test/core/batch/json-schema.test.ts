import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Ajv from 'ajv';
import { readBatch } from '../../../src/core/batch/document.js';
import { batchJsonSchema } from '../../../src/core/batch/json-schema.js';
import { TOOL_REGISTRY } from '../../../src/core/batch/tools.js';
import { TOOLS } from '../../../src/core/model.js';

const ROOT = path.join(import.meta.dirname, '../../..');
const schema = batchJsonSchema(
  (tool) => TOOL_REGISTRY.get(tool).schema,
  (tool) => TOOL_REGISTRY.get(tool).description,
);

describe('The JSON schema of batch files', () => {
  it('is as the definition has it: npx tsx scripts/schema.ts && npx biome check --write schemas', async () => {
    const stored = JSON.parse(await readFile(path.join(ROOT, 'schemas/batch.schema.json'), 'utf8'));
    assert.deepEqual(stored, JSON.parse(JSON.stringify(schema)));
  });

  it('is packaged, and told to the editor', async () => {
    const manifest = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
    assert.deepEqual(manifest.contributes.jsonValidation[1], {
      fileMatch: ['*.batch.json', '*.batch.jsonc'],
      url: './schemas/batch.schema.json',
    });
    assert.match(await readFile(path.join(ROOT, '.vscodeignore'), 'utf8'), /^!schemas\/batch\.schema\.json$/m);
  });

  const read = (more: object = {}) => ({ tool: 'read', input: { path: 'a' }, ...more });
  const table: readonly (readonly [string, unknown, boolean])[] = [
    ['an operation', [read()], true],
    ['all that an operation can say', [read({ id: 'a', needs: [], reads: [], writes: [], locks: [], timeout: 1, retries: { times: 1 }, onFailure: 'continue', atomic: true })], true],
    ['a reference in place of a number', [{ tool: 'grep', input: { pattern: 'x', most: '${a.json.n}' } }], true],
    ['groups in groups', [{ parallel: [{ sequence: [read()] }, { pipeline: [read()], over: ['a'], limit: 2 }], limit: 3 }], true],
    ['an unknown property', [read({ retrys: 1 })], false],
    ['an unknown tool', [{ tool: 'raed', input: {} }], false],
    ['an input that does not fit', [{ tool: 'read', input: { pth: 'a' } }], false],
    ['a group within which something is wrong', [{ parallel: [{ sequence: [read({ x: 1 })] }] }], false],
  ]; // biome-ignore format: a table is read by rows
  for (const [what, operations, fits] of table)
    it(`${fits ? 'takes' : 'refuses'} ${what}, as reading the file does`, () => {
      const { allowComments: _, allowTrailingCommas: __, ...plain } = schema;
      const validate = new Ajv({ strict: false }).compile(plain);
      assert.equal(validate({ operations }), fits, JSON.stringify(validate.errors));
      const { problems } = readBatch(JSON.stringify({ operations }), (tool) => TOOL_REGISTRY.get(tool).schema);
      assert.equal(problems.length === 0, fits, JSON.stringify(problems));
    });

  it('describes every tool and every property of its input', () => {
    const { definitions } = schema as unknown as {
      definitions: {
        operation: {
          allOf: {
            then: {
              properties: {
                input: {
                  description?: string;
                  properties?: Record<string, { description?: string; anyOf?: { description?: string }[] }>;
                  anyOf?: unknown[];
                };
              };
            };
          }[];
        };
      };
    };
    assert.equal(definitions.operation.allOf.length, TOOLS.length);
    for (const { then } of definitions.operation.allOf) {
      const { input } = then.properties;
      assert.ok((input.description ?? '').length > 10);
      for (const [name, property] of Object.entries(input.properties ?? {})) assert.ok(property.description, name);
    }
  });
});
