import assert from 'node:assert/strict';
import path from 'node:path';
import { goPackageOf, goPackages } from '../../../src/core/gates/go-packages.js';
import { temporaryFolder } from '../../support/folder.js';

describe('The import path of a directory', () => {
  it('is that of the nearest module with the way from there', async () => {
    const folder = await temporaryFolder({
      'go.mod': '// of all\nmodule example.org/all // v2\n\ngo 1.19\n',
      'tools/go.mod': 'module "example.org/tools"\n',
      'shop/cart/cart.go': '',
    });
    try {
      const of = (directory: string) => goPackageOf(path.join(folder.path, directory), folder.path);
      assert.equal(await of('.'), 'example.org/all');
      assert.equal(await of('shop/cart'), 'example.org/all/shop/cart');
      assert.equal(await of('tools'), 'example.org/tools');
      assert.equal(await goPackageOf(path.join(folder.path, 'shop/cart'), path.join(folder.path, 'shop')), undefined);
    } finally {
      await folder.dispose();
    }
  });
});

/** What each package is told as, and its files; undefined when it cannot be told from the files. */
async function packages(files: Readonly<Record<string, string>>, patterns: readonly string[] = ['./...']) {
  const folder = await temporaryFolder(files);
  try {
    const found = await goPackages(folder.path, patterns);
    return found?.map((each) => [each.patterns.join(' '), ...each.files.map((file) => path.relative(folder.path, file))]);
  } finally {
    await folder.dispose();
  }
}

describe('The packages of a module', () => {
  const MODULE = { 'go.mod': 'module example.org/all\n\ngo 1.19\n' };

  it('are its directories with Go files, without those that `...` passes over', async () => {
    const files = 'main.go shop/cart.go shop/cart_test.go shop/_draft/a.go shop/testdata/a.go vendor/x/a.go .git/a.go'.split(' ');
    const sources = Object.fromEntries(files.map((file) => [file, 'package a\n']));
    const other = { 'tools/go.mod': 'module example.org/tools\n', 'tools/main.go': 'package main\n', 'docs/readme.md': '' };
    assert.deepEqual(await packages({ ...MODULE, ...sources, ...other }), [
      ['.', 'main.go'],
      ['./shop', 'shop/cart.go', 'shop/cart_test.go'],
    ]);
    assert.deepEqual(await packages({ ...MODULE, ...sources, 'shopping/a.go': 'package a\n' }, ['./shop/...']), [
      ['./shop', 'shop/cart.go', 'shop/cart_test.go'],
    ]);
    assert.deepEqual(await packages({ ...MODULE, ...sources, 'shop/b/b.go': 'package b\n' }, ['./shop', '.']), [
      ['.', 'main.go'],
      ['./shop', 'shop/cart.go', 'shop/cart_test.go'],
    ]);
  });

  it('that need a platform or a tag stay patterns, since their own names would be errors', async () => {
    const files = {
      'a/a.go': 'package a\n',
      'b/b_linux.go': 'package b\n',
      'b/b_test.go': '//go:build integration\n\npackage b\n',
      'b/c/c.go': 'package c\n',
      'd/d.go': 'package d\n\nimport (\n\t"C"\n)\n',
      'e/e_windows_amd64.go': 'package e\n',
      'e/e.go': 'package e\n',
      'f/linux.go': 'package f\n',
    };
    assert.deepEqual(
      (await packages({ ...MODULE, ...files }))?.map(([told]) => told),
      ['./a ./b/... ./d/...', './e', './f'],
    );
    assert.deepEqual((await packages({ ...MODULE, ...files }))?.flatMap(([, ...of]) => of).sort(), Object.keys(files).sort());
  });

  it('cannot be told in a workspace, with ignored directories, and without a module', async () => {
    const source = { 'a/a.go': 'package a\n' };
    assert.equal(await packages({ ...MODULE, ...source, 'go.work': 'go 1.19\n' }), undefined);
    assert.equal(await packages({ 'go.mod': 'module x\n\nignore ./a\n', ...source }), undefined);
    assert.equal(await packages(source), undefined);
  });
});
