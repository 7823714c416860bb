/** How many tokens a text takes for a language model of today (o200k), where no model of the editor counts. Large: loaded only when asked for. */
export { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
