import type { Definition } from './definition.ts';
import { hiddenCharacters, visible } from './hidden-characters.ts';
import { looksOf } from './look-alike.ts';
import type { Finding } from './pin-report.ts';

/** Words by which descriptions give orders to models. They are hints: honest descriptions have some of them as well. */
const ORDERS: readonly RegExp[] = [
  /<\s*\/?\s*(?:important|system|secret|instructions?|assistant)\b[^>]*>/i,
  /\b(?:ignore|disregard|forget|override)\b[^.]{0,30}\b(?:previous|prior|earlier|above|other|all)\b[^.]{0,30}\b(?:instructions?|rules|prompts?|tools?)\b/i,
  /\b(?:do not|don't|never|without)\b[^.]{0,30}\b(?:tell|mention|inform|reveal|show|notify|asking)\b[^.]{0,40}\b(?:user|human|anyone|this)\b/i,
  /\bbefore (?:using|calling|invoking) (?:this|any|other|another)\b/i,
  /\b(?:read|open|send|include|pass|upload|attach)s?\b[^.]{0,60}(?:~\/\.|id_rsa|\.env\b|mcp\.json|credentials?\b|private keys?\b|api[ _-]?keys?\b|passwords?\b|conversation history)/i,
  /\bsystem prompt\b/i,
];

/** What is conspicuous about a definition, beside those that are approved or offered. */
export function findingsOf(definition: Definition, others: Iterable<Definition>): readonly Finding[] {
  const findings: Finding[] = [];
  // JSON writes some of them as escapes.
  const hidden = hiddenCharacters(unescaped(definition.text));
  if (hidden.length > 0)
    findings.push({ kind: 'hidden characters', text: `has ${hidden.join(', ')}, which nobody sees` });
  const like = definition.kind === 'instructions' ? undefined : lookAlike(definition, others);
  if (like) {
    const text = `its name looks like "${visible(like.name)}" of "${like.server}" and is another`;
    findings.push({ kind: 'look-alike', text });
  } else if (definition.kind !== 'instructions' && isDisguised(definition.name)) {
    findings.push({ kind: 'look-alike', text: `its name is written with letters that look like others` });
  }
  const order = ORDERS.map((one) => one.exec(unescaped(definition.text))?.[0]).find((found) => found !== undefined);
  if (order !== undefined) findings.push({ kind: 'instructions', text: `speaks to the model: "${visible(order)}"` });
  return findings;
}

/** Whether nobody should take it for approved at first sight. Orders are too often meant well. */
export function mustBeLookedAt(findings: readonly Finding[]): boolean {
  return findings.some(({ kind }) => kind !== 'instructions');
}

/** Whether a name that looks like plain Latin letters is none. */
function isDisguised(name: string): boolean {
  const plain = /^[\x20-\x7E]*$/;
  return !plain.test(name) && plain.test(looksOf(name));
}

function lookAlike({ kind, name }: Definition, others: Iterable<Definition>): Definition | undefined {
  const looks = looksOf(name);
  for (const other of others) {
    if (other.kind === kind && other.name !== name && looksOf(other.name) === looks) return other;
  }
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
