import { Json, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool } from '../../assemblyscript/assembly/checked-tool';
import { isSpace } from './characters';

const definition = `{
  "name": "extract_links",
  "description": "Lists the links of a Markdown or plain text: inline links, images, <autolinks>, reference definitions and bare http(s) addresses. Each address is listed once, in order of appearance.",
  "input_schema": {
    "type": "object",
    "properties": { "text": { "type": "string", "description": "The text to search." } },
    "required": ["text"],
    "additionalProperties": false
  },
  "output_schema": {
    "type": "object",
    "properties": {
      "count": { "type": "integer" },
      "links": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "url": { "type": "string" },
            "text": { "type": "string", "description": "The link's words; empty for bare addresses." },
            "kind": { "type": "string", "enum": ["link", "image", "reference", "address"] }
          },
          "required": ["url", "text", "kind"]
        }
      }
    },
    "required": ["count", "links"]
  },
  "annotations": { "title": "Extract links", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const extractLinks = new CheckedTool(
  Json.parse(definition),
  (args: Json): Result => {
    const links = new LinkFinder(args.at('text').text).links();
    return new Result(Json.object().set('count', Json.integer(links.length)).set('links', Json.array(links)).stringify());
  },
  ['links[*].url'],
);

class LinkFinder {
  private readonly found: Map<string, Json> = new Map();
  /** Where the last "[" stands, or -1. */
  private opening: i32 = -1;

  constructor(private readonly text: string) {}

  links(): Json[] {
    for (let at = 0; at < this.text.length; ) {
      const unit = this.text.charCodeAt(at);
      if (unit == 0x5b) this.opening = at;
      if (unit == 0x5d && this.opening >= 0) at = this.afterBrackets(at);
      else if (unit == 0x68) at = this.afterAddress(at);
      else at++;
    }
    return this.found.values();
  }

  /** `at` is a "]": what follows tells whether the brackets were a link's words. */
  private afterBrackets(at: i32): i32 {
    const opening = this.opening;
    const words = this.text.substring(opening + 1, at);
    const next = this.text.charCodeAt(at + 1);
    this.opening = -1;
    if (next == 0x28) {
      const isImage = this.text.charCodeAt(opening - 1) == 0x21;
      return this.add(at + 2, words, isImage ? 'image' : 'link');
    }
    const startsLine = opening == 0 || this.text.charCodeAt(opening - 1) == 0x0a;
    if (next == 0x3a && startsLine) {
      let start = at + 2;
      while (this.text.charCodeAt(start) == 0x20) start++;
      return this.add(start, words, 'reference');
    }
    return at + 1;
  }

  private afterAddress(at: i32): i32 {
    const rest = this.text.substr(at, 8);
    return rest.startsWith('http://') || rest == 'https://' ? this.add(at, '', 'address') : at + 1;
  }

  /** Adds the address that starts at `start`; gives where to go on. */
  private add(start: i32, words: string, kind: string): i32 {
    const isBare = kind == 'address';
    const isQuoted = this.text.charCodeAt(start) == 0x3c;
    if (isQuoted) start++;
    let end = start;
    for (let depth = 0; end < this.text.length; end++) {
      const unit = this.text.charCodeAt(end);
      if (unit == 0x3e || unit == 0x3c || unit == 0x0a || (isSpace(unit) && !isQuoted)) break;
      if (isBare && (unit == 0x22 || unit == 0x60)) break;
      if (unit == 0x28) depth++;
      if (unit == 0x29 && --depth < 0) break;
    }
    const last = isBare ? beforePunctuation(this.text, start, end) : end;
    const url = this.text.substring(start, last);
    if (url != '' && !this.found.has(url)) {
      const link = Json.object().set('url', Json.string(url)).set('text', Json.string(words)).set('kind', Json.string(kind));
      this.found.set(url, link);
    }
    return max(last, start);
  }
}

/** The full stop after an address belongs to the sentence. */
function beforePunctuation(text: string, start: i32, end: i32): i32 {
  while (end > start && '.,;:!?\'*_]}'.includes(text.charAt(end - 1))) end--;
  return end;
}
