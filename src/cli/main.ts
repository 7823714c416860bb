/** The command line: arguments → engine → reporter → exit code. */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../../package.json';
import type { Engine } from '../core/engine.js';
import { type Host, type Log, nodeHost } from '../core/host.js';
import { FORMAT_IDS, OVERVIEW_FORMATS, type ReportTarget, reportTarget } from '../core/report/format-table.js';
import { FILE_TOOLS, TUNING_LIMITS } from '../core/tuning-model.js';
import type { Options } from './actions.js';
import { EXIT } from './exit.js';
import { terminal } from './terminal.js';

const EXIT_CODES = `
Exit codes:
  0    every gate passed (a gate whose tool is not installed does not count)
  1    a gate failed: its check found something
  2    a gate could not do its work, or the command was not understood
  130  interrupted`;

/** What was cut short is put back before a command that executes or writes, and told of before one that only reads. */
const afterRollBack =
  (action: Action): Action =>
  async (context) => {
    await (await import('./recovery.js')).rollBackInterrupted(context);
    return action(context);
  };
const afterNotice =
  (action: Action): Action =>
  async (context) => {
    await (await import('./recovery.js')).tellInterrupted(context);
    return action(context);
  };

/** Each loaded when it is asked for, so that a command starts without what only others need. */
const actions = () => import('./actions.js');
const listGates: Action = async (context) => (await actions()).listGates(context);
const runGates: Action = async (context) => (await actions()).runGates(context);
const watchWorkspace: Action = async (context) => (await import('./watch.js')).watchWorkspace(context);
const fixWorkspace: Action = async (context) => (await import('./fix.js')).fixWorkspace(context);
const createConfiguration: Action = async (context) => (await import('./init.js')).createConfiguration(context);
const createBatch: Action = async (context) => (await import('./new.js')).createBatch(context);
const analyseSource: Action = async (context) => (await import('./analyse.js')).analyseSource(context);
const trends = () => import('./trends.js');
const showTrends: Action = async (context) => (await trends()).showTrends(context);
const listRuns: Action = async (context) => (await trends()).listRuns(context);
const compareRuns: Action = async (context) => (await trends()).compareRuns(context);
const inspectFiles: Action = async (context) => (await import('./inspect.js')).inspectFiles(context);
const reportPastRun: Action = async (context) => (await import('./report.js')).reportPastRun(context);
const batch = () => import('./batch.js');
const runBatchFile: Action = async (context) => (await batch()).runBatchFile(context);
/** A batch file in the place of gates. */
const isBatch = (names: readonly string[]) => names.length === 1 && /^-$|\.jsonc?$/.test(names[0] ?? '');
/** Of gates, or of a batch file in their place. */
const explainPlan: Action = async (context) =>
  isBatch(context.gates) ? (await batch()).explainBatchFile(context) : (await import('./plan.js')).explainGates(context);
const verify: Action = async (context) =>
  isBatch(context.gates) ? (await batch()).verifyBatchFile(context) : (await actions()).verifyGates(context);

const tuneWork: Action = async (context) => (await import('./tune.js')).tune(context);

const TUNE_HELP = `
Examples:
  volley tune                      all gates
  volley tune lint types --apply   some, and set volley.slots for this workspace
  volley tune release.batch.jsonc --rounds 5
  volley tune --files              how many reads are best handed over in one batch

volley runs lists past tunings, and volley report ID reports one, also as HTML.

Each round tries every number once, in an order at random; --seed gives the same order again.

Exit codes:
  0    measured, or there is nothing to choose
  1    the trials gave different outcomes or findings
  2    not measured or not applied: a gate could not do its work, time was over, or the command was not understood
  130  interrupted`;

const BATCH_HELP = `
Examples:
  volley batch rename.batch.jsonc
  volley batch rename.batch.jsonc --json   everything that was answered, as one document
  volley batch - --json < twenty.json      what an agent hands over

Exit codes:
  0    every operation passed
  1    an operation failed
  2    an operation could not do its work, or the batch is wrong and nothing ran
  130  interrupted`;

const ANALYSE_HELP = `
Examples:
  volley analyse                            what there is to analyse
  volley analyse --script ci                 of the package.json here, or the first that has it
  volley analyse Makefile --target all --write all.batch.jsonc
  volley analyse .github/workflows/ci.yml --report ci.html
  volley analyse --commands - < steps.txt
  volley analyse session.jsonl --json       a transcript: what an agent did

Nothing is executed. Times are projections from what is known; volley verify measures.

Exit codes:
  0    analysed, or listed
  2    nothing could be analysed, or a file could not be written`;

const REPORT_HELP = `
What there is, and by which names, volley runs lists.

Examples:
  volley report                             the newest run, as the terminal showed it
  volley report 20261130T12 --format html -o tuning.html    a verification or a tuning by its id
  volley report previous --format markdown
  volley report 20261130 --format sarif
  volley report -o run.trace.json           opens in https://ui.perfetto.dev
  volley report --otlp http://localhost:4318

Exit codes:
  0    reported
  2    there is no such run, or the report could not be written or sent`;
const COMPARE_HELP = `
A run is named by latest, previous, its number in volley runs, its id, or the beginning of the id.

Examples:
  volley compare                       the run before the latest, and the latest
  volley compare 5 latest
  volley compare 20261130 previous --json

Exit codes:
  0    compared
  2    there is no such run, or the command was not understood`;

const INSPECT_HELP = `
Examples:
  volley inspect                  every file that .gitignore does not leave out
  volley inspect src package.json
  volley inspect --csv > files.csv

Exit codes:
  0    every file was looked at
  1    a file was not: it vanished, may not be read, or is too large
  2    nothing was inspected, or the command was not understood
  130  interrupted`;

void main(process.argv);

async function main(argv: readonly string[]): Promise<void> {
  const io = terminal(process.stdout, process.stderr, process.env);
  let unwritable = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads the output may have seen enough; the run and its exit code are not concerned.
    if (error.code === 'EPIPE') return;
    unwritable = true;
    process.exitCode = EXIT.unable;
  });
  process.stderr.on('error', () => {});
  const program = createProgram((action) => async (...words) => {
    // commander hands over the arguments, the options, and the command.
    const options = words.at(-2) as Options;
    const gates = words
      .slice(0, -2)
      .flat()
      .filter((word): word is string => typeof word === 'string');
    const folder = path.resolve(options.cwd ?? '.');
    const host = nodeHost({ folder, log: stderrLog(options.verbose ?? false), ...workers() });
    const { createEngine } = await import('../core/engine.js');
    const engine = createEngine(host);
    try {
      const code = await action({ engine, host, folder, io, gates, options });
      process.exitCode = unwritable ? EXIT.unable : code;
    } finally {
      await engine.dispose();
    }
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.unable;
      // What is wrong stands on standard error already.
      if (error.exitCode !== 0 && argv.includes('--json')) {
        const { errorDocument } = await import('../core/report/json.js');
        io.print(JSON.stringify(errorDocument(error.message.replace(/^error: /, '')), null, 2));
      }
    } else {
      io.error(`Volley itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.exitCode = EXIT.unable;
    }
  }
}

/** The bundles of the threads that look at files and that read output stand beside this program; from source there are none. */
function workers(): { readonly scanWorker?: string; readonly parserWorker?: string } {
  const beside = (name: string) => {
    try {
      const file = path.join(path.dirname(realpathSync(process.argv[1] ?? '')), name);
      return existsSync(file) ? file : undefined;
    } catch {
      return undefined;
    }
  };
  const scanWorker = beside('scan-worker.cjs');
  const parserWorker = beside('parse-worker.cjs');
  return { ...(scanWorker === undefined ? {} : { scanWorker }), ...(parserWorker === undefined ? {} : { parserWorker }) };
}

type Action = (context: {
  engine: Engine;
  host: Host;
  folder: string;
  io: ReturnType<typeof terminal>;
  gates: readonly string[];
  options: Options;
}) => Promise<number>;

type Bind = (action: Action) => (...words: unknown[]) => Promise<void>;

function createProgram(bind: Bind): Command {
  const program = new Command('volley')
    .description(
      "Runs a repository's checks (tests, linters, type checkers, formatters) at the same time and measures what that saves.",
    )
    .version(version)
    .showHelpAfterError('(volley --help explains the commands)')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  gateCommands(program, bind);
  batchCommands(program, bind);
  lookingCommands(program, bind);
  pastCommands(program, bind);
  measuringCommands(program, bind);
  return program;
}

/** What finds gates and runs them. */
function gateCommands(program: Command, bind: Bind): void {
  documented(common(program.command('list')))
    .description('list the gates found in the workspace, and where each was found')
    .addHelpText('after', '\nExamples:\n  volley list\n  volley list --json')
    .action(bind(afterNotice(listGates)));
  checking(reporting(program.command('run')))
    .description('run gates at the same time')
    .addOption(new Option('--fail-fast', 'stop everything as soon as one gate did not pass').conflicts('stop'))
    .option('--stop', 'start nothing new as soon as one gate did not pass')
    .option('--sequential', 'run one after another')
    .addHelpText(
      'after',
      `\nExamples:\n  volley run                       every gate\n  volley run eslint test           one gate, and all of a category\n  volley run --changed             only files changed against the default branch\n  volley run lint --files src a.ts only these\n  volley run --new                 fail for new findings only\n  volley run --json > result.json  for scripts\n${EXIT_CODES}`,
    )
    .action(bind(afterRollBack(runGates)));
  checking(running(program.command('watch')))
    .description('run gates, and again after each change those that it concerns')
    .addHelpText(
      'after',
      '\nExamples:\n  volley watch\n  volley watch lint types\n\nIt ends when it is interrupted, with the exit code 130.',
    )
    .action(bind(afterRollBack(watchWorkspace)));
  exporting(documented(checking(running(program.command('fix')))))
    .description('run the fixers of gates, then check again')
    .addOption(new Option('--undo', 'put back what the newest fix changed, and do nothing else').conflicts('json'))
    .addHelpText(
      'after',
      '\nExamples:\n  volley fix              every gate that has a fixer\n  volley fix prettier eslint --changed\n  volley fix --undo\n\nThe exit codes are those of run, after the fix.',
    )
    .action(bind(afterRollBack(fixWorkspace)));
  common(program.command('init'))
    .description('write a volley.jsonc from the gates that were found, to change them')
    .action(bind(afterRollBack(createConfiguration)));
}

/** What runs batches, and what explains and writes them. */
function batchCommands(program: Command, bind: Bind): void {
  common(program.command('new'))
    .argument('[template]', 'its id; all are listed if none is given')
    .argument('[file]', 'what is written, never over a file that is there (default: <template>.batch.jsonc)')
    .description('write a batch file from a template')
    .addHelpText('after', '\nExamples:\n  volley new\n  volley new tdd\n  volley new fan-out batches/review.batch.jsonc')
    .action(bind(afterRollBack(createBatch)));
  exporting(ofBatch(program.command('batch')))
    .description('run a batch of operations out of order only where that cannot change its result')
    .option('--sequential', 'run one after another, in the order of the file')
    .addOption(new Option('--fail-fast', 'stop everything as soon as one operation did not pass').conflicts('stop'))
    .option('--stop', 'start nothing new as soon as one operation did not pass')
    .option('--results', 'also print what each operation answered')
    .option('--combined', 'print all answers as one text, with what they share given once, and nothing else')
    .option('--tokens', 'count what the batch takes of the context of a language model')
    .addHelpText('after', BATCH_HELP)
    .action(bind(afterRollBack(runBatchFile)));
  documented(running(program.command('plan')))
    .description(
      'explain what a run of gates, or a batch file, would do: order, locks, what waits for what, what the cache answers, the predicted time',
    )
    .option('--no-cache', 'as if every gate ran, also where nothing changed since its last result')
    .option('--sequential', 'as if they ran one after another')
    .addHelpText(
      'after',
      '\nExamples:\n  volley plan\n  volley plan lint types --changed\n  volley plan rename.batch.jsonc\n  volley plan --json - < rename.batch.jsonc\n\nNothing is executed. The time is an estimate from earlier runs.\n\nExit codes:\n  0    explained\n  2    there is no such gate, or the batch is wrong',
    )
    .action(bind(afterNotice(explainPlan)));
}

/** What looks at files and executes nothing. */
function lookingCommands(program: Command, bind: Bind): void {
  analysing(documented(common(program.command('analyse')))).action(bind(afterNotice(analyseSource)));
  common(program.command('inspect'))
    .argument('[path...]', 'files and folders; all of the workspace if none is given')
    .description(
      'tell of many files at once: lines, size, language, encoding, markers, whitespace, conflicts, secrets, last commit',
    )
    .option('-j, --jobs <number>', 'how many pieces are looked at at once (default: the number of processors)', positive)
    .addOption(new Option('--json', 'print one JSON document and nothing else').conflicts('csv'))
    .option('--csv', 'print comma-separated values and nothing else')
    .addHelpText('after', INSPECT_HELP)
    .action(bind(afterNotice(inspectFiles)));
}

/** What tells of runs that are over. */
function pastCommands(program: Command, bind: Bind): void {
  reportingPast(common(program.command('report'))).action(bind(reportPastRun));
  overview(common(program.command('trends')))
    .argument('[gate...]', 'ids, names, categories or batch files; all that has run if none is given')
    .description('show how durations, findings and outcomes of gates changed, which are flaky, and the time saved so far')
    .addHelpText(
      'after',
      '\nExamples:\n  volley trends\n  volley trends eslint test --json\n  volley trends -o trends.html     the view of the panel as one page\n\nNothing is executed.',
    )
    .action(bind(showTrends));
  documented(common(program.command('runs')))
    .description('list what is kept, newest first: runs with the numbers by which they are named, verifications and tunings')
    .action(bind(listRuns));
  overview(common(program.command('compare')))
    .argument('[run]', 'the first run (default: previous)')
    .argument('[run]', 'the second run (default: latest)')
    .description('compare two runs span by span: outcomes, findings, each phase, and why the makespans differ')
    .addHelpText('after', COMPARE_HELP)
    .action(bind(compareRuns));
}

/** What runs the same work again and again, and measures it. */
function measuringCommands(program: Command, bind: Bind): void {
  reporting(program.command('verify'))
    .description(
      'measure the speedup: run gates, or a batch file, in pairs of one after another and at the same time, in random order',
    )
    .option('--pairs <number>', 'at most so many pairs of runs (default: 30); an interval takes at least 5', positive)
    .option('--most-time <seconds>', 'begin no further pair after so many seconds (default: 600)', positive)
    .option('--speedup <ratio>', 'the speedup to be validated (default: 1.67, which is 40 % less time)', positive)
    .option('--seed <number>', 'decides the order within pairs (default: at random)', whole)
    .option('--findings', 'also print the findings')
    .addHelpText(
      'after',
      '\nExamples:\n  volley verify\n  volley verify lint types --speedup 2\n  volley verify twenty.batch.jsonc --pairs 10\n\nIt ends when the 95 % interval is narrower than ±5 %, or at a limit.\n\nExit codes:\n  0    measured, with the same results in all trials\n  1    the trials gave different results\n  2    not measured: a gate could not do its work, or the command was not understood\n  130  interrupted',
    )
    .action(bind(afterRollBack(verify)));
  tuning(documented(common(program.command('tune')))).action(bind(afterRollBack(tuneWork)));
}

function common(command: Command): Command {
  return command
    .option('-C, --cwd <folder>', 'the workspace, if it is not the current folder')
    .option('--verbose', 'say on standard error what Volley does')
    .exitOverride();
}

function documented(command: Command): Command {
  return command.option('--json', 'print one JSON document and nothing else');
}

function running(command: Command): Command {
  return common(command)
    .argument('[gate...]', 'ids, names, tools or categories; all gates if none is given')
    .option(
      '-j, --jobs <number>',
      'how many gates run at once (default: as many as are fastest, beginning with the processors)',
      positive,
    )
    .option('--most-jobs <number>', 'without --jobs, at most so many at once (default: 10)', positive)
    .option('--timeout <seconds>', 'stop a gate that takes longer', positive)
    .addOption(new Option('--changed', 'only files changed against the default branch').conflicts(['staged', 'files']))
    .addOption(new Option('--staged', 'only files staged for the next commit').conflicts(['changed', 'files']))
    .addOption(
      new Option('--files <file...>', 'only these files and folders; end the list with -- or another option').conflicts([
        'changed',
        'staged',
      ]),
    );
}

function reporting(command: Command): Command {
  return exporting(documented(running(command)));
}

function checking(command: Command): Command {
  return command
    .option('--no-cache', 'run every gate, also where nothing changed since its last result')
    .option('--new', 'only findings that were not there where the branch left the default branch');
}

function ofBatch(command: Command): Command {
  return documented(common(command))
    .argument('<file>', 'a batch file (*.batch.jsonc), or - for standard input')
    .option(
      '-j, --jobs <number>',
      'how many operations run at once (default: as many as are fastest, beginning with the processors)',
      positive,
    )
    .option('--most-jobs <number>', 'without --jobs, at most so many at once (default: 10)', positive);
}

function tuning(command: Command): Command {
  return command
    .argument('[gate...]', 'ids, names, tools or categories, or a batch file; all gates if none is given')
    .description('measure how many gates, or operations of a batch, are best run at once')
    .option('--rounds <number>', 'at most so many rounds', positive, TUNING_LIMITS.rounds)
    .option('--most-time <seconds>', 'start no trial after that', positive, TUNING_LIMITS.mostMs / 1000)
    .option('--seed <number>', 'of the order of the trials (default: another one each time)', whole)
    .option('--most-jobs <number>', 'try at most so many at once (default: 4 for each processor, at least 10)', positive)
    .option('--timeout <seconds>', 'stop a gate that takes longer', positive)
    .option('--html <file>', 'write the curve as one HTML file')
    .option('--apply', 'write the number into the settings of this workspace (.vscode/settings.json)')
    .addOption(
      new Option('--files [tool]', 'instead: how many operations on files are best handed over in one batch')
        .choices(FILE_TOOLS)
        .conflicts('apply'),
    )
    .addHelpText('after', TUNE_HELP);
}

function exporting(command: Command): Command {
  return command
    .option('--html <file>', 'write the timing panel as one HTML file')
    .option(
      '--report <file>',
      `write a report, as often as it is said: the end of the name says the format, or FORMAT:FILE (${FORMAT_IDS.join(', ')})`,
      reports,
    )
    .option('--otlp [endpoint]', 'send OpenTelemetry spans; without an endpoint to that of OTEL_EXPORTER_OTLP_ENDPOINT')
    .option('--github', 'annotate findings and add to the summary of the job (default: in GitHub Actions)')
    .option('--no-github', 'do not, in GitHub Actions either');
}

function reportingPast(command: Command): Command {
  return command
    .argument(
      '[run]',
      'latest, previous, its number in volley runs, or the id of a run, verification or tuning or the beginning of it',
    )
    .description('report a past run, verification or tuning')
    .addOption(
      new Option('--format <format>', 'how (default: text, or what the end of the output file says)').choices(FORMAT_IDS),
    )
    .option('-o, --output <file>', 'write it there instead of printing it')
    .option('--otlp [endpoint]', 'send it as OpenTelemetry spans; without an endpoint to that of OTEL_EXPORTER_OTLP_ENDPOINT')
    .addHelpText('after', REPORT_HELP);
}

/** As `volley report`, with the formats that suit what is no run. */
function overview(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print one JSON document and nothing else').conflicts('format'))
    .addOption(
      new Option('--format <format>', 'how (default: text, or what the end of the output file says)').choices(OVERVIEW_FORMATS),
    )
    .option('-o, --output <file>', 'write it there instead of printing it');
}

function reports(text: string, before: readonly ReportTarget[] = []): readonly ReportTarget[] {
  const target = reportTarget(text);
  if (typeof target === 'string') throw new InvalidArgumentError(target);
  return [...before, target];
}

function analysing(command: Command): Command {
  return command
    .alias('analyze')
    .argument(
      '[file]',
      'package.json, a Makefile, a workflow, tasks.json, commands, or a transcript; - for standard input. What there is when left out',
    )
    .description('say what of a sequence could run at the same time, and write the equivalent batch')
    .addOption(new Option('--script <name>', 'of a package.json').conflicts(['target', 'job', 'task', 'commands']))
    .addOption(new Option('--target <name>', 'of a Makefile').conflicts(['job', 'task', 'commands']))
    .addOption(new Option('--job <name>', 'of a workflow').conflicts(['task', 'commands']))
    .addOption(new Option('--task <name>', 'of a tasks.json').conflicts('commands'))
    .option('--commands <file>', 'a list of shell commands, one a line; - for standard input')
    .option('--transcript <file>', 'a transcript of an agent as JSON Lines; - for standard input')
    .option('-j, --jobs <number>', 'how many operations the projection has at once (default: the number of processors)', positive)
    .option('--write <file>', 'write the equivalent batch (*.batch.jsonc), never over a file that is there')
    .option('--report <file>', 'write the optimisation report: *.md or *.html')
    .addHelpText('after', ANALYSE_HELP);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It has to be a number above 0.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It has to be a whole number, 0 or more.');
  return value;
}

function stderrLog(verbose: boolean): Log {
  const write = (message: string) => process.stderr.write(`volley: ${message}\n`);
  const quiet = () => {};
  return { debug: verbose ? write : quiet, info: verbose ? write : quiet, warn: write, error: write };
}
