// Which secrecy a path has: the tags of every folder rule that the path lies in.
import { Json } from '../../plugins/assembly/sdk';
import { addTag, Labels } from './guard-sdk';

export class Folders {
  private readonly folders: string[][] = [];
  private readonly anchored: bool[] = [];
  private readonly tags: Json[] = [];

  /** `rules`: folder → array of tags. A folder with a leading `/` is a place, any other is found at every depth. */
  constructor(rules: Json) {
    const keys = rules.fields.keys();
    for (let i = 0; i < keys.length; i++) {
      this.folders.push(segmentsOf(keys[i]));
      this.anchored.push(keys[i].startsWith('/'));
      this.tags.push(rules.at(keys[i]));
    }
  }

  labelsOf(path: string): Labels {
    return this.addTo(new Labels(), path);
  }

  addTo(labels: Labels, path: string): Labels {
    const segments = segmentsOf(path);
    for (let i = 0; i < this.folders.length; i++) {
      if (!liesIn(segments, this.folders[i], this.anchored[i])) continue;
      for (let t = 0; t < this.tags[i].items.length; t++) addTag(labels.secrecy, this.tags[i].items[t].text);
    }
    return labels;
  }
}

/** The folders of a path; `.` and `..` are resolved, as text: symbolic links are not followed. */
function segmentsOf(path: string): string[] {
  const plain = path.startsWith('file://') ? decodeURIComponent(path.substring(7)) : path;
  const parts = plain.replaceAll('\\', '/').split('/');
  const segments: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] == '..') {
      if (segments.length) segments.pop();
    } else if (parts[i] != '' && parts[i] != '.') segments.push(parts[i]);
  }
  return segments;
}

function liesIn(path: string[], folder: string[], anchored: bool): bool {
  const last = anchored ? 0 : path.length - folder.length;
  for (let start = 0; start <= last; start++) {
    let matches = folder.length <= path.length - start;
    for (let i = 0; matches && i < folder.length; i++) matches = path[start + i] == folder[i];
    if (matches) return true;
  }
  return false;
}
