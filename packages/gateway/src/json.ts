import { parseJsonText } from '@lockgate/abi/without-guests';

/** Parses text that may or may not be JSON: undefined where it is not. Never throws, never quotes the text. */
export function parseJson(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch {
    return undefined;
  }
}
