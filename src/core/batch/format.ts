/**
 * What may stand in a batch file, but for the inputs of tools, which these define themselves. From it come the check of a file and the
 * JSON schema by which editors complete and validate it; the descriptions are what they show.
 */
import * as z from 'zod/mini';
import { TOOLS } from '../model.js';

function described<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), description });
  return schema;
}

const text = () => z.string().check(z.minLength(1));
/** A path, a glob or a name. */
const shortText = () => z.string().check(z.minLength(1), z.maxLength(4096));

/** Readable in references, and safe in any report. */
const id = () => z.string().check(z.regex(ID));
/** How operations and groups may be called: letters, digits, `-`, `_`; not a number alone. */
export const ID = /^[A-Za-z_][\w-]{0,99}$/;

const seconds = () => z.number().check(z.positive(), z.lte(86_400));

const values = described(
  'Values, or `{"glob": "src/**/*.ts"}` for the files that it matches when the batch starts.',
  z.union([
    z.array(z.union([z.string(), z.number(), z.boolean()])).check(z.minLength(1), z.maxLength(10_000)),
    z.strictObject({ glob: described('Glob, or globs, relative to the workspace folder.', z.union([text(), z.array(text())])) }),
  ]),
);

const matrix = described(
  'One operation for each combination of values: `{"file": ["a.ts", "b.ts"]}`; `${matrix.file}` in it stands for the value.',
  z.record(z.string().check(z.regex(/^[A-Za-z_]\w*$/)), values),
);

const needs = described(
  'Ids of operations and groups that have to pass first. A reference such as `${id.output}` needs no mention here.',
  z.array(text()),
);

const atomic = described(
  'All of it or nothing: when anything in it does not pass, all files that it changed are put back as they were.',
  z.boolean(),
);

/** What any operation may say besides its tool and input. */
export const operationSchema = z.strictObject({
  id: z.optional(described('How others refer to it. The tool and a number when left out.', id())),
  tool: described('What is invoked.', z.enum(TOOLS)),
  input: described('What the tool is given.', z.record(z.string(), z.unknown())),
  needs: z.optional(needs),
  reads: z.optional(
    described(
      'Paths or globs, relative to the workspace folder, of what it reads, in place of what Volley would conclude. Empty: nothing.',
      z.array(shortText()),
    ),
  ),
  writes: z.optional(
    described(
      'Paths or globs of what it creates, changes or removes, in place of what Volley would conclude. Empty: nothing.',
      z.array(shortText()),
    ),
  ),
  locks: z.optional(described('Names of what only one operation at a time may use: a port, a database.', z.array(shortText()))),
  timeout: z.optional(described('Seconds after which it is stopped. 600 when left out.', seconds())),
  retries: z.optional(
    described(
      'How often it is tried again when it does not pass; with `{"times": 3, "backoff": 0.5}` after so many seconds, twice as long each time.',
      z.union([
        z.int().check(z.gte(0), z.lte(20)),
        z.strictObject({
          times: described('How often it is tried again.', z.int().check(z.gte(0), z.lte(20))),
          backoff: z.optional(
            described('Seconds before it is tried again the first time.', z.number().check(z.gte(0), z.lte(3600))),
          ),
        }),
      ]),
    ),
  ),
  onFailure: z.optional(
    described(
      '`stop`: what depends on it is skipped when it does not pass. `continue`: it runs all the same.',
      z.enum(['stop', 'continue']),
    ),
  ),
  matrix: z.optional(matrix),
  atomic: z.optional(atomic),
});

const members = (description: string) => described(description, z.array(z.unknown()).check(z.minLength(1)));
const limit = z.optional(described('How many of its members run at the same time.', z.int().check(z.gte(1), z.lte(1000))));

const group = {
  id: z.optional(described('How others refer to all of it.', id())),
  needs: z.optional(needs),
  matrix: z.optional(matrix),
  atomic: z.optional(atomic),
};

/** Groups by the name under which their members stand. */
export const GROUP_SCHEMAS = {
  parallel: z.strictObject({
    ...group,
    parallel: members('Operations and groups that may run at the same time.'),
    limit,
  }),
  sequence: z.strictObject({
    ...group,
    sequence: members('Operations and groups that run one after another.'),
  }),
  pipeline: z.strictObject({
    ...group,
    pipeline: members('Stages: each item goes through them in order, and on to the next one as soon as it is ready.'),
    over: described('The items. `${item}` in a stage stands for the one that goes through it.', values),
    limit,
  }),
} as const;

export type GroupKind = keyof typeof GROUP_SCHEMAS;
export const GROUP_KINDS = Object.keys(GROUP_SCHEMAS) as readonly GroupKind[];

/** The file, but for its members. */
export const batchSchema = z.strictObject({
  $schema: z.optional(described('Address of the schema. Not needed: editors with Volley know the file by its name.', z.string())),
  name: z.optional(described('What people call it.', text())),
  description: z.optional(described('What it is for.', z.string())),
  budget: z.optional(
    described(
      'How many tokens of a language model all answers together may take. Above 70 % fewer operations start at once, above 95 % none; what is left is written to a batch file.',
      z.strictObject({ tokens: described('At most so many.', z.int().check(z.gte(100))) }),
    ),
  ),
  operations: described('Operations and groups, in the order in which they would run one after another.', z.array(z.unknown())),
});

export type OperationFields = z.infer<typeof operationSchema>;
export type MatrixValues = z.infer<typeof values>;
export type Matrix = z.infer<typeof matrix>;

/** The fan-out of a parallel group that says none. */
export const DEFAULT_LIMIT = 4;
