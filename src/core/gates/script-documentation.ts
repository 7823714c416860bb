/** Documentation that is built to find what is wrong with it: broken links, warnings as errors, examples that fail. Pure. */
import type { Category } from '../gate-model.js';
import { definePreset, type Preset } from './preset.js';

/** Checks of documentation, of which only the exit code is read. One call of Sphinx a builder: each looks for something else. */
export const DOCUMENTATION_CHECKS: readonly Preset[] = [
  sphinx('sphinx-build', 'Sphinx doctest', 'test', (builder) => builder === 'doctest'),
  sphinx('sphinx-linkcheck', 'Sphinx linkcheck', 'lint', (builder) => builder === 'linkcheck'),
  sphinx('sphinx-spelling', 'Sphinx spelling', 'lint', (builder) => builder === 'spelling'),
  sphinx('sphinx-coverage', 'Sphinx coverage', 'lint', (builder) => builder === 'coverage'),
  sphinx('sphinx', 'Sphinx', 'lint', (_, args) => args.some((arg) => arg === '--fail-on-warning' || /^-[a-zA-Z]*W/.test(arg))),
  definePreset({
    id: 'mkdocs',
    tool: 'MkDocs',
    category: 'lint',
    ecosystem: 'python',
    documentation: '',
    programs: ['mkdocs'],
    isCalledBy: (args) => isDocumentationBuild('mkdocs', args) && args.some((arg) => arg === '--strict' || arg === '-s'),
    detectedBy: 'command only',
    isCheck: () => true,
    exitCodes: { passed: [0], failed: [1] },
    parser: 'none',
    install: 'pip install mkdocs',
  }),
  // Which targets look for something by their names is known without.
  definePreset({
    id: 'make-html',
    tool: 'Sphinx by make',
    category: 'lint',
    ecosystem: 'system',
    documentation: '',
    programs: ['make'],
    isCalledBy: (args) =>
      args.some((arg) => /^(?:SPHINXOPTS|O)=(?:.*\s)?-[a-zA-Z]*W/.test(arg)) &&
      args.some((arg) => /^(?:html|dirhtml|singlehtml)$/.test(arg)),
    detectedBy: 'command only',
    isCheck: () => true,
    exitCodes: { passed: [0], failed: [1, 2] },
    parser: 'none',
    install: 'pip install sphinx',
  }),
];

/** Whether the call makes pages of documentation, whatever it finds wrong with them. */
export function isDocumentationBuild(program: string, args: readonly string[]): boolean {
  return (
    program === 'sphinx-build' ||
    program === 'sphinx' ||
    (/^(?:mkdocs|mdbook|zensical|jupyter-book|vitepress|vuepress|docusaurus|jekyll|zola)$/.test(program) &&
      args[0] === 'build') ||
    // Also as a tool of .NET. What it serves has no end.
    (program === 'docfx' && !isServed(args)) ||
    (program === 'dotnet' && args[0] === 'docfx' && !isServed(args)) ||
    (program === 'quarto' && args[0] === 'render') ||
    (program === 'hugo' && args.every((arg) => arg.startsWith('-')) && !asksOnly(args)) ||
    (program === 'documentation' && args[0] === 'build' && !asksOnly(args)) ||
    (/^(?:antora|typedoc|doxygen|jsdoc|esdoc|docco)$/.test(program) && !asksOnly(args))
  );
}

/** Whether it is asked for itself, told to write a configuration, or goes on for ever. */
function asksOnly(args: readonly string[]): boolean {
  return args.some((arg) => /^(?:-[vhVglwe]|--(?:version|help|watch|init|showConfig))$/.test(arg));
}

function isServed(args: readonly string[]): boolean {
  return args.some((arg) => /^(?:serve|--serve|-s|init|new|--help|-h|--version)$/.test(arg));
}

function sphinx(
  id: string,
  tool: string,
  category: Category,
  isMeant: (builder: string, args: readonly string[]) => boolean,
): Preset {
  return definePreset({
    id,
    tool,
    category,
    ecosystem: 'python',
    documentation: '',
    // The second as a module.
    programs: ['sphinx-build', 'sphinx'],
    isCalledBy: (args) => isMeant(builderOf(args), args),
    detectedBy: 'command only',
    isCheck: () => true,
    exitCodes: { passed: [0], failed: [1, 2] },
    parser: 'none',
    install: 'pip install sphinx',
  });
}

/** What a call of `sphinx-build` makes: `-b doctest`, `-bdoctest`, `--builder=doctest`, or `-M doctest`. */
function builderOf(args: readonly string[]): string {
  const at = args.findIndex((arg) => /^(?:-[bM]|--builder)/.test(arg));
  const inline = /^(?:-[bM]|--builder=)(.+)$/.exec(args[at] ?? '')?.[1];
  return (at < 0 ? undefined : (inline ?? args[at + 1])) ?? 'html';
}
