/** Checks of Python projects that a row of words cannot tell. Pure. */
import { definePreset, type Preset } from './preset.js';
import { newPreset } from './script-unknown.js';

/** `towncrier check` looks for news of what was changed; `build --draft` shows whether news can be made of what there is. */
const TOWNCRIER = definePreset({
  id: 'towncrier',
  tool: 'towncrier',
  category: 'lint',
  ecosystem: 'python',
  documentation: '',
  programs: ['towncrier'],
  packages: ['towncrier'],
  detectedBy: 'command only',
  subcommands: ['check', 'build', 'create'],
  valueOptions: ['--compare-with', '--config', '--dir', '--name', '--version', '--date'],
  isCheck: (args) => args[0] === 'check' || (args[0] === 'build' && args.includes('--draft')),
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'none',
  install: 'pip install towncrier',
});

/** What setuptools says of the description of a package; only where it is strict, it fails for that. */
const SETUP_CHECK = definePreset({
  id: 'setup-py-check',
  tool: 'setup.py check',
  category: 'lint',
  ecosystem: 'python',
  documentation: '',
  programs: ['python', 'python3'],
  detectedBy: 'command only',
  isCalledBy: (args) => args[0] === 'setup.py' && args.includes('check'),
  isCheck: (args) => args.slice(args.indexOf('check')).some((arg) => arg === '--strict' || /^-[mr]*s[mr]*$/.test(arg)),
  inputs: ['setup.py', 'setup.cfg', 'pyproject.toml', '*.rst', '*.md'],
  exitCodes: { passed: [0], failed: [1, 2] },
  parser: 'none',
  install: 'pip install setuptools docutils',
});

/** In the order in which they are looked for. */
export const PYTHON_CHECKS: readonly Preset[] = [TOWNCRIER, SETUP_CHECK];

/**
 * The check that a program of Python is which only imports: that what was installed can be. `title`: of the step of CI that runs it; where
 * it shows something besides, the title has to say that this is a check. Undefined for any other call.
 */
export function importCheck(program: string, args: readonly string[], title: string): Preset | undefined {
  if (!/^python[\d.]*$/.test(program)) return undefined;
  const code = args[args.findIndex((arg) => /^-[A-Za-z]*c$/.test(arg)) + 1] ?? '';
  const statements = args.some((arg) => /^-[A-Za-z]*c$/.test(arg)) ? code.split(/[;\n]/).map((each) => each.trim()) : [];
  const said = statements.filter((each) => each !== '');
  const [first = ''] = said;
  const isImport = (each: string) => /^(?:import|from)\s+[\w.]/.test(each);
  const isCheck = /\b(?:import\w*|verif\w+|ensure|check|smoke|test)\b/i.test(title);
  const onlyImports = said.every(isImport) && (title === '' || isCheck);
  if (!isImport(first) || !(onlyImports || (isCheck && said.every((each) => isImport(each) || /^print\(/.test(each)))))
    return undefined;
  return { ...newPreset('python-import', { program, name: `python ${first}` }, 'test', 'python'), install: 'Install Python' };
}

/** The tests of a package that are a module of it, and run when Python is told to run that: `python -m tornado.test`. */
export function testsOfModule(name: string): Preset | undefined {
  if (!/^(?:\w+\.)+(?:tests?|testing|selftests?|testsuite|test_?all|all_?tests|run_?tests)(?:\.__main__)?$/i.test(name))
    return undefined;
  const known = SUITES.get(name);
  if (known) return known;
  const preset: Preset = {
    ...newPreset('python-tests', { program: 'python', name: `python -m ${name}` }, 'test', 'python'),
    install: 'Install Python',
  };
  SUITES.set(name, preset);
  return preset;
}

/** Calls of one suite have one row. */
const SUITES = new Map<string, Preset>();
