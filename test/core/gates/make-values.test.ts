import assert from 'node:assert/strict';
import fc from 'fast-check';
import { commandLines, wholeLine } from '../../../src/core/gates/evidence/make-lines.js';
import { parseMakefile } from '../../../src/core/gates/evidence/make-parse.js';
import { expand, stemOf, UNKNOWN } from '../../../src/core/gates/evidence/make-values.js';

const variables = new Map([
  ['MODULES', 'a b/c'],
  ['GO', 'go'],
  ['GOTEST', '$(GO) test -tags $(TAGS)'],
  ['TAGS', '$(shell hack/tags.sh)'],
  ['BIN', '$(shell go env GOPATH)/bin'],
  ['MYPY', 'venv/bin/mypy'],
  ['both', '$(GO) vet ./$(1)\n$(GO) test ./$(1)'],
  ['GOLANGCI_LINT', '$(shell hack/where.sh)'],
]);

describe('references of a Makefile', () => {
  const check = (text: string, expected: string) => assert.equal(expand(text, { variables, target: 'lint' }), expected, text);

  it('stand for the values of variables, and for what functions make of them', () => {
    check('$(GO) run $@ $$HOME', 'go run lint $HOME');
    check('$(MODULES:%=lint/%) $(MODULES:c=d)', 'lint/a lint/b/c a b/d');
    check('$(addprefix x-,$(MODULES)) $(patsubst %/c,%,$(MODULES))', 'x-a x-b/c a b');
    check('$(filter-out a,$(MODULES))|$(filter b%,$(MODULES))|$(notdir $(MODULES))', 'b/c|b/c|a c');
    check('$(if $(GO),yes,no) $(if ,yes,no) $(or ,$(GO)) $(firstword $(MODULES))', 'yes no go a');
    check('$(foreach m,$(MODULES),-p $(m))', '-p a -p b/c');
    check('$(call both,src)', 'go vet ./src\ngo test ./src');
    check('${GO} $(subst go,py,$(GO)) $(strip  a   b )', 'go py a b');
  });

  it('are marked where only make knows what they stand for', () => {
    check('$(TAGS) $(NOBODY) $< $(wildcard *.go)', `${UNKNOWN} ${UNKNOWN} ${UNKNOWN} ${UNKNOWN}`);
    check('$(TAGS:%=lint/%)', `lint/${UNKNOWN}`);
    check('$(TESTARGS)$(PYTEST_FLAGS)', '');
    assert.equal(expand('$(shell pwd)/x $(CURDIR)', { variables }), './x .');
    assert.equal(expand('$(shell pwd)/x', { variables, exact: true }), `${UNKNOWN}/x`);
  });

  it('end, whatever they are', () => {
    const pieces = fc.constantFrom(
      '$(',
      '${',
      ')',
      '}',
      '$',
      ',',
      ' ',
      'call ',
      'foreach m,',
      'patsubst %,',
      'A',
      ':%=',
      '%',
      'if ',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.array(pieces, { maxLength: 20 }), (parts, value) => {
        expand(parts.join(''), { variables: new Map([['A', value.join('')]]) });
        parseMakefile(`A = ${value.join('')}\n${parts.join('')}\n`);
      }),
      { numRuns: 300 },
    );
    const loop = new Map([
      ['A', '$(B) $(B)'],
      ['B', '$(A) $(A)'],
    ]);
    assert.ok(expand('$(A)', { variables: loop }).includes(UNKNOWN));
  });

  it('of patterns have a stem', () => {
    assert.equal(stemOf('lint/%', 'lint/a'), 'a');
    assert.equal(stemOf('%.o', 'a.c'), undefined);
    assert.equal(stemOf('all', 'all'), '');
  });
});

describe('a line of a recipe', () => {
  const check = (line: string, ...expected: readonly string[]) =>
    assert.deepEqual(commandLines(line, { variables, target: 'lint' }), expected, line);

  it('is what a shell gets, with the names of programs of which only the folder is not known', () => {
    check('@$(GOTEST) ./...', 'go test -tags $EXPRESSION ./...');
    check('-@cd x && $(BIN)/staticcheck ./...', 'cd x && staticcheck ./...');
    check('CI=1 $(MYPY) src', 'CI=1 mypy src');
    check('$(GOLANGCI_LINT) run', 'golangci-lint run');
    check('cat $(TAGS) $<', 'cat $(TAGS) $EXPRESSION');
    check('$(MAKE) --directory=. lint', 'make lint');
  });

  it('is several where it names a recipe', () => {
    check('$(call both,src)', 'go vet ./src', 'go test ./src');
  });

  it('is not known whole where a part is only known to make', () => {
    assert.equal(wholeLine('$(GO) vet', 'lint', variables), 'go vet');
    assert.equal(wholeLine('$(GOTEST)', 'lint', variables), undefined);
    assert.equal(wholeLine('cat $(CURDIR)/a', 'lint', variables), undefined);
  });
});

describe('a Makefile', () => {
  it('sets variables by the part of a condition that holds, or else by the first', () => {
    const text = `ifeq ($(OS),Windows_NT)
PYTHON = python.exe
else
PYTHON = python3
endif
ifneq ($(shell uname),Darwin)
\tSED = sed
else
\tSED = gsed
endif
ifdef SED
X ?= 1
else
X = 2
endif
`;
    const { variables: found } = parseMakefile(text);
    assert.deepEqual(Object.fromEntries(found), { PYTHON: 'python3', SED: 'sed', X: '1' });
  });

  it('keeps recipes that have a name, values of one target, and what is asked for by default', () => {
    const {
      variables: found,
      ofTargets,
      goal,
      phony,
    } = parseMakefile('.PHONY: all lint\ndefine twice =\nx\ny\nendef\nall: lint\nlint: export FLAGS = -v\nlint: ; $(twice)\n');
    assert.equal(found.get('twice'), 'x\ny');
    assert.equal(ofTargets.get('lint')?.get('FLAGS'), '-v');
    assert.equal(goal, 'all');
    assert.deepEqual([...phony], ['all', 'lint']);
    assert.equal(parseMakefile('.DEFAULT_GOAL := help\nall:\n').goal, 'help');
  });

  it('takes the value from before where a variable is set by itself', () => {
    assert.equal(parseMakefile('A := 1\nA := $(A) 2\nA += 3\n').variables.get('A'), '1 2 3');
  });
});
