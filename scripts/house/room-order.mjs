// Whether the files of a package keep to its list of rooms. Imports of types count: who needs a word of another room
// depends on that room.
import { posix } from 'node:path';

const IMPORT = /\bfrom\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'|\bimport\s+'(\.[^']+)'/g;

/**
 * One sentence for each file without a room, empty room, import of a later room, and cycle between files.
 *
 * @param {readonly string[]} rooms - from the bottom up
 * @param {ReadonlyMap<string, string>} sources - path inside `src` → text
 */
export function roomFindings(rooms, sources) {
  const imports = new Map(
    [...sources].map(([file, text]) => [file, importsOf(file, text).filter((to) => sources.has(to))]),
  );
  const roomOf = (file) => roomIn(rooms, file);
  const homeless = [...sources.keys()]
    .filter((file) => roomOf(file) === undefined)
    .map((file) => `${file} stands in no room: add its folder, or the file itself, to scripts/house/rooms.mjs`);
  const empty = rooms
    .filter((room) => ![...sources.keys()].some((file) => roomOf(file) === room))
    .map((room) => `the room "${room}" is empty: take it out of scripts/house/rooms.mjs`);
  const upward = [...imports].flatMap(([from, targets]) =>
    targets
      .filter((to) => rooms.indexOf(roomOf(from)) < rooms.indexOf(roomOf(to)))
      .map(
        (to) =>
          `${from} in room "${roomOf(from)}" imports ${to} in room "${roomOf(to)}", which comes later: ` +
          'move what both need down, or take it as an argument',
      ),
  );
  const cycles = cyclesIn(imports).map(
    (cycle) =>
      `a cycle of imports: ${[...cycle, cycle[0]].map((file) => `${file} (${roomOf(file)})`).join(' → ')}: ` +
      'move what they share into a file below them',
  );
  return [...homeless, ...empty, ...upward, ...cycles];
}

function importsOf(file, text) {
  return [...text.matchAll(IMPORT)].map(([, from, lazy, bare]) =>
    posix.join(posix.dirname(file), from ?? lazy ?? bare),
  );
}

function roomIn(rooms, file) {
  const fitting = rooms.filter((room) => file === room || file.startsWith(`${room}/`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

/** One cycle for each import that leads back to a file from which it was reached. */
function cyclesIn(imports) {
  const cycles = [];
  const done = new Set();
  const path = [];
  const visit = (file) => {
    const start = path.indexOf(file);
    if (start !== -1) cycles.push(path.slice(start));
    if (start !== -1 || done.has(file)) return;
    path.push(file);
    for (const next of imports.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return cycles;
}
