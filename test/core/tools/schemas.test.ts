import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { editSchema, editTool } from '../../../src/core/tools/edit.js';
import { globSchema, globTool } from '../../../src/core/tools/glob.js';
import { grepSchema, grepTool } from '../../../src/core/tools/grep.js';
import { inspectSchema, inspectTool } from '../../../src/core/tools/inspect.js';
import { listSchema, listTool } from '../../../src/core/tools/list.js';
import { readSchema, readTool } from '../../../src/core/tools/read.js';
import type { Tool } from '../../../src/core/tools/tool.js';
import { writeSchema, writeTool } from '../../../src/core/tools/write.js';

const TOOLS = [readTool, listTool, globTool, grepTool, inspectTool, writeTool, editTool] as unknown as readonly Tool<unknown>[];
const FOLDER = { name: 'w', path: '/some/space' };

describe('the inputs of file tools', () => {
  const accepts = (schema: z.ZodMiniType, input: unknown) => schema.safeParse(input).success;

  it('are what the design says, and nothing else', () => {
    const check = (schema: z.ZodMiniType, good: readonly unknown[], bad: readonly unknown[]) => {
      for (const input of good) assert.ok(accepts(schema, input), JSON.stringify(input));
      for (const input of bad) assert.ok(!accepts(schema, input), JSON.stringify(input));
    };
    check(
      readSchema,
      [{ path: 'a' }, { path: [] }, { path: ['a'], range: { from: 1, to: 2 } }, { path: 'a', range: {} }],
      [
        {},
        { path: '' },
        { path: 1 },
        { path: 'a', range: { from: 0 } },
        { path: 'a', range: { from: 3, to: 2 } },
        { path: 'a', x: 1 },
        null,
      ],
    );
    check(listSchema, [{}, { path: 'a' }], [{ path: '' }, { path: ['a'] }, { paths: 'a' }, []]);
    check(
      globSchema,
      [{ patterns: 'a' }, { patterns: ['a'], ignored: true }],
      [{ patterns: [] }, { patterns: 'a', ignored: 1 }, {}],
    );
    check(
      grepSchema,
      [
        { pattern: 'a' },
        {
          pattern: 'a',
          paths: 'b',
          glob: ['c'],
          mode: 'count',
          context: 2,
          fixed: true,
          ignoreCase: true,
          multiline: true,
          most: 1,
        },
      ],
      [
        {},
        { pattern: '' },
        { pattern: 'a', mode: 'x' },
        { pattern: 'a', context: -1 },
        { pattern: 'a', most: 0 },
        { pattern: 'a', flags: 'i' },
      ],
    );
    check(
      inspectSchema,
      [{ paths: 'a' }, { paths: [] }, { glob: ['a', '!b'] }, { paths: ['a'], glob: 'b', what: 'commits' }],
      [{}, { paths: '' }, { what: 'content' }, { paths: 'a', what: 'x' }, { path: 'a' }],
    );
    check(writeSchema, [{ path: 'a', content: '' }], [{ path: 'a' }, { path: '', content: '' }, { path: 'a', content: 1 }]);
    check(
      editSchema,
      [{ path: 'a', replacements: [{ old: 'a', new: '', all: true }] }],
      [
        { path: 'a', replacements: [] },
        { path: 'a', replacements: [{ old: '', new: 'a' }] },
        { path: 'a', replacements: [{ old: 'a' }] },
      ],
    );
  });

  it('describe each of their properties, for editors and language models', () => {
    for (const tool of TOOLS) {
      const json = z.toJSONSchema(tool.schema, { io: 'input' }) as {
        properties: Record<string, { description?: string }>;
        additionalProperties: unknown;
      };
      assert.equal(json.additionalProperties, false);
      for (const [name, property] of Object.entries(json.properties))
        assert.match(property.description ?? '', /\.$/, `${tool.name} ${name}`);
      assert.match(tool.description, /\.$/);
    }
  });

  it('are told in a clear error when they are malformed, and anything that is accepted has an access and a description', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('a', '../x', `$\{a.output}`, '**', 1, -1, true, null, ['a'], { from: 1 }, [{ old: 'a', new: 'b' }]),
    );
    const keys = [
      'path',
      'range',
      'patterns',
      'ignored',
      'pattern',
      'paths',
      'glob',
      'mode',
      'context',
      'most',
      'content',
      'replacements',
      'what',
      'fixed',
      '__proto__',
    ];
    const input = fc.oneof(fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 }), fc.anything());
    for (const tool of TOOLS) {
      fc.assert(
        fc.property(input, (given) => {
          const parsed = tool.schema.safeParse(given);
          if (parsed.success) {
            assert.ok(tool.describe(parsed.data).startsWith(tool.name));
            for (const glob of [
              ...tool.access(parsed.data, { folder: FOLDER }).reads,
              ...tool.access(parsed.data, { folder: FOLDER }).writes,
            ])
              assert.ok(glob.startsWith('/some/space'), glob);
          } else {
            assert.ok(parsed.error.issues.length > 0);
            for (const issue of parsed.error.issues) assert.notEqual(z.prettifyError({ issues: [issue] }).trim(), '');
          }
        }),
        { numRuns: 10_000 },
      );
    }
  }).timeout(120_000);
});
