/**
 * `npx tsx scripts/schema.ts && npx biome check --write schemas`: writes schemas/volley.schema.json and schemas/batch.schema.json, by which
 * editors complete and validate volley.jsonc and batch files. Tests fail while a file is older than its definition.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { batchJsonSchema } from '../src/core/batch/json-schema.js';
import { TOOL_REGISTRY } from '../src/core/batch/tools.js';
import { configurationJsonSchema } from '../src/core/gates/configuration-json-schema.js';

const schemas = path.join(import.meta.dirname, '../schemas');
const write = (name: string, schema: unknown) => writeFile(path.join(schemas, name), `${JSON.stringify(schema, null, 2)}\n`);

await write('volley.schema.json', configurationJsonSchema());
await write(
  'batch.schema.json',
  batchJsonSchema(
    (tool) => TOOL_REGISTRY.get(tool).schema,
    (tool) => TOOL_REGISTRY.get(tool).description,
  ),
);
