import { Json, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool, integerOr } from '../../assemblyscript/assembly/checked-tool';
import { isCombining, isDigit, isIdeograph, isSpace, isWordCharacter, unitsOf } from './characters';

const DEFAULT_WORDS_PER_MINUTE = 230;

const definition = `{
  "name": "count_words",
  "description": "Counts the words, characters, sentences, lines and paragraphs of a text and estimates its reading time. Each Chinese or Japanese character counts as one word.",
  "input_schema": {
    "type": "object",
    "properties": {
      "text": { "type": "string", "description": "The text to count." },
      "words_per_minute": { "type": "integer", "minimum": 1, "maximum": 10000, "description": "Reading speed; 230 by default." }
    },
    "required": ["text"],
    "additionalProperties": false
  },
  "output_schema": {
    "type": "object",
    "properties": {
      "words": { "type": "integer" },
      "characters": { "type": "integer", "description": "Code points, white space included." },
      "sentences": { "type": "integer" },
      "lines": { "type": "integer" },
      "paragraphs": { "type": "integer" },
      "reading_seconds": { "type": "integer" }
    },
    "required": ["words", "characters", "sentences", "lines", "paragraphs", "reading_seconds"]
  },
  "annotations": { "title": "Count words", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const countWords = new CheckedTool(
  Json.parse(definition),
  (args: Json): Result => {
    const text = args.at('text').text;
    const wordsPerMinute = integerOr(args, 'words_per_minute', DEFAULT_WORDS_PER_MINUTE);
    const words = wordsIn(text);
    const counts = Json.object()
      .set('words', Json.integer(words))
      .set('characters', Json.integer(charactersIn(text)))
      .set('sentences', Json.integer(sentencesIn(text)))
      .set('lines', Json.integer(linesIn(text)))
      .set('paragraphs', Json.integer(paragraphsIn(text)))
      .set('reading_seconds', Json.integer((<i64>words * 60 + wordsPerMinute - 1) / wordsPerMinute));
    return new Result(counts.stringify());
  },
  ['words', 'reading_seconds'],
);

function wordsIn(text: string): i32 {
  let words = 0;
  let inWord = false;
  for (let at = 0, code = 0; at < text.length; at += unitsOf(code)) {
    code = text.codePointAt(at);
    if (isIdeograph(code)) {
      words++;
      inWord = false;
    } else if (isWordCharacter(code) || (inWord && (isCombining(code) || joins(text, at, code)))) {
      if (!inWord) words++;
      inWord = true;
    } else {
      inWord = false;
    }
  }
  return words;
}

/** An apostrophe or hyphen between letters, a point or comma between digits: "don't" and "3.14" are one word each. */
function joins(text: string, at: i32, code: i32): bool {
  const next = text.charCodeAt(at + 1);
  if (code == 0x2e || code == 0x2c) return isDigit(text.charCodeAt(at - 1)) && isDigit(next);
  return (code == 0x27 || code == 0x2019 || code == 0x2d) && next > 0 && isWordCharacter(next);
}

function charactersIn(text: string): i32 {
  let characters = 0;
  for (let at = 0; at < text.length; at += unitsOf(text.codePointAt(at))) characters++;
  return characters;
}

function sentencesIn(text: string): i32 {
  let sentences = 0;
  let open = false;
  for (let at = 0, code = 0; at < text.length; at += unitsOf(code)) {
    code = text.codePointAt(at);
    if (isWordCharacter(code)) {
      open = true;
    } else if (open && endsSentence(text, at, code)) {
      sentences++;
      open = false;
    }
  }
  return open ? sentences + 1 : sentences;
}

function endsSentence(text: string, at: i32, code: i32): bool {
  if (code == 0x3002 || code == 0xff01 || code == 0xff1f) return true; // Chinese and Japanese need no space after
  if (code != 0x2e && code != 0x21 && code != 0x3f && code != 0x2026) return false;
  const next = text.charCodeAt(at + 1);
  return next < 0 || !isWordCharacter(next);
}

function linesIn(text: string): i32 {
  if (text == '') return 0;
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) == 0x0a) lines++;
  return lines;
}

/** Blocks of lines with something in them, set apart by empty lines. */
function paragraphsIn(text: string): i32 {
  let paragraphs = 0;
  let inParagraph = false;
  let emptyLine = true;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit == 0x0a) {
      if (emptyLine) inParagraph = false;
      emptyLine = true;
    } else if (!isSpace(unit)) {
      if (!inParagraph) paragraphs++;
      inParagraph = true;
      emptyLine = false;
    }
  }
  return paragraphs;
}
