import { Json, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool } from '../../assemblyscript/assembly/checked-tool';
import { isWordCharacter, unitsOf } from './characters';

const definition = `{
  "name": "convert_case",
  "description": "Writes a name or phrase in another case: camelCase, PascalCase, snake_case, CONSTANT_CASE, kebab-case, Title Case, Sentence case. Understands all of those as input, also acronyms as in parseHTTPHeader.",
  "input_schema": {
    "type": "object",
    "properties": {
      "text": { "type": "string", "description": "The name or phrase." },
      "to": { "type": "string", "enum": ["camel", "pascal", "snake", "constant", "kebab", "title", "sentence"], "description": "The case wanted." }
    },
    "required": ["text", "to"],
    "additionalProperties": false
  },
  "annotations": { "title": "Convert case", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const convertCase = new CheckedTool(Json.parse(definition), (args: Json): Result => {
  const to = args.at('to').text;
  const words = wordsOf(args.at('text').text);
  for (let i = 0; i < words.length; i++) words[i] = inCase(words[i], to, i);
  return new Result(words.join(separatorOf(to)));
});

/** The words in lower case: cut at everything that is no letter or digit and where a capital starts a word. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let at = 0, code = 0; at < text.length; at += unitsOf(code)) {
    code = text.codePointAt(at);
    const isPart = isWordCharacter(code) && code != 0x5f;
    if (start >= 0 && (!isPart || startsWord(text, at))) {
      words.push(text.substring(start, at).toLowerCase());
      start = -1;
    }
    if (isPart && start < 0) start = at;
  }
  if (start >= 0) words.push(text.substring(start).toLowerCase());
  return words;
}

/** A capital after a small letter, or the last capital before a small letter: "fooBar", "HTTPHeader". */
function startsWord(text: string, at: i32): bool {
  if (!isCapital(text.charAt(at))) return false;
  return !isCapital(text.charAt(at - 1)) || isSmall(text.charAt(at + 1));
}

function isCapital(letter: string): bool {
  return letter != letter.toLowerCase();
}

function isSmall(letter: string): bool {
  return letter != letter.toUpperCase();
}

function inCase(word: string, to: string, index: i32): string {
  if (to == 'constant') return word.toUpperCase();
  const isCapitalised = to == 'pascal' || to == 'title' || (to == 'camel' && index > 0) || (to == 'sentence' && index == 0);
  if (!isCapitalised) return word;
  const first = unitsOf(word.codePointAt(0));
  return word.substring(0, first).toUpperCase() + word.substring(first);
}

function separatorOf(to: string): string {
  if (to == 'camel' || to == 'pascal') return '';
  if (to == 'snake' || to == 'constant') return '_';
  return to == 'kebab' ? '-' : ' ';
}
