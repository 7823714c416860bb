/** Templates for work in several steps, by several agents. Pure. */
import { type BatchTemplate, STAND_IN_HINT, standIn } from './template.js';

const FAN_OUT: BatchTemplate = {
  id: 'fan-out',
  title: 'Agent fan-out',
  description: 'One agent for each file, watched, tried again and each answer validated; what is valid is merged.',
  text: `// Agent fan-out: one agent a file, at most three at once. Each is shown with its status while it works, and stopped with the batch.
// Change the files (or say {"glob": "src/**/*.ts"}), the question, and the form that an answer has to have (here in the prompt, and in "valid").
{
  "name": "Agent fan-out",
  "operations": [
    {
      // Each file goes on to its validation as soon as its own agent has answered.
      "id": "reviews",
      "over": ["src/invoice.ts", "src/outbox.ts", "src/reminder.ts", "src/tax.ts"],
      "limit": 3,
      "pipeline": [
        {
          "id": "review",
          "tool": "agent",
          "input": {
            "prompt": "Review \${item}. Answer {\\"file\\": …, \\"risk\\": \\"low\\" | \\"medium\\" | \\"high\\", \\"findings\\": […]}.",
            "json": true,
            ${STAND_IN_HINT}
            // It is given the file as an argument; an agent takes it from the prompt.
            "agent": { "argv": ["node", "-e", "const [file] = process.argv.slice(1); const text = fs.readFileSync(file, 'utf8'); const findings = text.match(/ == | let /g) ?? []; console.log(JSON.stringify({ file, risk: findings.length > 0 ? 'medium' : 'low', findings }))", "\${item}"] }
          },
          "reads": ["\${item}"],
          "writes": [],
          // One that hangs is stopped; one that fails, or answers something else than JSON, is asked again, after 1 and 2 seconds.
          "timeout": 300,
          "retries": { "times": 2, "backoff": 1 },
          // One that never answers costs only its own answer.
          "onFailure": "continue"
        },
        {
          // Refuses what has not the form that was asked for.
          "id": "valid",
          "tool": "command",
          "input": {
            "argv": [
              "node",
              "-e",
              "const [file, answer] = process.argv.slice(1); const { file: named, risk, findings } = JSON.parse(answer); if (named !== file || !['low', 'medium', 'high'].includes(risk) || !Array.isArray(findings)) throw new Error('not the form that was asked for'); console.log(file + ': ' + risk + ', ' + findings.length + ' findings')",
              "\${item}",
              "\${review.output}"
            ]
          },
          "reads": [],
          "writes": [],
          "onFailure": "continue"
        }
      ]
    },
    {
      // How many of the answers can be relied on.
      "id": "status",
      "tool": "command",
      "input": {
        "argv": ["node", "-e", "const codes = process.argv[1].match(/-?[0-9]+|null/g); console.log(codes.filter((code) => code === '0').length + ' of ' + codes.length + ' answers are valid')", "Exit codes: \${valid.exitCode}"]
      },
      "reads": [],
      "writes": []
    },
    {
      "id": "report",
      "tool": "write",
      "input": { "path": "reports/reviews.md", "content": "# Reviews\\n\\n\${status.output}\\n\${valid.output}" }
    }
  ]
}
`,
};

const PHASES: BatchTemplate = {
  id: 'phases',
  title: 'Phased workflow',
  description: 'Phases one after another, in each of them groups of steps at the same time.',
  text: `// A phased workflow: each phase begins when the one before it has passed; within a phase, steps run at the same time.
// Change the steps; phases and groups nest to any depth.
{
  "name": "Phased workflow",
  "operations": [
    {
      "id": "workflow",
      "sequence": [
        {
          "id": "phase-1-understand",
          "limit": 3,
          "parallel": [
            { "id": "project", "tool": "read", "input": { "path": "package.json" } },
            { "id": "sources", "tool": "glob", "input": { "patterns": "src/**/*.ts" } },
            { "id": "api", "tool": "grep", "input": { "pattern": "^export ", "paths": "src" } }
          ]
        },
        {
          "id": "phase-2-produce",
          "parallel": [
            {
              // A group in a group: its steps in order, beside the other group.
              "id": "documents",
              "sequence": [
                { "id": "api-page", "tool": "write", "input": { "path": "reports/site/api.md", "content": "# API\\n\\n\${api.output}" } },
                { "id": "index-page", "tool": "write", "input": { "path": "reports/site/index.md", "content": "# Project\\n\\n- [API](api.md)\\n- [Sources](sources.md)\\n" } }
              ]
            },
            {
              "id": "listing",
              "sequence": [
                { "id": "sources-page", "tool": "write", "input": { "path": "reports/site/sources.md", "content": "# Sources\\n\\n\${sources.output}" } }
              ]
            }
          ]
        },
        {
          "id": "phase-3-verify",
          "parallel": [
            { "id": "titles", "tool": "grep", "input": { "pattern": "^# ", "paths": "reports/site" } },
            {
              "id": "links",
              "tool": "command",
              "input": {
                "argv": [
                  "node",
                  "-e",
                  "const text = fs.readFileSync('reports/site/index.md', 'utf8'); const missing = [...text.matchAll(/[(]([a-z]+[.]md)[)]/g)].map((match) => match[1]).filter((name) => !fs.existsSync('reports/site/' + name)); if (missing.length > 0) throw new Error('missing: ' + missing); console.log('all links lead somewhere')"
                ]
              },
              "reads": ["reports/site"],
              "writes": []
            }
          ]
        },
        {
          // Both or none. The lock holds across windows and terminals: nobody else publishes meanwhile.
          "id": "phase-4-publish",
          "atomic": true,
          "parallel": [
            { "id": "page", "tool": "command", "input": { "argv": ["node", "-e", "fs.cpSync('reports/site', 'reports/published', { recursive: true })"] }, "locks": ["publish"], "reads": ["reports/site"], "writes": ["reports/published"] },
            { "id": "record", "tool": "write", "input": { "path": "reports/published.json", "content": "{ \\"project\\": \\"\${project.json.name}\\", \\"links\\": \\"checked\\" }\\n" }, "needs": ["links"], "locks": ["publish"] }
          ]
        }
      ]
    }
  ]
}
`,
};

const SESSION: BatchTemplate = {
  id: 'session',
  title: 'Session snapshot and restore',
  description: 'Keeps a copy of the files and of what is known, lets an agent work, and restores the copy when a check fails.',
  text: `// Session snapshot and restore: before an agent works, a copy is made; when the check after it fails, the copy is put back.
// Change "src" to what the agent may change, the agent, and the check. The snapshot stays in .session: to go back later, copy
// .session/src over src.
{
  "name": "Session snapshot and restore",
  "operations": [
    {
      "id": "snapshot",
      "parallel": [
        {
          "id": "files",
          "tool": "command",
          "input": { "argv": ["node", "-e", "fs.rmSync('.session/src', { recursive: true, force: true }); fs.cpSync('src', '.session/src', { recursive: true }); console.log('kept')"] },
          "reads": ["src"],
          "writes": [".session/src"]
        },
        {
          // What whoever takes over has to know.
          "id": "known",
          "sequence": [
            {
              "id": "facts",
              "parallel": [
                { "id": "names", "tool": "glob", "input": { "patterns": "src/**/*" } },
                { "id": "open", "tool": "grep", "input": { "pattern": "TODO|FIXME", "paths": "src" } }
                // In a git repository also:
                // , { "id": "state", "tool": "command", "input": { "argv": ["git", "status", "--short", "--branch"] } }
              ]
            },
            { "id": "notes", "tool": "write", "input": { "path": ".session/notes.md", "content": "# Session\\n\\n## Files\\n\\n\${names.output}\\n## Open\\n\\n\${open.output}" } }
          ]
        }
      ]
    },
    {
      "id": "work",
      "needs": ["snapshot"],
      "tool": "agent",
      "input": {
        "prompt": "Add src/version.mjs, which exports the version of package.json.\\n\\nWhat is known:\\n\${names.output}",
        ${STAND_IN_HINT}
        "agent": { "argv": ["node", "-e", "const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8')); fs.writeFileSync('src/version.mjs', 'export const VERSION = ' + JSON.stringify(version) + ';'); console.log('written')"] }
      },
      "reads": ["src", "package.json"],
      "writes": ["src"],
      // When it breaks off, the check decides about what it left.
      "onFailure": "continue"
    },
    {
      "id": "check",
      "needs": ["work"],
      "tool": "command",
      "input": { "argv": ["node", "--check", "src/version.mjs"] },
      "reads": ["src"],
      "writes": [],
      "onFailure": "continue"
    },
    {
      "id": "restore",
      "needs": ["snapshot"],
      "tool": "command",
      "input": {
        "argv": [
          "node",
          "-e",
          "if (process.argv[1] === '--check=0') { console.log('passed: the work stays') } else { fs.rmSync('src', { recursive: true, force: true }); fs.cpSync('.session/src', 'src', { recursive: true }); console.log('failed: restored') }",
          "--",
          "--check=\${check.exitCode}"
        ]
      },
      "reads": ["src", ".session"],
      "writes": ["src"]
    }
  ]
}
`,
};

const PIPELINE: BatchTemplate = {
  id: 'pipeline',
  title: 'Pipeline',
  description: 'Items flow through read, parse, validate and report, each on to the next stage as soon as it is ready.',
  text: `// A pipeline: each file goes through all stages by itself. A slow file holds up no other one, unlike stages one after another.
// Change the glob and what the stages do. "\${item}" is the file; a stage refers to an earlier one by its id and gets that of its own file.
{
  "name": "Pipeline",
  "operations": [
    {
      "id": "files",
      "over": { "glob": "src/**/*.ts" },
      // At most so many files at once.
      "limit": 4,
      "pipeline": [
        { "id": "read", "tool": "read", "input": { "path": "\${item}" } },
        { "id": "parse", "tool": "grep", "input": { "pattern": "^(import|export) .*from '", "paths": "\${item}" } },
        {
          // What it imports from its own project has to be there.
          "id": "validate",
          "tool": "command",
          "input": {
            "argv": [
              "node",
              "-e",
              "const [file, found, text] = process.argv.slice(1); const imports = [...found.matchAll(/from '([^']+)'/g)].map((match) => match[1]); const missing = imports.filter((name) => name.startsWith('.') && !fs.existsSync(path.join(path.dirname(file), name.replace(/[.]js$/, '.ts')))); if (missing.length > 0) throw new Error(file + ' imports what is not there: ' + missing); console.log(file + ': ' + text.match(/$/gm).length + ' lines, ' + imports.length + ' imports')",
              "\${item}",
              "\${parse.output}",
              "\${read.output}"
            ]
          },
          "reads": ["src", "test"],
          "writes": []
        },
        { "id": "report", "tool": "write", "input": { "path": "reports/files/\${item}.md", "content": "\${validate.output}" } }
      ]
    },
    // From outside, an id of a stage stands for all items.
    { "id": "summary", "tool": "write", "input": { "path": "reports/files.md", "content": "# Files\\n\\n\${validate.output}" } }
  ]
}
`,
};

const worker = (what: string) => standIn(`'${what} after ' + words + ' words.'`);

const HIERARCHY: BatchTemplate = {
  id: 'hierarchy',
  title: 'Hierarchical coordination',
  description: 'A coordinator divides the work, leads hand it to their workers at the same time, and results come back up.',
  text: `// Hierarchical coordination: a coordinator, two teams at the same time, each with a lead and workers.
// Change the goal, the teams and what each may read. Workers that write say so in "writes": those of them that touch the same files
// then run one after another.
{
  "name": "Hierarchical coordination",
  "operations": [
    { "id": "ground", "tool": "glob", "input": { "patterns": ["src/**/*.ts", "test/**/*.ts"] } },
    {
      // Its answer is data: each team is given its own part of it.
      "id": "coordinator",
      "tool": "agent",
      "input": {
        "prompt": "Goal: invoices in other currencies. Divide it: {\\"code\\": …, \\"tests\\": …}, a task for each team.\\n\\nFiles:\\n\${ground.output}",
        "json": true,
        ${STAND_IN_HINT}
        "agent": ${standIn("JSON.stringify({ code: 'find what assumes one currency', tests: 'find what is not tested' })")}
      },
      "reads": ["src", "test"],
      "writes": [],
      "retries": { "times": 2, "backoff": 1 }
    },
    {
      "id": "teams",
      "limit": 2,
      "parallel": [
        {
          "id": "code-team",
          "sequence": [
            {
              "id": "code-workers",
              "limit": 3,
              "parallel": [
                {
                  "id": "code-worker",
                  "matrix": { "file": ["src/money.ts", "src/invoice.ts", "src/tax.ts"] },
                  "tool": "agent",
                  "input": {
                    "prompt": "Task: \${coordinator.json.code}. Your file: \${matrix.file}.",
                    ${STAND_IN_HINT}
                    "agent": ${worker('Looked')}
                  },
                  "reads": ["\${matrix.file}"],
                  "writes": []
                }
              ]
            },
            {
              "id": "code-lead",
              "tool": "agent",
              "input": {
                "prompt": "Join what your workers found into one list.\\n\\n\${code-worker.output}",
                ${STAND_IN_HINT}
                "agent": ${worker('Joined')}
              },
              "reads": ["src"],
              "writes": []
            }
          ]
        },
        {
          "id": "test-team",
          "sequence": [
            {
              "id": "test-workers",
              "limit": 3,
              "parallel": [
                {
                  "id": "test-worker",
                  "matrix": { "file": { "glob": "test/unit/*.ts" } },
                  "tool": "agent",
                  "input": {
                    "prompt": "Task: \${coordinator.json.tests}. Your file: \${matrix.file}.",
                    ${STAND_IN_HINT}
                    "agent": ${worker('Looked')}
                  },
                  "reads": ["\${matrix.file}", "src"],
                  "writes": []
                }
              ]
            },
            {
              "id": "test-lead",
              "tool": "agent",
              "input": {
                "prompt": "Join what your workers found into one list.\\n\\n\${test-worker.output}",
                ${STAND_IN_HINT}
                "agent": ${worker('Joined')}
              },
              "reads": ["test"],
              "writes": []
            }
          ]
        }
      ]
    },
    {
      "id": "decision",
      "tool": "agent",
      "input": {
        "prompt": "What is done first, and by whom?\\n\\nCode:\\n\${code-lead.output}\\nTests:\\n\${test-lead.output}",
        ${STAND_IN_HINT}
        "agent": ${worker('Decided')}
      },
      "reads": [],
      "writes": []
    },
    { "id": "plan", "tool": "write", "input": { "path": "reports/plan.md", "content": "# Plan\\n\\n\${decision.output}\\n## Code\\n\\n\${code-lead.output}\\n## Tests\\n\\n\${test-lead.output}" } }
  ]
}
`,
};

export const COORDINATING: readonly BatchTemplate[] = [FAN_OUT, PHASES, SESSION, PIPELINE, HIERARCHY];
