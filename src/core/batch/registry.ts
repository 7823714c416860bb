/** What a batch is planned and executed with: the tools by name, and which of them can be done together. */
import type { Access, ToolName } from '../model.js';
import type { AccessPlace, Tool, ToolContext, ToolResult } from '../tools/tool.js';

export interface Registry {
  get(name: ToolName): Tool<unknown>;
  /** Invocations with the same key can be done in one pass; undefined: it is done by itself. `access` is all that is known of what it touches. */
  fusionKey(name: ToolName, input: unknown, access: Access, place: AccessPlace): string | undefined;
  /** Does several invocations with the same key in one pass; results in their order, each as if it had been done by itself. */
  together(name: ToolName, inputs: readonly unknown[], context: ToolContext): Promise<readonly ToolResult[]>;
}
