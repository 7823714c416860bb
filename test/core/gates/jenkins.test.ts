import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readJenkinsfile } from '../../../src/core/gates/evidence/jenkins.js';
import { gatesOf } from '../../support/detected.js';

const read = (text: string) => readJenkinsfile({ file: 'Jenkinsfile', text, warn: () => {} });

/** `line stage(cwd): command` of each mention, and what is said of when it counts. */
function mentioned(text: string): readonly string[] {
  return read(text).map(({ line, name, cwd, command, reviewed, pushed, secret, step }) => {
    const when = reviewed ? '' : pushed ? ' (after push)' : ' (otherwise)';
    const said = `${secret ? ' (secret)' : ''}${step === undefined ? ' (aside)' : ''}`;
    return `${line} ${name}${cwd && `(${cwd})`}: ${command.kind === 'shell' ? command.text : ''}${when}${said}`;
  });
}

const stage = (...lines: readonly string[]) => `pipeline { stages { stage('Test') {\n${lines.join('\n')}\n} } }`;

describe('A Jenkinsfile', () => {
  it('has the literal texts of its steps, each with its stage and its folder', () => {
    const text = `#!/usr/bin/env groovy
pipeline {
  agent { docker { image 'node:22'; args '-v /tmp:/tmp' } }
  environment { RUSTFLAGS = '-D warnings' }
  stages {
    stage('Install') { steps { sh 'npm ci' } }
    stage('All') {
      parallel {
        stage("Lint") { steps { sh "npm run lint" } }
        stage('Unit') {
          steps {
            // sh 'npm run old'
            dir('web/app') {
              sh '''
                npm test
                npx tsc --noEmit
              '''
            }
            sh(script: 'ruff check', label: 'Style')
            /* sh 'no' */
          }
        }
      }
    }
  }
}
`;
    assert.deepEqual(mentioned(text), [
      '6 Install: npm ci',
      '9 Lint: npm run lint',
      '15 Unit(web/app): npm test',
      '16 Unit(web/app): npx tsc --noEmit',
      '19 Unit: ruff check',
    ]);
    assert.deepEqual(read(text)[0]?.env, { RUSTFLAGS: '-D warnings' });
    assert.equal(read(text).at(-1)?.step?.name, 'Style');
  });

  it('of scripts is read alike', () => {
    const text = `node('linux') {
  checkout scm
  stage('Check') {
    timeout(time: 10, unit: 'MINUTES') { withEnv(["A=b"]) { sh './gradlew check' } }
    parallel unit: { sh 'pytest' }, style: { sh 'ruff check' }
  }
}`;
    assert.deepEqual(mentioned(text), ['4 Check: ./gradlew check', '5 Check: pytest', '5 Check: ruff check']);
  });

  it('says nothing by what only the program knows', () => {
    for (const step of [
      'sh "make " + target',
      'sh command',
      "def out = sh(script: 'ruff check', returnStdout: true)",
      "sh(script: 'ruff check', returnStatus: true)",
      "runTests('ruff check')",
      "dir(folder) { sh 'ruff check' }",
      "ws('/tmp/x') { sh 'ruff check' }",
      "echo 'sh ruff check'",
    ])
      assert.deepEqual(mentioned(stage(`steps {\n${step}\n}`)), [], step);
    assert.deepEqual(mentioned(stage('steps { sh "ruff check ${env.FLAGS} \\$HOME $x.y" }')), [
      '2 Test: ruff check $EXPRESSION $HOME $EXPRESSION',
    ]);
  });

  it('says for which changes a stage runs', () => {
    const table: readonly (readonly [string, string])[] = [
      ["branch 'main'", ' (after push)'],
      ['changeRequest()', ''],
      ["not { branch 'main' }", ''],
      ["anyOf { branch 'main'; changeRequest() }", ''],
      ['buildingTag()', ' (otherwise)'],
      ['expression { params.FULL }', ' (otherwise)'],
      ["changeset 'src/**'", ''],
    ];
    for (const [condition, expected] of table)
      assert.deepEqual(
        mentioned(stage(`when { ${condition} }`, "steps { sh 'ruff check' }")),
        [`3 Test: ruff check${expected}`],
        condition,
      );
    assert.deepEqual(mentioned(stage("steps { script { if (params.X) { sh 'ruff check' } } }")), [
      '2 Test: ruff check (otherwise)',
    ]);
    assert.deepEqual(mentioned("def check() {\n  sh 'ruff check'\n}"), ['2 pipeline: ruff check (otherwise)']);
  });

  it('says what may fail, and what is given a secret', () => {
    assert.deepEqual(mentioned(stage("steps { catchError { sh 'ruff check' } }")), ['2 Test: ruff check (aside)']);
    assert.deepEqual(mentioned(stage("steps { sh 'pytest' }", "post { always { sh 'ruff check' } }")), [
      '2 Test: pytest',
      '3 Test: ruff check (aside)',
    ]);
    assert.deepEqual(mentioned(stage("steps { withCredentials([string(credentialsId: 'a', variable: 'B')]) { sh 'pytest' } }")), [
      '2 Test: pytest (secret)',
    ]);
    assert.deepEqual(
      mentioned(stage("environment { KEY = credentials('key') }", "steps { sh 'pytest --key $KEY'\nsh 'ruff check' }")),
      ['3 Test: pytest --key $KEY (secret)', '4 Test: ruff check'],
    );
  });

  it('has the plain calls of steps for Windows', () => {
    assert.deepEqual(mentioned(stage("steps { bat 'call gradlew.bat check'\npowershell 'npx eslint src'\npwsh '$x = 1' }")), [
      '2 Test: gradlew check',
      '3 Test: npx eslint src',
    ]);
  });

  it('makes gates as any other pipeline does', async () => {
    const files = {
      Jenkinsfile:
        "pipeline { agent any\nstages {\nstage('Lint') { steps { sh 'npm run lint:js' } }\nstage('Deploy') { steps { sh 'npm test' } }\nstage('Release') { when { branch 'main' }\nsteps { sh 'npm publish' } } } }",
      'package.json':
        '{ "scripts": { "lint:js": "eslint src", "test": "mocha" }, "devDependencies": { "eslint": "9", "mocha": "11" } }',
    };
    assert.deepEqual(
      (await gatesOf(files)).map((each) => each.split(':')[0]),
      ['eslint', 'mocha'],
    );
  });

  it('never throws, and each mention stands in the file', () => {
    const pieces = fc.constantFrom(
      ...[
        "stage('a') {",
        'sh ',
        "'x'",
        '"y${',
        '}',
        '}',
        "'''",
        '"""',
        '(',
        ')',
        '\n',
        'when {',
        'environment {',
        'A = ',
        'dir("b") {',
        '//',
        '/*',
        '\\',
        'script: ',
        ',',
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (all) => {
        const text = all.join('');
        for (const { line = 0 } of read(text)) assert.ok(line >= 1 && line <= text.split('\n').length);
      }),
    );
  });
});
