/** The lists that a command can print. Templates stand among the resources. */
export type Listed = 'tools' | 'resources' | 'prompts';

/** One tool, resource, resource template or prompt. */
export interface ListedItem {
  /** As clients of the unified endpoint see it; of a resource its address. */
  readonly name: string;
  /** As its server calls it. */
  readonly ownName: string;
  /** Undefined where only the list of all is known. */
  readonly server: string | undefined;
  /** As its server describes it. */
  readonly item: Readonly<Record<string, unknown>>;
}

export interface Listing {
  readonly items: readonly ListedItem[];
  /** Servers that were asked for and are not there. */
  readonly missing: readonly { readonly server: string; readonly reason: string }[];
}
