/** Copying a text that is shown. */
import { button, setAttribute, setText } from './dom.js';

export interface CopyButton {
  readonly element: HTMLButtonElement;
  /** Forgets that something was copied. */
  reset(): void;
}

/**
 * A button that copies. Where the clipboard is out of reach, as in a report that is not from a trustworthy origin, `select` shows the text
 * whole and it is selected, so that it can be copied by keyboard.
 */
export function copyButton(label: string, text: () => string, select: () => Element): CopyButton {
  const reset = () => setText(element, 'Copy');
  const element = button('Copy', 'quiet', () => {
    copied(text()).then((done) => {
      if (!done) getSelection()?.selectAllChildren(select());
      setText(element, done ? 'Copied' : 'Selected: copy it by keyboard');
    });
  });
  element.addEventListener('blur', reset);
  setAttribute(element, 'aria-label', label);
  return { element, reset };
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
