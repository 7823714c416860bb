/**
 * What may stand in volley.jsonc. From this one definition come the check of the file, its TypeScript types, and the JSON schema by
 * which editors complete and validate it; the descriptions are what they show. What a schema cannot say (whether a regular
 * expression compiles, whether a gate exists) is checked where the file is read and applied.
 */
import * as z from 'zod/mini';
import { CATEGORIES } from '../gate-model.js';
import { SCOPES } from '../model.js';

function described<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), description });
  return schema;
}

const text = () => z.string().check(z.minLength(1));
function onceMade<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const globs = (description: string) => described(description, z.array(text()));

/** A path that stays below where it starts: not absolute, without `..`. */
const below = () => z.string().check(z.regex(/^(?![/\\]|[A-Za-z]:)(?!(?:.*[/\\])?\.\.(?:[/\\]|$)).+$/));

const seconds = () => z.number().check(z.positive(), z.lte(86_400));

const environment = () => z.record(z.string().check(z.regex(/^[^=]+$/)), z.string());

const command = (description: string) =>
  described(
    description,
    z.union([z.tuple([text()], z.string()), z.strictObject({ shell: described('A line for a shell.', text()) })]),
  );

// ----------------------------------------------------------------------------------------------------- problem matchers

const group = (what: string) =>
  z.optional(described(`Capture group of the ${what}.`, z.number().check(z.int(), z.gte(0), z.lte(1000))));

const pattern = onceMade(() =>
  z.strictObject({
    regexp: described('Regular expression for one line of output.', text()),
    kind: z.optional(
      described(
        'Whether a problem is at a place of its file (the default) or concerns all of it. Only in the first pattern.',
        z.enum(['location', 'file']),
      ),
    ),
    file: group('file'),
    location: group('place: `line`, `line,column` or `line,column,endLine,endColumn`'),
    line: group('line'),
    column: group('column'),
    endLine: group('last line'),
    endColumn: group('column after the last character'),
    severity: group('severity: error, warning, info, note, hint, or E, W, I'),
    code: group('code or rule'),
    message: group('message'),
    loop: z.optional(
      described('The last of several patterns matches again and again, a problem each time, as long as lines fit.', z.boolean()),
    ),
  }),
);

const folders = (description: string) => z.optional(described(description, z.union([text(), z.array(text())])));

const fileLocation = () =>
  z.union([
    z.enum(['absolute', 'relative', 'autoDetect', 'autodetect', 'search']),
    z.tuple([z.enum(['absolute', 'relative', 'autoDetect', 'autodetect', 'search'])]),
    z.tuple([z.enum(['relative', 'autoDetect', 'autodetect']), text()]),
    z.tuple([
      z.literal('search'),
      z.strictObject({
        include: folders('Folders to look in. The gate’s `cwd` when left out.'),
        exclude: folders('Folders not to look in.'),
      }),
    ]),
  ]);

const background = (description: string) => z.optional(described(description, z.record(z.string(), z.unknown())));

const matcher = onceMade(() =>
  z.strictObject({
    base: z.optional(described('Well-known matcher whose properties hold where this one has none, such as `$tsc`.', text())),
    owner: z.optional(described('Shown as the source of a finding where there is no `source`.', z.string())),
    source: z.optional(described('Shown as the source of a finding, such as `eslint`.', z.string())),
    severity: z.optional(described('Severity of what says none. `error` when left out.', z.enum(['error', 'warning', 'info']))),
    applyTo: z.optional(
      described(
        'Accepted so that matchers can be copied from tasks, and without effect: a gate checks files on disk.',
        z.enum(['allDocuments', 'openDocuments', 'closedDocuments']),
      ),
    ),
    fileLocation: z.optional(
      described(
        'How names of files are to be read: `absolute`; `relative` (the default) to the gate’s `cwd`, or to the folder that follows ' +
          'in an array; `autoDetect`: relative where such a file is there, else absolute; `search`: wherever below the gate’s `cwd`, or ' +
          'below the folders that follow, a file of that name is. ' +
          `\`\${workspaceFolder}\` and \`\${cwd}\` may stand in folders.`,
        fileLocation(),
      ),
    ),
    pattern: z.optional(
      described(
        'A pattern, several for problems that span lines, or the name of a well-known one, such as `$tsc`.',
        z.union([pattern(), z.array(pattern()).check(z.minLength(1)), text()]),
      ),
    ),
    background: background('Accepted so that matchers can be copied from tasks, and without effect: a gate ends.'),
    watching: background('As `background`, by its old name.'),
  }),
);

/** Made when a file holds one: most do not, and to make it takes as long as to make all else. */
const matchers = () => z.union([matcher(), z.array(z.union([matcher(), text()])).check(z.minLength(1)), text()]);

// ---------------------------------------------------------------------------------------------------------------- gates

const exits = (description: string) =>
  z.optional(described(description, z.array(z.number().check(z.int(), z.gte(0), z.lte(4_294_967_295))).check(z.minLength(1))));

/** One gate of the file. Everything is optional: what is left out stays as detected, or as a gate has it by itself. */
export const gateSchema = z.strictObject({
  name: z.optional(described('What people call it.', text())),
  category: z.optional(described('Heading under which it is listed. `lint` when left out of a new gate.', z.enum(CATEGORIES))),
  command: z.optional(
    command(
      'Program and arguments, started without a shell: `["eslint", "."]`. Programs of the project are found first (node_modules/.bin, ' +
        '.venv), then those on PATH. `{"shell": "line"}` is for what needs one. `{report}` inside an argument stands for a file ' +
        'that the command writes its report to. A command for a gate that was detected replaces all that was known of the ' +
        'old one: say how its output is read and which files it takes too.',
    ),
  ),
  cwd: z.optional(described('Where it runs, relative to the workspace folder, with `/`.', below())),
  env: z.optional(described('Added to the environment. Wins over `defaults.env`.', environment())),
  files: z.optional(
    globs(
      'Globs, relative to `cwd`, of files that the command takes as its last arguments, so that a run can be limited to some files. ' +
        'Empty: it always checks everything. Names of files never reach a shell: a command that is a line for one takes none.',
    ),
  ),
  targets: z.optional(
    described('What stands in place of files when nothing limits the run: `["."]`. Only with `files`.', z.array(text())),
  ),
  inputs: z.optional(
    described(
      'Globs, relative to `cwd`, of all that decides its result, configuration included. A gate that takes no files runs when one of ' +
        'them is in scope, and its last result holds until one of them changes.',
      z.array(text()).check(z.minLength(1)),
    ),
  ),
  cache: z.optional(
    described(
      '`false`: it always runs. `true`: its last result may hold; without `inputs` until any file of the folder changes.',
      z.boolean(),
    ),
  ),
  scopes: z.optional(
    described('The scopes in which it takes part. All when left out.', z.array(z.enum(SCOPES)).check(z.minLength(1))),
  ),
  needs: z.optional(described('Ids of gates that have to pass before it starts.', z.array(text()))),
  locks: z.optional(
    described('Names of what only one gate at a time may use: a port, a database. Added to those it has.', z.array(text())),
  ),
  timeout: z.optional(described('Seconds after which it is stopped and counts as timed out.', seconds())),
  exitCodes: z.optional(
    described(
      'Which exit codes say that it did its work. Any other means that it could not.',
      z.strictObject({
        passed: exits('Nothing found. `[0]` when left out.'),
        failed: exits('Something found. 1 to 125 when left out.'),
      }),
    ),
  ),
  parser: z.optional(
    described(
      'How its output becomes findings: a format (`sarif`, `junit`, `checkstyle`, `tap`), the id of a tool whose output it writes, or ' +
        '`none`.',
      text(),
    ),
  ),
  problemMatcher: z.optional(
    described(
      'How its output becomes findings, as in VS Code’s tasks: a problem matcher, the name of a well-known one ($tsc, ' +
        '$eslint-stylish, $gcc, $go, $msCompile and the others of VS Code), or several. Instead of `parser`.',
      z.lazy(matchers),
    ),
  ),
  fix: z.optional(
    z.union([
      command('The command that mends what the gate finds. Takes the same files as the gate.'),
      described('It has no fixer.', z.literal(false)),
    ]),
  ),
});

// Of alternatives that fit equally badly an editor complains about the first, so what has parts of its own comes first everywhere.
const gateOrFalse = z.union([gateSchema, described('Leaves the gate out.', z.literal(false))]);

/** What holds for all gates of the folder. */
export const defaultsSchema = z.strictObject({
  timeout: z.optional(
    described('Seconds after which a gate is stopped, for gates without a limit of their own here.', seconds()),
  ),
  env: z.optional(described('Added to the environment of all gates.', environment())),
  exclude: z.optional(
    globs(
      'Globs, relative to the workspace folder, of files that are never given to a gate one by one and whose change starts none. A gate ' +
        'that checks everything goes by the ignore rules of its tool.',
    ),
  ),
});

/** The whole file. */
export const configurationSchema = z.strictObject({
  $schema: z.optional(described('Address of the schema. Not needed: editors with Volley know the file by its name.', z.string())),
  gates: z.optional(
    described(
      'Gates by id. The id of a detected gate changes that gate, `false` leaves it out, and any other id with a `command` adds one.',
      z.record(z.string().check(z.minLength(1)), gateOrFalse),
    ),
  ),
  defaults: z.optional(described('What holds for all gates of this folder.', defaultsSchema)),
});

export type GateSettings = z.infer<typeof gateSchema>;
export type DefaultSettings = z.infer<typeof defaultsSchema>;
export type MatcherSettings = z.infer<ReturnType<typeof matcher>>;
export type PatternSettings = z.infer<ReturnType<typeof pattern>>;
export type CommandSettings = NonNullable<GateSettings['command']>;

/** The names that may stand in each object of the file, for telling what a misspelt one may mean. */
export const KNOWN_NAMES: Readonly<Record<'file' | 'defaults' | 'gate' | 'matcher' | 'pattern', readonly string[]>> = {
  file: Object.keys(configurationSchema.shape),
  defaults: Object.keys(defaultsSchema.shape),
  gate: Object.keys(gateSchema.shape),
  get matcher() {
    return Object.keys(matcher().shape);
  },
  get pattern() {
    return Object.keys(pattern().shape);
  },
};
