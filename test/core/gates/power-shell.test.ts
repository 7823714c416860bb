import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAzure } from '../../../src/core/gates/evidence/azure.js';
import { plainCalls } from '../../../src/core/gates/evidence/power-shell.js';
import { readAppVeyor } from '../../../src/core/gates/evidence/travis.js';
import type { Mention } from '../../../src/core/gates/mention.js';
import { CI, detected } from '../../support/detected.js';

const calls = (text: string) =>
  plainCalls(text.split('\n').map((each, index) => ({ text: each, line: index + 1 }))).map(({ text, line }) => `${line} ${text}`);
const texts = (mentions: readonly Mention[]) => mentions.map(({ command }) => (command.kind === 'shell' ? command.text : ''));

describe('A script of PowerShell', () => {
  it('says what its plain calls are', () => {
    assert.deepEqual(
      calls(`npm ci
# npx eslint old
npx eslint src --max-warnings 0 # all of it
.\\gradlew.bat check
& 'tools\\lint.exe' src\\app
dotnet test \`
  --configuration Release
cargo fmt --check && cargo test`),
      [
        '1 npm ci',
        '3 npx eslint src --max-warnings 0',
        '4 ./gradlew check',
        '5 tools/lint src/app',
        '7 dotnet test   --configuration Release'.replace('   ', ' '),
        '8 cargo fmt --check && cargo test',
      ],
    );
  });

  it('says nothing by what is more than a call', () => {
    for (const line of [
      '$env:CI = "1"',
      'eslint $files',
      'eslint src | Out-Null',
      'eslint src; exit 0',
      'Invoke-WebRequest https://example.org',
      'if ($x) { eslint src }',
      'eslint src > out.txt',
      'exit 1',
      'eslint "a$b"',
      'eslint src || exit 0',
      'eslint (Get-Item src)',
    ])
      assert.deepEqual(calls(line), [], line);
  });

  it('says nothing in blocks and texts of several lines, and goes on after them', () => {
    assert.deepEqual(
      calls('if ($a) {\n  ruff check\n}\nfunction f(\n  $x\n) {\n  mypy src\n}\n$t = @"\npytest\n"@\nruff format --check'),
      ['12 ruff format --check'],
    );
  });

  it('changes the directory as long as anybody knows where to', () => {
    assert.deepEqual(calls('Set-Location -Path web\\app\neslint src'), ['1 cd web/app', '2 eslint src']);
    assert.deepEqual(calls('ruff check\ncd $env:HOME\neslint src'), ['1 ruff check']);
    assert.deepEqual(calls('cd web\neslint src\nPop-Location\nruff check'), ['1 cd web', '2 eslint src']);
  });

  it('never makes a call of what it does not understand, and never throws', () => {
    const pieces = fc.constantFrom(
      ...['{', '}', '(', ')', '"', "'", '`', '$', '|', ';', ' ', '\n', '@"', '"@', 'npx eslint', '-x', '#', '&', '\\'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (all) => {
        for (const call of calls(all.join(''))) assert.doesNotMatch(call.replace(/"[^"]*"|'[^']*'/g, ''), /[$|;`{}()]/);
      }),
    );
  });
});

describe('Steps in PowerShell', () => {
  const workflow = (head: string, ...steps: readonly string[]) =>
    `on: pull_request\njobs:\n  check:\n${head}    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`;

  it('are checks where they call a known tool, whoever says that it is their shell', async () => {
    const script = (shell: string) =>
      `run: |\n          ruff check\n          if ($LASTEXITCODE -ne 0) {\n            mypy src\n          }${shell}`;
    for (const text of [
      workflow('', script('\n        shell: pwsh')),
      workflow('    defaults: { run: { shell: powershell } }\n', script('')),
      workflow('    runs-on: windows-latest\n', script('')),
    ])
      assert.deepEqual(
        (await detected({ [CI]: text })).map(({ id }) => id),
        ['ruff'],
        text,
      );
  });

  it('are not believed by their names where they do more than to call', async () => {
    const text = workflow(
      '',
      `name: Test everything\n        shell: pwsh\n        run: |\n          $x = Get-Item .\n          ./tool everything`,
    );
    assert.deepEqual(await detected({ [CI]: text, tool: '' }), []);
  });

  it('of Azure and AppVeyor are read alike', async () => {
    const azure =
      'steps:\n- pwsh: |\n    npx eslint src\n    $x = 1\n- task: PowerShell@2\n  inputs: { targetType: inline, script: mypy src }\n';
    const appVeyor = 'test_script:\n- ps: dotnet test\n- ps: $x = 1\n- cmd: npm test\n';
    const warn = () => {};
    assert.deepEqual(texts(await readAzure({ file: 'a.yml', text: azure, warn })), ['npx eslint src', 'mypy src']);
    assert.deepEqual(texts(readAppVeyor({ file: 'a.yml', text: appVeyor, warn })), ['dotnet test', 'npm test']);
  });
});
