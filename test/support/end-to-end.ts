/** What all tests that drive a whole window end with. */
import type { Editor } from './editor.js';

/** Of one suite; absent when it could not be opened. */
export interface Opened {
  readonly editor: Editor | undefined;
  readonly workspace: { remove(): Promise<void> } | undefined;
}

/** Within a `describe`: a picture `failed-NAME` of the window after each test that failed; after all of them, window and workspace go. */
export function closesAfterwards(name: string, opened: () => Opened): void {
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await opened().editor?.screenshot(`failed-${name}`);
  });
  after(async () => {
    const { editor, workspace } = opened();
    await editor?.close();
    await workspace?.remove();
  });
}
