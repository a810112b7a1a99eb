import type { Operation } from './operation.ts';

/** One tool of a plugin, as the plugin describes it. */
export interface ToolDefinition {
  readonly name: string;
  /** For people, where it has one. */
  readonly title?: string;
  readonly description: string;
  /** Parameter name → description, in the plugin's order. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly required: readonly string[];
  /** JSON Schema of the arguments; says more than `parameters` and goes before it where present. */
  readonly inputSchema?: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  /** MCP tool annotations, unchecked. */
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** A tool as whoever loads a plugin describes it, where the plugin itself does not. */
export interface ExportedTool {
  /** The export that is called. @default the tool's name */
  readonly export?: string | undefined;
  /**
   * What the export is given: the arguments as a JSON object, or the one argument that is a text: the only property of
   * `inputSchema`, `input` without one. @default 'json'
   */
  readonly input?: 'json' | 'text' | undefined;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. @default an object; of a text, one with that text alone */
  readonly inputSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** MCP tool annotations, unchecked. */
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** What a tool call came to. */
export interface ToolResult {
  readonly data: string;
  readonly isError: boolean;
  /** The answer as a value of the tool's output schema, where that is something else than `data` as JSON. */
  readonly structured?: Readonly<Record<string, unknown>>;
  /** The same as JSON, where it came so: it is then parsed when it is asked for. */
  readonly structuredText?: string;
  /** The result as MCP has it, of plugins that answer with one; `data` is then its texts. */
  readonly mcp?: Readonly<Record<string, unknown>>;
}

/** What a plugin says about itself. */
export interface PluginMetadata {
  readonly name: string;
  readonly version: string;
  readonly abiVersion: number;
  readonly description?: string;
  readonly author?: string;
  readonly homepage?: string;
  readonly license?: string;
  readonly capabilities: readonly string[];
  /** Names of settings that hold secrets. */
  readonly credentialKeys: readonly string[];
  readonly plainTextKeys: readonly string[];
  readonly optionalKeys: readonly string[];
  /** Setting name → hint for whoever fills it in. */
  readonly placeholders: Readonly<Record<string, string>>;
}

/** One call of a tool. */
export interface ToolCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** What the client's request had beside it, as MCP's `_meta`. @default nothing */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

/** One request of a method of MCP other than those of tools. */
export interface MethodCall {
  readonly params: Readonly<Record<string, unknown>>;
  /** As in {@link ToolCall}. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

/** How the questions to a plugin are put in one dialect. What is left out has no form in it. */
export interface PluginCodec {
  readonly tools: Operation<undefined, readonly ToolDefinition[]>;
  readonly execute: Operation<ToolCall, ToolResult>;
  /** Without it a plugin is called by the name given to it, or after its file. */
  readonly name?: Operation<undefined, string>;
  readonly metadata?: Operation<undefined, PluginMetadata>;
  /** Answers the guest's words when it refuses its settings. Without it a plugin takes no settings. */
  readonly configure?: Operation<Readonly<Record<string, string>>, string | undefined>;
  /** Without it a plugin is healthy while it can be called. */
  readonly healthy?: Operation<undefined, boolean>;
  /** Tool name → paths of the fields worth keeping. */
  readonly compactSpecs?: Operation<undefined, Readonly<Record<string, readonly string[]>>>;
  /** Of a plugin that is a server with more than tools: how it answers MCP's other methods, by their names. */
  readonly methods?: Readonly<Record<string, Operation<MethodCall, Readonly<Record<string, unknown>>>>>;
}
