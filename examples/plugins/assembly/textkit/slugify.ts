import { Json, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool, integerOr, textOr } from '../../assemblyscript/assembly/checked-tool';
import { isCombining, isWordCharacter, unitsOf } from './characters';

// Base letters of U+00C0-U+017F, of U+01A0-U+0233 and of U+1E00-U+1EF9. A point: no base letter; a star: see DIGRAPHS.
const LATIN_1 =
  'aaaaaa*ceeeeiiiidnooooo.ouuuuy**aaaaaa*ceeeeiiiidnooooo.ouuuuy*yaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkkllllllllllnnnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs';
const LATIN_B =
  'oo.............uu...................*********aaiioouuuuuuuuuu.aaaa**..ggkkoooo..j***gg..nnaa**ooaaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy';
const LATIN_ADDITIONAL =
  'aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s..*.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy';
const DIGRAPHS = 'Æae æae Þth þth ßss ẞss Œoe œoe Ĳij ĳij Ǆdz ǅdz ǆdz Ǳdz ǲdz ǳdz Ǉlj ǈlj ǉlj Ǌnj ǋnj ǌnj Ǣae ǣae Ǽae ǽae ';

const definition = `{
  "name": "slugify",
  "description": "Turns a title into a slug for addresses and file names: lower case, Latin letters without their marks, everything else than letters and digits replaced by the separator. Letters of other scripts stay.",
  "input_schema": {
    "type": "object",
    "properties": {
      "text": { "type": "string", "description": "The title." },
      "separator": { "type": "string", "enum": ["-", "_", "."], "description": "What stands between words; - by default." },
      "max_length": { "type": "integer", "minimum": 1, "description": "Longest slug, in UTF-16 units; cut between words where possible. No limit by default." }
    },
    "required": ["text"],
    "additionalProperties": false
  },
  "annotations": { "title": "Make a slug", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const slugify = new CheckedTool(Json.parse(definition), (args: Json): Result => {
  const separator = textOr(args, 'separator', '-');
  const slug = slugOf(args.at('text').text, separator.charCodeAt(0));
  return new Result(cut(slug, separator, integerOr(args, 'max_length', i32.MAX_VALUE)));
});

/** Written into one buffer: a letter takes at most two units, and a separator stands for at least one unit. */
function slugOf(text: string, separator: i32): string {
  const units = new StaticArray<u16>(text.length * 2);
  let length = 0;
  let isGap = false;
  for (let at = 0, code = 0; at < text.length; at += unitsOf(code)) {
    code = text.codePointAt(at);
    if (isCombining(code) || code == 0x27 || code == 0x2019) continue; // "don't" is one word
    const isPart = isWordCharacter(code) && code != 0x5f;
    if (isPart && isGap && length) units[length++] = <u16>separator;
    isGap = !isPart;
    if (!isPart) continue;
    const letter = code < 0x80 ? '' : plain(code);
    if (code < 0x80) units[length++] = <u16>(code >= 0x41 && code <= 0x5a ? code | 0x20 : code);
    for (let i = 0; i < letter.length; i++) units[length++] = <u16>letter.charCodeAt(i);
  }
  return String.UTF16.decodeUnsafe(changetype<usize>(units), <usize>length << 1);
}

/** A letter beyond ASCII in lower case and, if it is Latin, without its marks. */
function plain(code: i32): string {
  let base = '.';
  if (code >= 0xc0 && code < 0x180) base = LATIN_1.charAt(code - 0xc0);
  else if (code >= 0x1a0 && code < 0x234) base = LATIN_B.charAt(code - 0x1a0);
  else if (code >= 0x1e00 && code < 0x1efa) base = LATIN_ADDITIONAL.charAt(code - 0x1e00);
  const letter = String.fromCodePoint(code);
  if (base == '.') return letter.toLowerCase();
  if (base != '*') return base;
  const digraph = DIGRAPHS.indexOf(letter) + 1;
  return DIGRAPHS.substring(digraph, digraph + 2);
}

/** Cut between words where there are several, and never inside a pair of surrogates. */
function cut(slug: string, separator: string, maxLength: i32): string {
  if (slug.length <= maxLength) return slug;
  const end = slug.lastIndexOf(separator, maxLength);
  if (end > 0) return slug.substring(0, end);
  const splitsPair = (slug.charCodeAt(maxLength) & 0xfc00) == 0xdc00;
  return slug.substring(0, splitsPair ? maxLength - 1 : maxLength);
}
