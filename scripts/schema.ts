/**
 * `npx tsx scripts/schema.ts && npx biome check --write schemas`: writes schemas/volley.schema.json, by which editors complete and
 * validate volley.jsonc. A test fails while the file is older than the definition.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configurationJsonSchema } from '../src/core/gates/configuration-json-schema.js';

const file = path.join(import.meta.dirname, '../schemas/volley.schema.json');
await writeFile(file, `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
