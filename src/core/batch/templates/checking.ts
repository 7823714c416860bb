/** Templates for checks: what is there, how fast it is, and a change that has to prove itself. Pure. */
import { type BatchTemplate, STAND_IN_HINT, standIn } from './template.js';

const VALIDATION: BatchTemplate = {
  id: 'validation',
  title: 'Parallel validation',
  description: 'Tests, lint, types and security at the same time, each with its own outcome, and one report of all of them.',
  text: `// Parallel validation: all checks at the same time. The batch fails when a check does, and the report is written all the same.
// Change the commands to those of your project. (For checks that Volley finds by itself, "volley run" needs no batch.)
{
  "name": "Parallel validation",
  "operations": [
    {
      "id": "checks",
      "limit": 4,
      "parallel": [
        // "continue": what needs its result runs also when it fails, here the report.
        { "id": "tests", "tool": "command", "input": { "argv": ["npx", "mocha", "--reporter", "tap"] }, "onFailure": "continue", "timeout": 300, "reads": ["**"], "writes": [] },
        { "id": "lint", "tool": "command", "input": { "argv": ["npx", "eslint", "src", "test"] }, "onFailure": "continue" },
        { "id": "types", "tool": "command", "input": { "argv": ["npx", "tsc", "-p", ".", "--noEmit"] }, "onFailure": "continue" },
        {
          "id": "security",
          "parallel": [
            { "id": "secrets", "tool": "grep", "input": { "pattern": "(password|secret|api_?key|token) *[:=] *['\\"][^'\\"]{8,}", "ignoreCase": true, "glob": ["!package-lock.json", "!*.batch.jsonc"] } },
            { "id": "dangerous", "tool": "grep", "input": { "pattern": "\\\\beval[(]|new Function[(]|child_process", "paths": "src" } },
            {
              // Everything in the lock file has to come from the registry, with a checksum.
              "id": "origins",
              "tool": "command",
              "input": {
                "argv": [
                  "node",
                  "-e",
                  "const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8')); const odd = Object.entries(packages).filter(([name, { link, integrity }]) => name.startsWith('node_modules') && !link && !integrity); console.log(odd.length + ' packages without a checksum'); process.exitCode = odd.length > 0 ? 1 : 0"
                ]
              },
              "reads": ["package-lock.json"],
              "writes": [],
              "onFailure": "continue"
            }
            // With a registry at hand also this; it is asked again when the network fails:
            // , { "id": "audit", "tool": "command", "input": { "argv": ["npm", "audit", "--audit-level", "high"] }, "retries": { "times": 2, "backoff": 2 } }
          ]
        }
      ]
    },
    {
      "id": "report",
      "tool": "write",
      "input": {
        "path": "reports/validation.md",
        "content": "# Validation\\n\\n| check | exit code |\\n| --- | --- |\\n| tests | \${tests.exitCode} |\\n| lint | \${lint.exitCode} |\\n| types | \${types.exitCode} |\\n| origins | \${origins.exitCode} |\\n\\n## Possible secrets\\n\\n\${secrets.output}\\n## Dangerous calls\\n\\n\${dangerous.output}\\n## Lint\\n\\n\${lint.output}\\n## Types\\n\\n\${types.output}\\n## Tests\\n\\n\${tests.output}"
      }
    }
  ]
}
`,
};

const PERFORMANCE: BatchTemplate = {
  id: 'performance',
  title: 'Performance assessment',
  description: 'Measures under a lock while nothing else measures, looks for costly code meanwhile, and weighs both.',
  text: `// Performance assessment: budgets that have to hold, and places that may cost. Each operation's duration stands in the timing panel;
// "volley verify" measures it repeatedly.
// Change the list of modules and the budget, or put a benchmark of your own in place of the loading.
{
  "name": "Performance assessment",
  "operations": [
    {
      "id": "assessment",
      "limit": 4,
      "parallel": [
        {
          // The lock keeps measurements apart from each other: only one of them has it at a time.
          "id": "loading",
          "matrix": { "module": ["money", "invoice", "render"] },
          "tool": "command",
          "input": {
            "argv": [
              "node",
              "--import",
              "tsx",
              "-e",
              "const [file, budget] = process.argv.slice(1); const start = performance.now(); import(url.pathToFileURL(file)).then(() => { const ms = performance.now() - start; const fits = ms < Number(budget); console.log(file + (fits ? ' is within ' : ' is over ') + budget + ' ms'); process.exitCode = fits ? 0 : 1 })",
              "src/\${matrix.module}.ts",
              "20000"
            ]
          },
          "locks": ["measuring"],
          "reads": ["src", "package.json", "tsconfig.json"],
          "writes": [],
          // A busy machine is no finding: it is measured again.
          "retries": { "times": 2, "backoff": 0.5 }
        },
        { "id": "synchronous", "tool": "grep", "input": { "pattern": "(read|write|exec|spawn)[A-Za-z]*Sync[(]", "paths": "src" } },
        { "id": "repeated", "tool": "grep", "input": { "pattern": "await .*(map|forEach)[(]|for .*await", "paths": "src" } },
        { "id": "parsing", "tool": "grep", "input": { "pattern": "JSON[.](parse|stringify)|new RegExp", "paths": "src" } },
        {
          "id": "largest",
          "tool": "command",
          "input": {
            "argv": [
              "node",
              "-e",
              "const files = fs.readdirSync('src').filter((name) => name.endsWith('.ts')).map((name) => [fs.statSync('src/' + name).size, name]).sort((a, b) => b[0] - a[0]); for (const [bytes, name] of files.slice(0, 5)) console.log(bytes + ' bytes ' + name)"
            ]
          },
          "reads": ["src"],
          "writes": []
        }
      ]
    },
    {
      "id": "advice",
      "tool": "agent",
      "input": {
        "prompt": "Where is time lost, and what is worth changing first?\\n\\nLoading:\\n\${loading.output}\\n\\nSynchronous calls:\\n\${synchronous.output}\\n\\nOne after another:\\n\${repeated.output}\\n\\nParsing:\\n\${parsing.output}\\n\\nLargest:\\n\${largest.output}",
        ${STAND_IN_HINT}
        "agent": ${standIn("'All budgets hold; the evidence has ' + words + ' words.'")}
      },
      "reads": ["src"],
      "writes": []
    }
  ]
}
`,
};

const TDD: BatchTemplate = {
  id: 'tdd',
  title: 'Test-driven cycle',
  description: 'Writes a test that has to fail first, then the code that makes it pass, all or nothing, then looks around.',
  text: `// A test-driven cycle: red, green, then everything else. When the code does not make the test pass, it is put back as it was.
// Change the test, the code, and the two paths; or let an agent write the code.
{
  "name": "Test-driven cycle",
  "operations": [
    {
      "id": "cycle",
      // All files of the cycle end as before when anything in it does not pass.
      "atomic": true,
      "sequence": [
        {
          "id": "test",
          "tool": "write",
          "input": {
            "path": "test/discount.test.mjs",
            "content": "import assert from 'node:assert/strict';\\nimport test from 'node:test';\\nimport { discount } from '../src/discount.mjs';\\n\\ntest('takes a share off, rounded to whole cents', () => {\\n  assert.equal(discount(999, 0.1), 899);\\n});\\n\\ntest('takes nothing off a small amount', () => {\\n  assert.equal(discount(100, 0.1), 100);\\n});\\n"
          }
        },
        {
          // Passes when the test fails, as it has to before there is any code: else it would test nothing.
          "id": "red",
          "tool": "command",
          "input": {
            "argv": [
              "node",
              "-e",
              "const { status } = child_process.spawnSync(process.execPath, ['--test', ...process.argv.slice(1)]); console.log(status === 0 ? 'it passes already' : 'it fails, as it should'); process.exitCode = status === 0 ? 1 : 0",
              "test/discount.test.mjs"
            ]
          },
          "reads": ["src", "test"],
          // In an atomic group each command has to say what it writes, so that this can be put back.
          "writes": []
        },
        {
          // Or an agent: {"id": "code", "tool": "agent", "input": {"agent": "claude", "prompt": "Make test/discount.test.mjs pass."}, "reads": ["src", "test"], "writes": ["src"]}
          "id": "code",
          "tool": "write",
          "input": {
            "path": "src/discount.mjs",
            "content": "/** An amount in cents less a share of it; what is below five euros is not reduced. */\\nexport function discount(cents, share) {\\n  return cents < 500 ? cents : Math.round(cents * (1 - share));\\n}\\n"
          }
        },
        {
          "id": "green",
          "tool": "command",
          "input": { "argv": ["node", "--test", "--test-reporter", "dot", "test/discount.test.mjs"] },
          "reads": ["src", "test"],
          "writes": []
        }
      ]
    },
    {
      // What was there before, at the same time.
      "id": "refactor",
      "needs": ["cycle"],
      "parallel": [
        { "id": "others", "tool": "command", "input": { "argv": ["node", "--import", "tsx", "--test", "--test-reporter", "dot", "test/integration/render.test.ts"] }, "reads": ["**"], "writes": [] },
        { "id": "style", "tool": "command", "input": { "argv": ["npx", "prettier", "--check", "src/discount.mjs"] } },
        { "id": "alike", "tool": "grep", "input": { "pattern": "discount|Math[.]round", "paths": "src" } }
      ]
    }
  ]
}
`,
};

export const CHECKING: readonly BatchTemplate[] = [VALIDATION, PERFORMANCE, TDD];
