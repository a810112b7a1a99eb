/** How a client finds tools; see docs/few-tokens.md. */
export const DISCOVERIES = ['list', 'search', 'auto'] as const;

/**
 * `list` shows every tool. `search` shows the gateway's own tools, which find and call the others. `auto` is `search` where the
 * list would take more tokens than "gateway.discoveryBudgetTokens", else `list`.
 */
export type Discovery = (typeof DISCOVERIES)[number];

/** Whether a text, such as the parameter of an address, is one of the three. */
export function isDiscovery(text: string): text is Discovery {
  return (DISCOVERIES as readonly string[]).includes(text);
}
