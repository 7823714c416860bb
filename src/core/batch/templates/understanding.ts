/** Templates for finding things out: nothing but their report is written. Pure. */
import { type BatchTemplate, STAND_IN_HINT, standIn } from './template.js';

const ANALYSIS: BatchTemplate = {
  id: 'analysis',
  title: 'Multi-file analysis',
  description: 'Asks many questions about many files at once, has an agent judge the answers and writes one report.',
  text: `// Multi-file analysis: facts of all files at the same time, then a judgement, then one report.
// Change "src" and the globs to what is to be analysed, and the patterns to what is to be found.
{
  "name": "Multi-file analysis",
  "operations": [
    {
      // Nothing here depends on anything else, so up to four of them run at a time. The searches of one tree become one pass.
      "id": "facts",
      "limit": 4,
      "parallel": [
        { "id": "structure", "tool": "list", "input": { "path": "src" } },
        { "id": "exports", "tool": "grep", "input": { "pattern": "^export ", "paths": "src" } },
        { "id": "imports", "tool": "grep", "input": { "pattern": "^import |require[(]", "paths": "src" } },
        { "id": "markers", "tool": "grep", "input": { "pattern": "TODO|FIXME|HACK|BUG", "paths": "src", "mode": "count" } },
        {
          // One operation for each file that the glob matches. It says what it reads and that it writes nothing: else Volley would
          // have to suppose that a program which it does not know touches everything, and run it alone.
          "id": "size",
          "matrix": { "file": { "glob": "src/**/*.ts" } },
          "tool": "command",
          "input": {
            "argv": [
              "node",
              "-e",
              "const [file] = process.argv.slice(1); const text = fs.readFileSync(file, 'utf8'); console.log(file + ': ' + text.match(/$/gm).length + ' lines, ' + (text.match(/[?] | if |&&|for /g) ?? []).length + ' branches')",
              "\${matrix.file}"
            ]
          },
          "reads": ["\${matrix.file}"],
          "writes": []
        }
      ]
    },
    {
      // A reference makes a dependency: it starts when all it asks for is there.
      "id": "judgement",
      "tool": "agent",
      "input": {
        "prompt": "Which files ought to be divided or simplified, and why?\\n\\nSizes:\\n\${size.output}\\n\\nImports:\\n\${imports.output}\\n\\nOpen ends:\\n\${markers.output}",
        ${STAND_IN_HINT}
        "agent": ${standIn("'Nothing stands out in the ' + words + ' words of facts.'")}
      },
      // What it may touch. Without this an agent that is a program runs alone.
      "reads": ["src"],
      "writes": []
    },
    {
      "id": "report",
      "tool": "write",
      "input": {
        "path": "reports/analysis.md",
        "content": "# Analysis\\n\\n\${judgement.output}\\n## Files\\n\\n\${structure.output}\\n## Sizes\\n\\n\${size.output}\\n## What they offer\\n\\n\${exports.output}\\n## What they use\\n\\n\${imports.output}"
      }
    }
  ]
}
`,
};

const SEARCH: BatchTemplate = {
  id: 'search',
  title: 'Search and investigation',
  description: 'Follows a question through a code base: many searches in one pass, the files that they lead to, an explanation.',
  text: `// Search and investigation: where does something come from, who uses it, and who tests it?
// Change "reference" in the patterns to the name that you investigate, and the question at the end.
{
  "name": "Search and investigation",
  "operations": [
    {
      // Written one after another, executed as one pass of ripgrep over the tree.
      "id": "searches",
      "parallel": [
        { "id": "definition", "tool": "grep", "input": { "pattern": "(function|const|class|interface|type) reference\\\\b", "context": 3, "glob": "*.ts" } },
        { "id": "uses", "tool": "grep", "input": { "pattern": "\\\\breference[(]", "glob": "*.ts" } },
        { "id": "users", "tool": "grep", "input": { "pattern": "\\\\breference\\\\b", "mode": "files", "glob": "*.ts" } },
        { "id": "tests", "tool": "glob", "input": { "patterns": ["test/**/*.ts"] } },
        { "id": "notes", "tool": "grep", "input": { "pattern": "reference", "glob": "*.md", "ignoreCase": true } }
      ]
    },
    {
      // Reads just what was found: a list of files takes its place in "path".
      "id": "sources",
      "tool": "read",
      "input": { "path": ["\${users.files}"], "range": { "to": 200 } }
    },
    {
      "id": "tested",
      "tool": "grep",
      "input": { "pattern": "reference|render", "paths": ["\${tests.files}"], "mode": "count" }
    },
    {
      "id": "explanation",
      "tool": "agent",
      "input": {
        "prompt": "How is a reference made, who relies on its form, and what would break if it changed?\\n\\nDefinition:\\n\${definition.output}\\n\\nUses:\\n\${uses.output}\\n\\nTests:\\n\${tested.output}\\n\\nNotes:\\n\${notes.output}\\n\\nSources:\\n\${sources.output}",
        ${STAND_IN_HINT}
        "agent": ${standIn("'It is explained by ' + words + ' words of evidence.'")}
      },
      "reads": ["src", "test"],
      "writes": []
    }
  ]
}
`,
};

const DOCUMENTATION: BatchTemplate = {
  id: 'documentation',
  title: 'Documentation and module loading',
  description: 'Loads documentation and the modules that a task needs, within a budget of tokens, and makes an index of them.',
  text: `// Documentation and module loading: everything that has to be known before a task, in one answer.
// Change the globs to your documents, and the list of modules to those of your task.
{
  "name": "Documentation and module loading",
  // All answers together take at most so many tokens of a language model. Close to it fewer operations start at once; beyond it none,
  // and what is left is written to a batch file of its own.
  "budget": { "tokens": 60000 },
  "operations": [
    {
      "id": "load",
      "limit": 6,
      "parallel": [
        { "id": "manifest", "tool": "read", "input": { "path": "package.json" } },
        { "id": "documents", "tool": "read", "matrix": { "document": { "glob": "*.md" } }, "input": { "path": "\${matrix.document}", "range": { "to": 300 } } },
        { "id": "headings", "tool": "grep", "input": { "pattern": "^#+ ", "glob": "*.md" } },
        {
          // The modules of the task, and what each of them offers.
          "id": "module",
          "matrix": { "name": ["invoice", "money", "tax"] },
          "sequence": [
            { "id": "source", "tool": "read", "input": { "path": "src/\${matrix.name}.ts" } },
            { "id": "offers", "tool": "grep", "input": { "pattern": "^export ", "paths": "src/\${matrix.name}.ts" } }
          ]
        },
        { "id": "comments", "tool": "grep", "input": { "pattern": "^ *(/[*][*]|[*]) ", "paths": "src" } }
      ]
    },
    {
      "id": "index",
      "tool": "write",
      "input": {
        "path": "reports/modules.md",
        "content": "# Modules\\n\\n## They offer\\n\\n\${offers.output}\\n## Documents\\n\\n\${headings.output}\\n## Comments\\n\\n\${comments.output}"
      }
    }
  ]
}
`,
};

const CONTEXT: BatchTemplate = {
  id: 'context',
  title: 'Context gathering for routing',
  description: 'Gathers in one go what decides who a request is for, has it routed, and hands it to that specialist.',
  text: `// Context gathering for routing a request: look around, decide who it is for, hand it over.
// Change the request, the searches that give it context, and the specialists.
{
  "name": "Context for routing",
  "operations": [
    { "id": "request", "tool": "write", "input": { "path": "reports/request.md", "content": "Reminders become urgent one week too early.\\n" } },
    {
      "id": "context",
      "limit": 5,
      "parallel": [
        { "id": "asked", "tool": "read", "input": { "path": "reports/request.md" } },
        { "id": "project", "tool": "read", "input": { "path": "package.json" } },
        { "id": "places", "tool": "grep", "input": { "pattern": "remind|urgent", "ignoreCase": true, "paths": ["src", "test"], "mode": "count" } },
        { "id": "code", "tool": "grep", "input": { "pattern": "remind|urgent", "ignoreCase": true, "paths": "src", "context": 2 } },
        { "id": "tests", "tool": "glob", "input": { "patterns": "test/**/*.ts" } }
        // In a git repository also:
        // , { "id": "recent", "tool": "command", "input": { "argv": ["git", "log", "--oneline", "-20"] } }
      ]
    },
    {
      // The answer has to be JSON, so that later inputs can refer to what is in it. One that is not is asked for again.
      "id": "route",
      "tool": "agent",
      "input": {
        "prompt": "Who is this for: code, tests, documentation or operations? Answer {\\"specialist\\": …, \\"because\\": …}.\\n\\nRequest:\\n\${asked.output}\\nProject:\\n\${project.output}\\nPlaces:\\n\${places.output}\\nTests:\\n\${tests.output}",
        "json": true,
        ${STAND_IN_HINT}
        "agent": ${standIn("JSON.stringify({ specialist: 'code', because: 'the request names a behaviour, among ' + words + ' words' })")}
      },
      "reads": ["src", "test", "package.json"],
      "writes": [],
      "retries": { "times": 2, "backoff": 1 }
    },
    {
      "id": "specialist",
      "tool": "agent",
      "input": {
        "system": "You are the specialist for \${route.json.specialist}.",
        "prompt": "Say what has to be changed, without changing it.\\n\\nRequest:\\n\${asked.output}\\nIt was given to you because \${route.json.because}.\\n\\n\${code.output}",
        ${STAND_IN_HINT}
        "agent": ${standIn("'The plan follows from ' + words + ' words.'")}
      },
      "reads": ["src", "test"],
      "writes": []
    }
  ]
}
`,
};

export const UNDERSTANDING: readonly BatchTemplate[] = [ANALYSIS, SEARCH, DOCUMENTATION, CONTEXT];
