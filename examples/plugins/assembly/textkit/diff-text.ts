import { Json, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool, integerOr, textOr } from '../../assemblyscript/assembly/checked-tool';
import { LineComparison } from './line-comparison';

const definition = `{
  "name": "diff_text",
  "description": "Compares two texts line by line and gives a unified diff that patch and git apply accept; empty where the texts are equal.",
  "input_schema": {
    "type": "object",
    "properties": {
      "before": { "type": "string", "description": "The old text." },
      "after": { "type": "string", "description": "The new text." },
      "name": { "type": "string", "description": "The file's name for the header lines; text by default." },
      "context": { "type": "integer", "minimum": 0, "maximum": 1000, "description": "Unchanged lines around each change; 3 by default." }
    },
    "required": ["before", "after"],
    "additionalProperties": false
  },
  "annotations": { "title": "Compare two texts", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const diffText = new CheckedTool(Json.parse(definition), (args: Json): Result => {
  const before = linesOf(args.at('before').text);
  const after = linesOf(args.at('after').text);
  const diff = new UnifiedDiff(before, after, integerOr(args, 'context', 3)).write();
  const name = textOr(args, 'name', 'text');
  return new Result(diff == '' ? '' : `--- a/${name}\n+++ b/${name}\n${diff}`);
});

/** Lines with their line ends, so that a missing one at the end of a text is a difference. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found + 1;
    lines.push(text.substring(start, end));
    start = end;
  }
  return lines;
}

class UnifiedDiff {
  private readonly comparison: LineComparison;
  private readonly parts: string[] = [];

  constructor(private readonly before: string[], private readonly after: string[], private readonly context: i32) {
    this.comparison = new LineComparison(before, after);
  }

  write(): string {
    const removed = this.comparison.removed;
    const added = this.comparison.added;
    let i = 0;
    let j = 0;
    while (i < this.before.length || j < this.after.length) {
      if (isMarked(removed, i) || isMarked(added, j)) {
        const start = max(i - this.context, 0);
        const shift = j - i;
        let kept = 0; // unchanged lines since the last change
        let endI = i;
        let endJ = j;
        while ((i < this.before.length || j < this.after.length) && kept <= 2 * this.context) {
          if (isMarked(removed, i)) i++;
          else if (isMarked(added, j)) j++;
          else {
            i++;
            j++;
            kept++;
            continue;
          }
          kept = 0;
          endI = i;
          endJ = j;
        }
        const tail = min(this.context, this.before.length - endI);
        this.hunk(start, endI + tail, start + shift, endJ + tail);
      } else {
        i++;
        j++;
      }
    }
    return this.parts.join('');
  }

  private hunk(fromI: i32, toI: i32, fromJ: i32, toJ: i32): void {
    this.parts.push(`@@ -${range(fromI, toI)} +${range(fromJ, toJ)} @@\n`);
    for (let i = fromI, j = fromJ; i < toI || j < toJ; ) {
      if (isMarked(this.comparison.removed, i) && i < toI) this.line('-', this.before[i++]);
      else if (isMarked(this.comparison.added, j) && j < toJ) this.line('+', this.after[j++]);
      else {
        this.line(' ', this.before[i++]);
        j++;
      }
    }
  }

  private line(sign: string, line: string): void {
    this.parts.push(sign);
    this.parts.push(line);
    if (!line.endsWith('\n')) this.parts.push('\n\\ No newline at end of file\n');
  }
}

function isMarked(marks: Uint8Array, at: i32): bool {
  return at < marks.length && marks[at] == 1;
}

/** Lines count from 1; an empty range names the line before it. */
function range(from: i32, to: i32): string {
  const count = to - from;
  if (count == 0) return `${from},0`;
  return count == 1 ? `${from + 1}` : `${from + 1},${count}`;
}
