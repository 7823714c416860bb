/** Apart from the definition, since only building and testing need it: the extension and the command line do not carry it. */
import * as z from 'zod/mini';
import { configurationSchema } from './configuration-schema.js';
import { MATCHER_NAMES, PATTERN_NAMES } from './known-matchers.js';
import { PARSER_NAMES } from './parser-names.js';

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
  offerNames(schema as Schema);
  return {
    title: 'volley.jsonc',
    description: 'The quality gates of a workspace folder.',
    ...schema,
    allowComments: true,
    allowTrailingCommas: true,
  };
}

/** By property what may be named there. Editors offer it; what else is named is complained about where the file is read. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  parser: PARSER_NAMES.filter((name) => name !== 'problem-matcher'),
  problemMatcher: MATCHER_NAMES,
  base: MATCHER_NAMES,
  pattern: PATTERN_NAMES,
};

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema | readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  examples?: readonly string[];
}

function offerNames(schema: Schema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const names = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    for (const text of names ? textsOf(property) : []) if (names) text.examples = names;
  }
  const { properties = {}, anyOf = [], items = [], additionalProperties } = schema;
  const below = [...Object.values(properties), ...anyOf, ...[items].flat()];
  for (const each of typeof additionalProperties === 'object' ? [...below, additionalProperties] : below) offerNames(each);
}

/** The texts that may stand in a place: alone, or in an array. */
function textsOf(schema: Schema): readonly Schema[] {
  if (schema.type === 'string') return [schema];
  return [...(schema.anyOf ?? []), ...[schema.items ?? []].flat()].flatMap(textsOf);
}
