import type { Operation } from './operation.ts';

/** Secrecy and integrity tags, in the guard's own spelling and order. */
export interface Labels {
  readonly secrecy: readonly string[];
  readonly integrity: readonly string[];
}

/** The answer of `label_agent`. */
export interface AgentLabelling {
  readonly agent: Labels;
  readonly difcMode: 'strict' | 'filter' | 'propagate';
  readonly normalizedPolicy?: unknown;
}

/** The answer of `label_resource`. */
export interface ResourceLabelling {
  readonly resource: Labels & { readonly description: string };
  readonly operation: 'read' | 'write' | 'read-write';
}

/** The answer of `label_response`. `none`: the resource's labels hold for the whole response. */
export type ResponseLabelling =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'paths';
      /** `path` is a JSON Pointer into the tool's payload. */
      readonly labeledPaths: readonly { readonly path: string; readonly labels: Labels }[];
      readonly defaultLabels?: Labels;
      /** JSON Pointer to the array whose elements the paths speak of. */
      readonly itemsPath?: string;
    }
  | { readonly kind: 'items'; readonly items: readonly { readonly data: unknown; readonly labels?: Labels }[] };

/** What a guard is asked about: a call of one tool. */
export interface ResourceRequest {
  readonly tool: string;
  readonly args: unknown;
  readonly capabilities?: unknown;
}

/** What a guard is asked about afterwards: the same call and what came of it. */
export interface ResponseRequest extends ResourceRequest {
  readonly result: unknown;
}

/** How the questions to a guard are put in one dialect. */
export interface GuardCodec {
  readonly labelAgent: Operation<unknown, AgentLabelling>;
  readonly labelResource: Operation<ResourceRequest, ResourceLabelling>;
  readonly labelResponse: Operation<ResponseRequest, ResponseLabelling>;
}
