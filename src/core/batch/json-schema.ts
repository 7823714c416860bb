/** Apart from the definition, since only building and testing need it: the extension and the command line do not carry it. */
import * as z from 'zod/mini';
import { TOOLS } from '../model.js';
import type { InputSchemas } from './document.js';
import { batchSchema, GROUP_KINDS, GROUP_SCHEMAS, operationSchema } from './format.js';

type JsonSchema = Record<string, unknown> & { properties?: Record<string, unknown> };

/** The JSON schema (draft 7) of batch files, as `schemas/batch.schema.json` holds it: completion, hover and validation in editors. */
export function batchJsonSchema(schemas: InputSchemas, describe: (tool: (typeof TOOLS)[number]) => string): JsonSchema {
  const member = { $ref: '#/definitions/member' };
  const root = jsonSchemaOf(batchSchema);
  const operation = jsonSchemaOf(operationSchema);
  const inputs = TOOLS.map((tool) => ({
    if: { properties: { tool: { const: tool } }, required: ['tool'] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: { properties: { input: { ...loosened(jsonSchemaOf(schemas(tool))), description: describe(tool) } } },
  }));
  const groups = Object.fromEntries(
    GROUP_KINDS.map((kind) => {
      const schema = jsonSchemaOf(GROUP_SCHEMAS[kind]);
      return [kind, { ...schema, properties: { ...schema.properties, [kind]: withItems(schema.properties?.[kind], member) } }];
    }),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Batch of Volley',
    description: 'Operations that run out of order only where that cannot change their result.',
    ...root,
    properties: { ...root.properties, operations: withItems(root.properties?.['operations'], member) },
    definitions: {
      member: {
        // One of them is chosen by the name under which it holds its members, so that a mistake is told where it is.
        ...GROUP_KINDS.reduceRight<object>(
          (otherwise, kind) => ({
            if: { required: [kind] },
            // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
            then: { $ref: `#/definitions/${kind}` },
            else: otherwise,
          }),
          { $ref: '#/definitions/operation' },
        ),
        type: 'object',
      },
      operation: { ...operation, allOf: inputs },
      ...groups,
    },
    allowComments: true,
    allowTrailingCommas: true,
  };
}

function jsonSchemaOf(schema: z.ZodMiniType<unknown>): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as JsonSchema;
  return rest;
}

function withItems(schema: unknown, items: object): object {
  return { ...(schema as object), items };
}

/** Any value may be given by a reference, which is a text. */
function loosened(schema: JsonSchema): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property as JsonSchema;
    const open = rest['type'] === 'string' ? property : { ...(description ? { description } : {}), anyOf: [rest, REFERENCE] };
    return [name, open];
  });
  return properties.length === 0 ? schema : { ...schema, properties: Object.fromEntries(properties) };
}

const REFERENCE = { type: 'string', pattern: '^\\$\\{[^}]+\\}$' };
