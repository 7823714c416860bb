import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { commandAccess } from '../../../src/core/access/command.js';
import { globsMayMeet } from '../../../src/core/globs.js';

/** Harmless lines for a folder with `a.txt`, `b.txt`, `src/x.ts`, `src/y.ts` and an empty directory `d`. */
const LINES = [
  'cat a.txt', 'cat a.txt > c.txt', 'cat a.txt >> b.txt', 'ls > d/list', 'cp a.txt d', 'cp a.txt b.txt d', 'cp -r src copy', 'cp -t d a.txt', 'cp src/*.ts d/',
  'mv a.txt c.txt', 'mv a.txt b.txt d', 'mv src/* d', 'rm a.txt', 'rm -rf src', 'rm -f *.txt', 'mkdir -p m/n', 'rmdir d', 'touch t{1..3}', 'touch -r a.txt b.txt',
  'ln -s a.txt link', 'ln -s ../a.txt d/link', 'ln -s src/x.ts', 'chmod +x a.txt', 'chmod -R u-w src; chmod -R u+w src', 'truncate -s 0 a.txt', 'install -D a.txt i/j/k', 'dd if=a.txt of=dd.out',
  'split -l 1 a.txt part_', 'csplit -s a.txt 2', 'tar cf t.tar src', 'tar cfz t.tgz src', 'tar cf t.tar src && tar xf t.tar -C d', 'tar -C src -cf t.tar .', 'gzip a.txt', 'gzip -k a.txt && gunzip -f a.txt.gz',
  'sed -i s/one/two/ a.txt', 'sed -i.bak s/one/two/ a.txt', "sed -n 'w out' a.txt", "sed 's/one/two/w out' a.txt", 'sort -o s.txt a.txt', 'sort -u b.txt -o b.txt', 'uniq a.txt u.txt', 'tee x y < a.txt',
  'echo a.txt | xargs rm', 'find src -name "*.ts" -delete', 'find src -name "x*" -exec cp {} d \\;', 'find . -name "*.txt" | xargs -I{} cp {} d', 'find src -fprint list',
  'for f in src/*.ts; do cp "$f" "${f%.ts}.js"; done',
  'for f in a b; do mv $f.txt $f.md; done', 'while read -r l; do touch "$l.out"; done < a.txt', 'cd d && touch inside', 'cd nowhere; touch outside',
  'cd src && mv x.ts ../d && cd .. && touch end', '(cd d; touch e); touch f', 'X=a.txt; rm $X', 'X="a.txt b.txt"; rm $X', 'D=d; cp a.txt "$D"/', 'echo $(touch t) `touch u`', 'cat <(sort a.txt -o v)', 'sh -c "touch w; cd d; touch w"',
  'test -f a.txt && rm a.txt || touch z', 'if [ -d d ]; then touch d/y; else touch n; fi', 'case a in a) touch c1;; b) touch c2;; esac', 'cat <<E > here\n$(touch doc)\nE', 'cat > q <<< text', 'eval "touch ev"', 'trap "touch tr" EXIT; true',
  'git init -q . && git add a.txt && git -c user.name=n -c user.email=e commit -qm m', 'git init -q repo', 'diff a.txt b.txt > p.diff; patch -s a.txt p.diff', 'printf "x\\n" | tee -a a.txt > /dev/null', 'exec > ex; echo hi', '{ echo 1; echo 2; } > g 2> h', 'env -C d touch k', 'time touch tm', 'timeout 5 touch to', 'nice touch ni', 'xxd a.txt hex', 'awk 1 a.txt > aw', 'perl -pi -e s/one/two/ a.txt', 'mktemp -p d', 'base64 a.txt > b64', 'shopt -s globstar; rm src/**', 'python3 -m json.tool j.json k.json', 'node --check src/x.ts', 'nohup true > nh',
]; // biome-ignore format: a list

describe('The access of a command, against what the command does', function () {
  this.timeout(60_000);

  it('has everything that has changed in the folder', async () => {
    for (let index = 0; index < LINES.length; index += 8) await Promise.all(LINES.slice(index, index + 8).map(check));
  });

  async function check(line: string): Promise<void> {
    const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'volley-access-')));
    try {
      await Promise.all(['src', 'd'].map((directory) => mkdir(path.join(folder, directory))));
      const files = {
        'a.txt': 'one\ntwo\nthree\n',
        'b.txt': 'b\na\nb\n',
        'src/x.ts': 'let x',
        'src/y.ts': 'let y',
        'j.json': '{}',
      };
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
      const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder };
      const access = commandAccess({ shell: line }, { folder, cwd: folder, env });
      const before = await snapshot(folder);
      await promisify(execFile)('bash', ['-c', line], { cwd: folder, env }).catch(() => undefined);
      const after = await snapshot(folder);
      const changed = [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
      assert.ok(!access.barrier, `${line}: ${access.barrier?.because}`);
      for (const name of changed)
        assert.ok(
          access.writes.some((glob) => globsMayMeet(glob, `${folder}/${name}`)),
          `${line} changed ${name}, not in ${access.writes.join(' ')}`,
        );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Each path with what it holds and may. A directory's own times follow from what is in it. */
  async function snapshot(folder: string): Promise<ReadonlyMap<string, string>> {
    const result = new Map<string, string>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      const text = entry.isSymbolicLink() ? await readlink(file) : entry.isFile() ? await readFile(file, 'latin1') : '';
      const about = entry.isSymbolicLink()
        ? ''
        : `${(await stat(file)).mode} ${entry.isFile() ? (await stat(file)).mtimeMs : ''}`;
      result.set(path.relative(folder, file), `${about} ${text}`);
    }
    return result;
  }
});
