// Values of calls and answers, and whether they fit what a rule says of them.
import { Json, Kind } from '../assemblyscript/assembly/sdk';

/** `Unclear`: a value of another kind than the rule's, or one that fits but for its spelling. Nobody can say what a server makes of it. */
export const enum Fit { No, Yes, Unclear }

/** Whether every value fits. One that surely does not decides, whatever is unclear beside it. */
export function fitsAll(patterns: Json, values: Json, spelling: string): Fit {
  const names = patterns.fields.keys();
  let fit = Fit.Yes;
  for (let i = 0; i < names.length; i++) {
    const one = fitsAt(patterns.at(names[i]), values, names[i], spelling);
    if (one == Fit.No) return one;
    if (one == Fit.Unclear) fit = one;
  }
  return fit;
}

/** Whether a text fits a pattern in which a star stands for any text. */
export function matches(pattern: string, text: string): bool {
  const parts = pattern.split('*');
  if (parts.length == 1) return pattern == text;
  if (!text.startsWith(parts[0])) return false;
  let at = parts[0].length;
  for (let i = 1; i < parts.length - 1; i++) {
    const found = text.indexOf(parts[i], at);
    if (found < 0) return false;
    at = found + parts[i].length;
  }
  const last = parts[parts.length - 1];
  return text.length - at >= last.length && text.endsWith(last);
}

/** The value that a name leads to: `owner` is a field, `/owner/login` a JSON Pointer. `Kind.Null` where there is none, `Kind.Invalid` where the way is blocked. */
export function follow(root: Json, name: string): Json {
  let value = root;
  const tokens = pointerTo(name).split('/');
  for (let i = 1; i < tokens.length; i++) {
    const token = tokens[i].replaceAll('~1', '/').replaceAll('~0', '~');
    if (value.kind == Kind.Array) value = elementOf(value, token);
    else if (value.kind == Kind.Object) value = fieldOf(value, token);
    else return value.isNull ? value : BLOCKED;
  }
  return value;
}

const ABSENT = new Json(Kind.Null);
const BLOCKED = new Json(Kind.Invalid);

/** A null that stands there is a value of another kind than any rule's. */
function present(value: Json): Json {
  return value.isNull ? BLOCKED : value;
}

/** Where a field is named almost like the one that is looked for, nobody knows which a server reads. */
function fieldOf(object: Json, name: string): Json {
  if (object.fields.has(name)) return present(object.at(name));
  const names = object.fields.keys();
  for (let i = 0; i < names.length; i++) if (plain(names[i]) == plain(name)) return BLOCKED;
  return ABSENT;
}

function elementOf(list: Json, token: string): Json {
  for (let i = 0; i < token.length; i++) if (token.charCodeAt(i) < 0x30 || token.charCodeAt(i) > 0x39) return BLOCKED;
  const index = I32.parseInt(token);
  return token != '' && index >= 0 && index < list.items.length ? present(list.items[index]) : ABSENT;
}

function pointerTo(name: string): string {
  return name == '' || name.startsWith('/') ? name : `/${name}`;
}

function fitsAt(pattern: Json, values: Json, name: string, spelling: string): Fit {
  const value = follow(values, name);
  if (value.isNull) return Fit.No;
  if (value.kind != pattern.kind) return Fit.Unclear;
  if (pattern.kind == Kind.String) return fitsText(pattern.text, value.text, spelling);
  if (pattern.text == value.text) return Fit.Yes;
  // 1 and 1.0 are one number.
  return pattern.kind == Kind.Number && F64.parseFloat(pattern.text) == F64.parseFloat(value.text) ? Fit.Unclear : Fit.No;
}

function fitsText(pattern: string, text: string, spelling: string): Fit {
  if (matches(pattern, text)) return Fit.Yes;
  if (spelling == 'exact' || !matches(plain(pattern), plain(text))) return Fit.No;
  return spelling == 'loose' ? Fit.Yes : Fit.Unclear;
}

/** A text without what a server may overlook: upper case, spaces around it, characters that show nothing, wide forms. */
function plain(text: string): string {
  let shown = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const hidden = unit < 0x20 || unit == 0x7f || unit == 0xad || (unit >= 0x200b && unit <= 0x200f) || (unit >= 0x202a && unit <= 0x202e);
    if (hidden || (unit >= 0x2060 && unit <= 0x2064) || unit == 0xfeff) continue;
    shown += unit >= 0xff01 && unit <= 0xff5e ? String.fromCharCode(unit - 0xfee0) : text.charAt(i);
  }
  return shown.trim().toLowerCase();
}
