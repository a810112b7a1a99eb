// Which paths the guard knows: absolute and normalised, below a root that its policy names, and spelled in one way only.
import { Json, Kind } from '../assemblyscript/assembly/sdk';

/**
 * What a name may hold beside letters and digits of ASCII. A server may take two spellings for one file: another Unicode form or case, `%61`,
 * `PRIVAT~1`, `private.`, `private::$DATA`. What could be such a spelling is not known, so that it is denied, not guessed.
 */
const MARKS = ' ._-+=,@#&()[]{}!;^$';

let roots: string[] = [];

/** Takes over the roots of a policy, or says what is wrong with them. */
export function setRoots(list: Json): string {
  if (list.kind != Kind.Array || list.items.length == 0) return '"rules.roots" must be an array of the absolute folders that the server serves';
  for (let i = 0; i < list.items.length; i++) {
    const root = list.items[i];
    if (root.kind != Kind.String || !isNormalised(root.text)) {
      return `"rules.roots[${i}]" must be an absolute path such as "/srv/files", without ".", "..", "//" and a slash at its end`;
    }
  }
  roots = list.items.map<string>((root) => root.text);
  return '';
}

export function allRoots(): string[] {
  return roots;
}

/** The names in a known path, from the root of all; null for every other text. */
export function namesIn(path: string): string[] | null {
  for (let i = 0; i < roots.length; i++) {
    if (path == roots[i]) return namesOfRoot(path);
    const prefix = roots[i] == '/' ? '/' : `${roots[i]}/`;
    if (!path.startsWith(prefix)) continue;
    const rest = path.substring(prefix.length).split('/');
    if (areNames(rest)) return namesOfRoot(roots[i]).concat(rest);
  }
  return null;
}

/** Whether each text is the name of a file in its one spelling. */
export function areNames(names: string[]): bool {
  for (let i = 0; i < names.length; i++) if (!isName(names[i])) return false;
  return true;
}

export function isName(name: string): bool {
  if (name == '' || name.startsWith(' ') || name.endsWith(' ') || name.endsWith('.')) return false;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    const isLetter = (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a && unit < 0x80;
    if (!isLetter && !(unit >= 0x30 && unit <= 0x39) && !MARKS.includes(name.charAt(i))) return false;
  }
  return true;
}

/** A root comes from the policy and is compared letter by letter, so its names may be any. */
function isNormalised(root: string): bool {
  if (root == '/') return true;
  const names = root.split('/');
  for (let i = 1; i < names.length; i++) if (names[i] == '' || names[i] == '.' || names[i] == '..') return false;
  return names.length > 1 && names[0] == '' && !root.includes('\0') && !root.includes('\\');
}

function namesOfRoot(root: string): string[] {
  return root == '/' ? [] : root.substring(1).split('/');
}
