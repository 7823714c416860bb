/** Checks that pipelines call more than people do, and of which only the exit code is read: a table. Pure. */
import type { Preset } from './preset.js';
import { type PlainCheck, plainPreset } from './script-plain-row.js';

// biome-ignore format: a table is read by rows
const ROWS: readonly PlainCheck[] = [
  // What lock files say
  { program: 'yarn', tool: 'yarn dedupe', category: 'lint', subcommand: 'dedupe', only: ['--check', '-c'], install: 'yarn' },
  { program: 'yarn', tool: 'yarn constraints', category: 'lint', subcommand: 'constraints', install: 'yarn' },
  { program: 'pnpm', tool: 'pnpm dedupe', category: 'lint', subcommand: 'dedupe', only: ['--check'], install: 'pnpm' },
  { program: 'cargo', tool: 'cargo update --locked', category: 'lint', ecosystem: 'rust', subcommand: 'update', only: ['--locked'], install: 'cargo' },
  { program: 'go', tool: 'go mod verify', category: 'security', ecosystem: 'go', subcommand: 'mod verify', install: 'golang.org/dl/go@latest' },
  { program: 'bundle', tool: 'bundle lock', category: 'lint', ecosystem: 'ruby', subcommand: 'lock', only: ['--print'], install: 'bundler' },
  // How tools and services are set up
  { program: 'goreleaser', tool: 'GoReleaser check', category: 'lint', ecosystem: 'system', subcommand: 'check', install: 'goreleaser' },
  { program: 'golangci-lint', tool: 'golangci-lint config verify', category: 'lint', ecosystem: 'system', subcommand: 'config verify', install: 'golangci-lint' },
  { program: 'renovate-config-validator', tool: 'Renovate config validator', category: 'lint', install: 'renovate' },
  // Whether packages can be made, and benchmarks and fuzz targets compile
  { program: 'cargo', tool: 'cargo package', category: 'lint', ecosystem: 'rust', subcommand: 'package', never: ['--no-verify', '--list', '-l'], install: 'cargo' },
  { program: 'cargo', tool: 'cargo bench --no-run', category: 'types', ecosystem: 'rust', subcommand: 'bench', only: ['--no-run'], install: 'cargo' },
  { program: 'cargo', tool: 'cargo fuzz build', category: 'types', ecosystem: 'rust', subcommand: 'fuzz build', install: 'cargo-fuzz' },
  { program: 'cargo', tool: 'cargo public-api', category: 'lint', ecosystem: 'rust', subcommand: 'public-api', only: ['--deny', 'diff'], install: 'cargo-public-api' },
  { program: 'cargo', tool: 'cargo deadlinks', category: 'lint', ecosystem: 'rust', subcommand: 'deadlinks', install: 'cargo-deadlinks' },
  { program: 'cargo', tool: 'cargo-readme', category: 'lint', ecosystem: 'rust', subcommand: 'readme', only: ['--check'], install: 'cargo-readme' },
  // That the environment can be made: told nothing, it opens a shell, which ends without input
  { program: 'nix', tool: 'nix develop', category: 'build', subcommand: 'develop', never: ['-c', '--command'], ecosystem: 'system', install: 'Nix' },
  { program: 'valgrind', tool: 'Valgrind', category: 'test', ecosystem: 'system', only: ['--error-exitcode'], install: 'valgrind' },
  // What a project needs of others
  { program: 'grype', tool: 'Grype', category: 'security', ecosystem: 'system', only: ['--fail-on', '-f'], install: 'grype' },
  { program: 'osv-scanner', tool: 'OSV-Scanner', category: 'security', ecosystem: 'system', never: ['fix'], install: 'osv-scanner' },
  { program: 'go-licenses', tool: 'go-licenses', category: 'security', ecosystem: 'go', only: ['check'], install: 'github.com/google/go-licenses/v2@latest' },
  // Pages that were built
  { program: 'htmltest', tool: 'htmltest', category: 'lint', ecosystem: 'system', install: 'htmltest' },
  { program: 'htmlproofer', tool: 'HTMLProofer', category: 'lint', ecosystem: 'ruby', install: 'html-proofer' },
  // What else stands in a repository
  { program: 'ufmt', tool: 'µfmt', category: 'format', ecosystem: 'python', only: ['check'] },
  { program: 'cffconvert', tool: 'cffconvert', category: 'lint', ecosystem: 'python', only: ['--validate'], install: 'cffconvert' },
  { program: 'pyroma', tool: 'Pyroma', category: 'lint', ecosystem: 'python' },
  { program: 'slotscheck', tool: 'slotscheck', category: 'lint', ecosystem: 'python' },
  { program: 'runic', tool: 'Runic', category: 'format', ecosystem: 'system', only: ['--check', '-c'] },
  { program: 'google-java-format', tool: 'google-java-format', category: 'format', ecosystem: 'system', only: ['--set-exit-if-changed', '--dry-run', '-n'] },
  { program: 'linkspector', tool: 'Linkspector', category: 'lint', ecosystem: 'node', subcommand: 'check', install: '@umbrelladocs/linkspector' },
  { program: 'license-eye', tool: 'SkyWalking Eyes', category: 'lint', ecosystem: 'system', only: ['check'] },
  { program: 'kube-linter', tool: 'KubeLinter', category: 'lint', ecosystem: 'system', only: ['lint'] },
  { program: 'promtool', tool: 'promtool', category: 'lint', ecosystem: 'system', only: ['check', 'test'] },
];

/** Known from what CI and scripts call alone. */
export const CI_CHECKS: readonly Preset[] = ROWS.map(plainPreset);
