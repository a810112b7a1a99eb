import { isMap, LineCounter, parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';
import type { ConfigText } from './config-text.ts';

/** @throws GATEWAY_CONFIG with line and column when the syntax is broken or a key stands twice. */
export function parseYamlConfig(text: string, source: string): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // The parser tells that it went too deep as one more error of the text.
  if (document.errors.some(({ message }) => /call stack/.test(message))) throw new RangeError('nested too deeply');
  if (document.errors.length > 0) {
    throw new ConfigError(
      source,
      document.errors.slice(0, 5).map(({ message, pos }) => ({
        place: [],
        message: `broken YAML: ${message}`,
        ...position(pos[0]),
      })),
    );
  }
  return {
    source,
    tree: document.contents === null ? {} : document.toJS({ maxAliasCount: 100 }),
    locate(place) {
      for (let length = place.length; isMap(document.contents) && length > 0; length--) {
        const node = document.getIn(place.slice(0, length), true) as { range?: [number, number, number] } | undefined;
        if (node?.range) return position(node.range[0]);
      }
      return undefined;
    },
  };
}
