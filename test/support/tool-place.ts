/** What a tool of a batch is given, with real processes in a temporary folder. */
import assert from 'node:assert/strict';
import { mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type * as z from 'zod/mini';
import { startGuard } from '../../src/core/guard.js';
import { type Host, nodeHost } from '../../src/core/host.js';
import type { ToolContext } from '../../src/core/tools/tool.js';
import { inTemporaryDirectory } from './processes.js';

export interface Place {
  readonly folder: string;
  readonly context: ToolContext;
  /** Tails that the tool told. */
  readonly outputs: readonly string[];
  abort(): void;
}

/** Fails when files are left in the directory of outputs other than those that the context names. */
export async function withTool(use: (place: Place) => Promise<void>, host: Partial<Host> = {}): Promise<void> {
  await inTemporaryDirectory(async (temporary) => {
    const directory = await realpath(temporary);
    const folder = path.join(directory, 'work space');
    const outputs = path.join(directory, 'outputs');
    await Promise.all([mkdir(folder), mkdir(outputs)]);
    const files = {
      stdout: path.join(outputs, 'a.out'),
      stderr: path.join(outputs, 'a.err'),
      report: path.join(outputs, 'a.report'),
    };
    await Promise.all([files.stdout, files.stderr].map((file) => writeFile(file, '')));
    const environment = { ...nodeHost({ folder }), ...host };
    const controller = new AbortController();
    const guard = startGuard(`test-${path.basename(directory)}`, environment.env, environment.log);
    const tails: string[] = [];
    const context: ToolContext = {
      host: environment,
      folder: { name: 'w', path: folder },
      signal: controller.signal,
      guard,
      files,
      output: (tail) => tails.push(tail),
      writeFile: () => Promise.reject(new Error('This tool writes no file.')),
    };
    try {
      await use({ folder, context, outputs: tails, abort: () => controller.abort() });
      assert.deepEqual((await readdir(outputs)).sort(), ['a.err', 'a.out']);
    } finally {
      controller.abort();
      await guard.close();
    }
  });
}

/** 10,000 inputs, most of them wrong: arbitrary values, and right ones of which something was replaced. None may throw or lack a reason. */
export function malformed(schema: z.ZodMiniType, right: readonly Record<string, unknown>[]): void {
  const names = [...new Set(right.flatMap((input) => Object.keys(input)))];
  const value = fc.oneof(fc.anything({ withBigInt: true, maxDepth: 3 }), fc.string({ unit: 'binary' }));
  const key = fc.oneof(fc.constantFrom(...names), fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString'));
  const replaced = fc
    .tuple(fc.constantFrom(...right), fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 3 }))
    .map(([input, changes]) => Object.fromEntries([...Object.entries(input), ...changes]));
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 1, arbitrary: value }, { weight: 3, arbitrary: replaced }), (input) => {
      const result = schema.safeParse(input);
      if (result.success) return;
      refused += 1;
      for (const issue of result.error.issues) assert.ok(issue.message.length > 3, JSON.stringify(issue));
    }),
    { numRuns: 10_000 },
  );
  assert.ok(refused > 5000, `only ${refused} were refused`);
  for (const input of right) assert.ok(schema.safeParse(input).success);
}
