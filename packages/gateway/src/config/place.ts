/** Keys and indexes from the root of a configuration to one value. */
export type Place = readonly (string | number)[];

/** Writes a place as a person would: `mcpServers.files.args[1]`, or `plugins["a b"]`. */
export function formatPlace(place: Place): string {
  return place
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[\w$-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('')
    .replace(/^\./, '');
}
