// Which secrecy a path has: the tags of every folder rule that the path lies in.
import { Json, Kind } from '../assemblyscript/assembly/sdk';
import { addTag, areTexts, Labels } from '../assemblyscript/assembly/guard-sdk';
import { areNames, namesIn } from './known-paths';

/** The tag of what cannot be placed, such as an entry of a listing whose name is not known. No policy grants it by chance. */
const UNKNOWN = 'path-guard:unknown';

export class Folders {
  private readonly folders: string[][] = [];
  private readonly anchored: bool[] = [];
  private readonly tags: Json[] = [];

  /** Takes over rules: folder → tags. A folder with a leading `/` is a place, any other is found at every depth. What is wrong with them, or nothing. */
  add(rules: Json): string {
    if (rules.kind != Kind.Object) return '"rules.folders" must be an object: folder → array of tags';
    const keys = rules.fields.keys();
    for (let i = 0; i < keys.length; i++) {
      const anchored = keys[i].startsWith('/');
      const place = anchored ? namesIn(keys[i]) : keys[i].split('/');
      if (place === null) return `"rules.folders" has a place that is no normalised path below one of the roots: "${keys[i]}"`;
      if (!anchored && !areNames(place)) return `"rules.folders" has a folder that no known path can have: "${keys[i]}"`;
      const tags = rules.at(keys[i]);
      if (!areTexts(tags) || tags.items.length == 0) return `"rules.folders" must give "${keys[i]}" an array of tags`;
      this.folders.push(lowered(place));
      this.anchored.push(anchored);
      this.tags.push(tags);
    }
    return '';
  }

  labelsOf(path: string): Labels {
    return this.addTo(new Labels(), path);
  }

  /** A file system may not tell upper case from lower, so neither do the rules. */
  addTo(labels: Labels, path: string): Labels {
    const known = namesIn(path);
    if (known === null) {
      addTag(labels.secrecy, UNKNOWN);
      return labels;
    }
    const names = lowered(known);
    for (let i = 0; i < this.folders.length; i++) {
      if (!liesIn(names, this.folders[i], this.anchored[i])) continue;
      for (let t = 0; t < this.tags[i].items.length; t++) addTag(labels.secrecy, this.tags[i].items[t].text);
    }
    return labels;
  }

  /** Whether a folder with a rule may lie inside a path, so that moving the path would take the rule's files out of its reach. */
  mayLieInside(path: string): bool {
    const known = namesIn(path);
    if (known === null) return true;
    const names = lowered(known);
    for (let i = 0; i < this.folders.length; i++) {
      const folder = this.folders[i];
      for (let held = 1; held < folder.length; held++) {
        const start = this.anchored[i] ? 0 : names.length - held;
        if (start + held == names.length && fits(names, start, folder, held)) return true;
      }
      if (this.anchored[i] && names.length == 0) return true;
    }
    return false;
  }
}

function liesIn(names: string[], folder: string[], anchored: bool): bool {
  const last = anchored ? 0 : names.length - folder.length;
  for (let start = 0; start <= last; start++) if (fits(names, start, folder, folder.length)) return true;
  return false;
}

/** Whether the first names of a folder stand in a path from `start` on. */
function fits(names: string[], start: i32, folder: string[], count: i32): bool {
  if (start < 0 || count > names.length - start) return false;
  for (let i = 0; i < count; i++) if (names[start + i] != folder[i]) return false;
  return true;
}

function lowered(names: string[]): string[] {
  return names.map<string>((name) => name.toLowerCase());
}
