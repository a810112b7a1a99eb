import { usableName } from '../config/usable-name.ts';
import type { Found, FoundEntry, Section } from './client.ts';
import { hoistSecrets } from './hoist-secrets.ts';
import { NameBook } from './name-book.ts';
import { isGatewayItself } from './own-entry.ts';
import type { ReadFile } from './read-client-file.ts';
import { isTree, type Tree } from './tree.ts';
import { VariableBook, type WantedVariable } from './variable-book.ts';
import { referencedVariables } from './variable-syntax.ts';

export interface ImportInput {
  readonly files: readonly ReadFile[];
  /** The configuration that the entries go into; empty where there is none yet. */
  readonly existing: Tree;
  /** Its folder, in which programs start that have no other. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes an entry whose name is taken in the configuration under another name, instead of leaving it out. */
  readonly renames: boolean;
  /** What somebody has chosen; everything without it. */
  readonly isWanted?: (found: FoundEntry, file: ReadFile) => boolean;
}

/** What comes of one entry of a client's file. */
export interface Outcome {
  readonly file: string;
  readonly client: string;
  /** As the client has it. */
  readonly name: string;
  /** `same`: it stands in the configuration, or in another of the files, already. `taken`: another one of its name does. */
  readonly result: 'added' | 'same' | 'taken' | 'left out' | 'not wanted';
  /** Where it goes; of what is added only. */
  readonly to?: { readonly section: Section; readonly name: string; readonly entry: Tree };
  /** Everything that is otherwise than in the client, one sentence each, without a secret. */
  readonly remarks: readonly string[];
}

export interface ImportPlan {
  /** One for each entry of each file, in their order. */
  readonly outcomes: readonly Outcome[];
  readonly variables: readonly WantedVariable[];
  /** Values of variables that stood in the files. */
  readonly values: ReadonlyMap<string, string>;
}

/** Decides what becomes of every entry of clients' files. Nothing is lost without a word: each has its outcome. */
export function planImport(input: ImportInput): ImportPlan {
  const work: Work = {
    input,
    book: new VariableBook(JSON.stringify(input.existing), input.environment),
    names: new NameBook(input.existing),
  };
  // What a client reads from its environment may have another value than what another client has written out.
  for (const { found } of input.files)
    for (const one of found)
      if ('entry' in one)
        for (const { name } of referencedVariables(JSON.stringify(one.entry))) work.book.reserve(name);
  const outcomes = input.files.flatMap((file) => outcomesOf(file, work));
  return { outcomes, variables: work.book.wanted(), values: work.book.values() };
}

interface Work {
  readonly input: ImportInput;
  readonly book: VariableBook;
  readonly names: NameBook;
}

/** Guards come first, since servers name them. */
function outcomesOf(file: ReadFile, work: Work): readonly Outcome[] {
  const guards = new Map<string, string>();
  const isGuard = (found: Found): boolean => 'section' in found && found.section === 'guards';
  const outcomes = new Map<Found, Outcome>();
  for (const found of [...file.found.filter(isGuard), ...file.found.filter((one) => !isGuard(one))])
    outcomes.set(found, outcomeOf(found, file, guards, work));
  return file.found.flatMap((found) => outcomes.get(found) ?? []);
}

function outcomeOf(found: Found, file: ReadFile, guards: Map<string, string>, work: Work): Outcome {
  const { input, names } = work;
  const from = { file: file.path, client: file.client.name, name: found.name };
  if ('leftOut' in found) return { ...from, result: 'left out', remarks: [found.leftOut] };
  if (input.isWanted?.(found, file) === false) return { ...from, result: 'not wanted', remarks: [] };
  const { section } = found;
  const remarks = [...found.remarks];
  const entry = withGuard(withoutOwnFolder(found.entry, input.folder), guards, remarks);
  if (isGatewayItself(entry, input.existing)) return { ...from, result: 'left out', remarks: [ITSELF] };
  const usable = usableName(found.name);
  if (usable === '') return { ...from, result: 'left out', remarks: [NO_NAME] };
  if (usable !== found.name)
    remarks.push(`called "${usable}" here, since a name has letters, digits, "_", "." and "-" only`);

  const twin = names.twinOf(section, usable, entry);
  if (section === 'guards' && twin !== undefined) guards.set(found.name, twin.name);
  if (twin !== undefined) return { ...from, result: 'same', remarks: [twin.where] };
  if (names.isTakenInConfiguration(section, usable) && !input.renames) {
    const kept = `another "${usable}" stands in the configuration and is kept; --rename takes this one under another name`;
    return { ...from, result: 'taken', remarks: [kept] };
  }
  const name = names.take(section, usable, entry, file.path);
  if (name !== usable) remarks.push(`called "${name}" here, since there is another "${usable}"`);
  if (section === 'guards') guards.set(found.name, name);
  const written = withVariables(found, { section, name, entry }, remarks, file, work.book);
  return { ...from, result: 'added', to: { section, name, entry: written }, remarks };
}

const ITSELF = 'it is this gateway itself';
const NO_NAME = 'its name has no letter or digit that a name may have here: rename it';

/** The entry as it is written: its secrets are variables, and all variables are in the book. */
function withVariables(
  found: FoundEntry,
  { section, name, entry }: { readonly section: Section; readonly name: string; readonly entry: Tree },
  remarks: string[],
  file: ReadFile,
  book: VariableBook,
): Tree {
  const written = hoistSecrets(section, name, entry, (value, wanted, place) => {
    const variable = book.nameSecret(value, wanted, `${place} of "${found.name}" in ${file.path}`);
    remarks.push(`${place} is written out there: here it is \${${variable}}`);
    return variable;
  });
  for (const { variable, source, otherwise } of found.needs) book.need(variable, source, otherwise);
  for (const { name: variable, isOptional } of referencedVariables(JSON.stringify(written)))
    if (!isOptional) book.need(variable, `the environment of ${file.client.name}`);
  return written;
}

/** The guard of a server under the name that it has here. A server whose guard does not come is switched off: it would be open to all. */
function withGuard(entry: Tree, guards: ReadonlyMap<string, string>, remarks: string[]): Tree {
  if (typeof entry.guard !== 'string') return entry;
  const name = guards.get(entry.guard);
  if (name !== undefined) return { ...entry, guard: name };
  remarks.push(
    `its guard "${entry.guard}" is not taken over, so it is switched off: name another "guard", then leave out "disabled"`,
  );
  const { guard: _, 'guard-policies': policies, ...others } = entry;
  return { ...others, ...withoutAllowOnly(policies), disabled: true };
}

/** A policy for a guard cannot stand where there is none. */
function withoutAllowOnly(policies: unknown): Tree {
  if (!isTree(policies)) return {};
  const { 'allow-only': _, 'trusted-bots': __, ...others } = policies;
  return Object.keys(others).length === 0 ? {} : { 'guard-policies': others };
}

/** Programs start in the folder of the configuration anyhow. */
function withoutOwnFolder(entry: Tree, folder: string): Tree {
  if (entry.cwd !== folder) return entry;
  const { cwd: _, ...others } = entry;
  return others;
}
