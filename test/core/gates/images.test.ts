import assert from 'node:assert/strict';
import { imageBuild, isSameImage } from '../../../src/core/gates/script-images.js';
import { CI, detected, gatesOf } from '../../support/detected.js';

const PUBLISH = '.github/workflows/docker-publish.yml';
const job = (on: string, ...lines: readonly string[]) =>
  `on: ${on}\njobs:\n  image:\n    strategy: { matrix: { service: [api, web] } }\n    steps:\n${lines.map((line) => `      ${line}\n`).join('')}`;
const action = (...inputs: readonly string[]) => [
  '- uses: docker/build-push-action@v6',
  '  with:',
  ...inputs.map((input) => `    ${input}`),
];

describe('an image that CI builds of what is proposed', () => {
  it('is built to see that it builds, where only what was taken in is sent to others', async () => {
    const step = action(
      "push: ${{ github.event_name != 'pull_request' }}",
      'tags: ${{ steps.meta.outputs.tags }}',
      'platforms: linux/amd64,linux/arm64',
      'build-args: |',
      '  TAGS=extended',
      '  VERSION=${{ github.sha }}',
    );
    for (const file of [CI, PUBLISH])
      assert.deepEqual(await gatesOf({ [file]: job('[push, pull_request]', ...step) }), [
        'build:docker: docker build --build-arg TAGS=extended .',
      ]);
    assert.deepEqual(await gatesOf({ [PUBLISH]: job('push', ...step) }), []);
  });

  it('is one gate for each folder of a matrix, and one for variants of a file', async () => {
    const found = [
      'build:docker: docker build --file docker/api.Dockerfile .',
      'build:docker-2: docker build --file docker/web.Dockerfile .',
    ];
    const said = job(
      'pull_request',
      ...action('file: docker/${{ matrix.service }}.Dockerfile'),
      ...action('file: ./docker/api.Dockerfile', 'target: test'),
    );
    const all = await gatesOf({ [CI]: said });
    assert.deepEqual(
      all.map((each) => each.replace(/^\S+ /, '')),
      found.map((each) => each.replace(/^\S+ /, '')),
    );
  });

  it('is none where it is sent to others, needs a secret, or is built of what was taken in only', async () => {
    const never = [
      action('push: true'),
      action('outputs: type=image,push=true'),
      action('secrets: token=${{ secrets.TOKEN }}'),
      action('context: ${{ steps.clone.outputs.place }}'),
      ["- if: github.event_name == 'push'", '  uses: docker/build-push-action@v6'],
      ["- if: github.ref == 'refs/heads/main'", '  run: docker build .'],
      ['- run: docker build --push .'],
      ['- run: docker build "$PLACE"'],
    ];
    for (const step of never) assert.deepEqual(await gatesOf({ [CI]: job('pull_request', ...step) }), [], step.join());
    assert.equal((await detected({ [CI]: job('pull_request', '- run: docker build -t "app:$TAG" .') })).length, 1);
    assert.equal((await detected({ [PUBLISH]: job('pull_request', '- run: docker build .') })).length, 0);
  });

  it('may stand behind a target of make, and be that of a file of services', async () => {
    const behind = (line: string) =>
      gatesOf({
        Makefile: `docker-build:\n\t@DOCKER_BUILDKIT=1 ${line}\n`,
        [CI]: job('pull_request', '- run: make docker-build'),
      });
    assert.deepEqual(await behind('docker build -t app .'), ['build:docker: docker build .']);
    assert.deepEqual(await behind('docker compose -f docker/a.yml build --pull web'), [
      'build:docker: docker compose -f docker/a.yml build web',
    ]);
    assert.deepEqual(await behind('docker compose -f docker/a.yml up --build'), []);
    assert.deepEqual(await behind('docker compose build --push'), []);
  });

  it('writes nothing into the folder', async () => {
    const [gate] = await detected({ [CI]: job('pull_request', '- run: docker build .'), '.gitignore': 'dist\n' });
    assert.deepEqual(gate?.access.writes, []);
  });
});

describe('a call that builds an image', () => {
  const words = (text: string) => text.split(' ');

  it('keeps what says what is built', () => {
    assert.deepEqual(
      imageBuild(
        words(
          'docker buildx build --platform linux/arm64 --load -q -t a -t b:c --cache-from=type=gha -f x/Dockerfile --target=dev x',
        ),
      ),
      words('docker build --file x/Dockerfile --target dev x'),
    );
    assert.deepEqual(imageBuild(words('podman build .')), words('docker build .'));
  });

  it('is none of another repository, of what comes through a pipe, nor another command', () => {
    for (const text of [
      'docker build https://a.b/c.git',
      'docker build -',
      'docker run a build',
      'docker build a b',
      'make build',
      'docker build --ssh default .',
    ])
      assert.equal(imageBuild(words(text)), undefined, text);
  });

  it('builds the same image with other arguments, of the same file in the same folder', () => {
    const same = (a: string, b: string) => isSameImage(words(a), words(b));
    assert.ok(same('docker build .', 'docker build --file ./Dockerfile --build-arg A=b ./'));
    assert.ok(same('docker build x', 'docker build --file x/Dockerfile x/'));
    assert.ok(!same('docker build x', 'docker build .'));
  });
});
