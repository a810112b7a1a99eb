/** Texts that differ in up to twice as many lines get the shortest edit; beyond it, time would grow with the square. */
const MOST_ROUNDS = 1_024;

/**
 * Which lines were removed from one text and added in the other: the shortest such edit, within reason, found in
 * linear memory (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, section 4b).
 */
export class LineComparison {
  /** 1 for each line of the old text that the new one lacks. */
  readonly removed: Uint8Array;
  /** 1 for each line of the new text that the old one lacks. */
  readonly added: Uint8Array;
  private readonly old: StaticArray<i32>;
  private readonly new: StaticArray<i32>;
  /** The furthest x reached on each diagonal x - y, forwards from the start and backwards from the end. */
  private readonly forward: StaticArray<i32>;
  private readonly backward: StaticArray<i32>;
  private readonly diagonal0: i32;
  private meetingX: i32 = 0;
  private meetingY: i32 = 0;

  constructor(before: string[], after: string[]) {
    const ids = new Map<string, i32>();
    this.old = identify(before, ids);
    this.new = identify(after, ids);
    this.removed = new Uint8Array(before.length);
    this.added = new Uint8Array(after.length);
    this.diagonal0 = after.length + 1;
    this.forward = new StaticArray<i32>(before.length + after.length + 3);
    this.backward = new StaticArray<i32>(before.length + after.length + 3);
    this.compare(0, before.length, 0, after.length);
  }

  private compare(x0: i32, x1: i32, y0: i32, y1: i32): void {
    while (x0 < x1 && y0 < y1 && this.old[x0] == this.new[y0]) {
      x0++;
      y0++;
    }
    while (x0 < x1 && y0 < y1 && this.old[x1 - 1] == this.new[y1 - 1]) {
      x1--;
      y1--;
    }
    if (x0 == x1) {
      this.added.fill(1, y0, y1);
    } else if (y0 == y1) {
      this.removed.fill(1, x0, x1);
    } else {
      this.findMeeting(x0, x1, y0, y1);
      const x = this.meetingX;
      const y = this.meetingY;
      this.compare(x0, x, y0, y);
      this.compare(x, x1, y, y1);
    }
  }

  /** Walks from both corners, one edit more per round, until the two walks meet on a shortest path. */
  private findMeeting(x0: i32, x1: i32, y0: i32, y1: i32): void {
    const zero = this.diagonal0;
    const lowest = x0 - y1;
    const highest = x1 - y0;
    const start = x0 - y0;
    const goal = x1 - y1;
    const isOdd = ((start - goal) & 1) != 0;
    let forwardLow = start;
    let forwardHigh = start;
    let backwardLow = goal;
    let backwardHigh = goal;
    const forward = this.forward;
    const backward = this.backward;
    forward[zero + start] = x0;
    backward[zero + goal] = x1;
    for (let round = 0; ; round++) {
      if (round == MOST_ROUNDS) return this.meetFurthest(x0, x1, y1, forwardLow, forwardHigh);
      if (forwardLow > lowest) forward[zero + --forwardLow - 1] = -1;
      else forwardLow++;
      if (forwardHigh < highest) forward[zero + ++forwardHigh + 1] = -1;
      else forwardHigh--;
      for (let diagonal = forwardHigh; diagonal >= forwardLow; diagonal -= 2) {
        let x = max(forward[zero + diagonal - 1] + 1, forward[zero + diagonal + 1]);
        while (x < x1 && x - diagonal < y1 && this.old[x] == this.new[x - diagonal]) x++;
        forward[zero + diagonal] = x;
        if (isOdd && diagonal >= backwardLow && diagonal <= backwardHigh && backward[zero + diagonal] <= x) {
          return this.meet(x, x - diagonal);
        }
      }
      if (backwardLow > lowest) backward[zero + --backwardLow - 1] = i32.MAX_VALUE;
      else backwardLow++;
      if (backwardHigh < highest) backward[zero + ++backwardHigh + 1] = i32.MAX_VALUE;
      else backwardHigh--;
      for (let diagonal = backwardHigh; diagonal >= backwardLow; diagonal -= 2) {
        let x = min(backward[zero + diagonal - 1], backward[zero + diagonal + 1] - 1);
        while (x > x0 && x - diagonal > y0 && this.old[x - 1] == this.new[x - diagonal - 1]) x--;
        backward[zero + diagonal] = x;
        if (!isOdd && diagonal >= forwardLow && diagonal <= forwardHigh && x <= forward[zero + diagonal]) {
          return this.meet(x, x - diagonal);
        }
      }
    }
  }

  /** Gives up the search for the shortest way: on from the point that is furthest from the start. */
  private meetFurthest(x0: i32, x1: i32, y1: i32, low: i32, high: i32): void {
    let furthest = -1;
    for (let diagonal = low; diagonal <= high; diagonal += 2) {
      const x = min(min(this.forward[this.diagonal0 + diagonal], x1), y1 + diagonal);
      if (x < x0 || 2 * x - diagonal <= furthest) continue;
      furthest = 2 * x - diagonal;
      this.meet(x, x - diagonal);
    }
  }

  private meet(x: i32, y: i32): void {
    this.meetingX = x;
    this.meetingY = y;
  }
}

/** The same number for equal lines: comparing numbers is all that the search does. */
function identify(lines: string[], ids: Map<string, i32>): StaticArray<i32> {
  const found = new StaticArray<i32>(lines.length);
  for (let i = 0; i < lines.length; i++) {
    if (!ids.has(lines[i])) ids.set(lines[i], ids.size);
    found[i] = ids.get(lines[i]);
  }
  return found;
}
