import assert from 'node:assert/strict';
import path from 'node:path';
import { goPackageOf } from '../../../src/core/gates/go-package.js';
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
