/** Apart from the definition, since only building and testing need it: the extension and the command line do not carry it. */
import * as z from 'zod/mini';
import { configurationSchema } from './configuration-schema.js';

/** The JSON schema (draft 7, which all editors know) of volley.jsonc, as `schemas/volley.schema.json` holds it. */
export function configurationJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configurationSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // Without a length an array that is shorter or longer would pass.
      const { def } = zodSchema._zod;
      if (def.type !== 'tuple' || !Array.isArray(jsonSchema.items)) return;
      jsonSchema.minItems = jsonSchema.items.length;
      if (def.rest === null) jsonSchema.maxItems = jsonSchema.items.length;
    },
  });
  return {
    title: 'volley.jsonc',
    description: 'The quality gates of a workspace folder.',
    ...schema,
    allowComments: true,
    allowTrailingCommas: true,
  };
}
