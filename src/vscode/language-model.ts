/** The language models of the editor, as the engine asks them. */
import * as vscode from 'vscode';
import type { LanguageModel } from '../core/host.js';

/** `select` is asked each time: extensions that bring models come and go. */
export function editorModel(select: typeof vscode.lm.selectChatModels): LanguageModel {
  const chosen = async (wanted?: string): Promise<vscode.LanguageModelChat> => {
    const models = await select({});
    const model = wanted === undefined ? models[0] : models.find(({ id, family, name }) => [id, family, name].includes(wanted));
    if (model) return model;
    const none = 'No language model is installed in this editor.';
    const known = [...new Set(models.map(({ family }) => family))].join(', ');
    throw new Error(known === '' ? none : `There is no language model named “${wanted}”. Those of this editor are: ${known}.`);
  };
  return {
    async ask({ prompt, system, model: wanted }, signal) {
      const model = await chosen(wanted);
      const source = new vscode.CancellationTokenSource();
      const cancel = () => source.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
      try {
        // There is no role for a system: what holds for the whole comes first.
        const texts = [...(system === undefined ? [] : [system]), prompt];
        const messages = texts.map((text) => vscode.LanguageModelChatMessage.User(text));
        const justification = 'An operation of a batch of Volley asks it.';
        const response = await model.sendRequest(messages, { justification }, source.token);
        let text = '';
        for await (const piece of response.text) text += piece;
        const counts = await Promise.all([...texts, text].map((each) => model.countTokens(each, source.token)));
        return { text, model: model.family, tokens: counts.reduce((sum, count) => sum + count, 0) };
      } finally {
        signal.removeEventListener('abort', cancel);
        source.dispose();
      }
    },
    count: async (text) => (await chosen()).countTokens(text),
  };
}
