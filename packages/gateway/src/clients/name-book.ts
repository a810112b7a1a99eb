import { isDeepStrictEqual } from 'node:util';
import type { Section } from './client.ts';
import { hoistSecrets, withoutVariableNames } from './hoist-secrets.ts';
import { childTree, type Tree } from './tree.ts';

/** Where an entry is already. */
export interface Twin {
  readonly name: string;
  readonly where: string;
}

interface TakenName {
  readonly name: string;
  readonly section: Section;
  readonly entry: Tree;
  readonly file: string;
}

/** The names that are taken, and by what. Plugins and servers share their names; guards have names of their own. */
export class NameBook {
  readonly #existing: Tree;
  readonly #taken: TakenName[] = [];

  constructor(existing: Tree) {
    this.#existing = existing;
  }

  isTakenInConfiguration(section: Section, name: string): boolean {
    return sharing(section).some((other) => Object.hasOwn(childTree(this.#existing, other) ?? {}, name));
  }

  /** The very same entry, under this name or the one that it got when it was renamed. */
  twinOf(section: Section, name: string, entry: Tree): Twin | undefined {
    const variants = (candidate: string): boolean =>
      candidate === name || (candidate.startsWith(`${name}-`) && /^\d+$/.test(candidate.slice(name.length + 1)));
    for (const { name: taken, section: of, entry: known, file } of this.#taken)
      if (of === section && variants(taken) && isDeepStrictEqual(known, entry))
        return { name: taken, where: `the same as "${taken}" of ${file}` };
    for (const [taken, known] of Object.entries(childTree(this.#existing, section) ?? {}))
      if (variants(taken) && isSame(section, known, entry))
        return { name: taken, where: `it stands in the configuration already, as "${taken}"` };
    return undefined;
  }

  /** Takes a name, or the next one that is free, and returns it. */
  take(section: Section, name: string, entry: Tree, file: string): string {
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${name.slice(0, 60)}-${number}`;
      if (this.isTakenInConfiguration(section, candidate) || this.#isTakenHere(section, candidate)) continue;
      this.#taken.push({ name: candidate, section, entry, file });
      return candidate;
    }
  }

  #isTakenHere(section: Section, name: string): boolean {
    return this.#taken.some((taken) => taken.name === name && sharing(section).includes(taken.section));
  }
}

function sharing(section: Section): readonly Section[] {
  return section === 'guards' ? ['guards'] : ['mcpServers', 'plugins'];
}

/** Whether an entry of the configuration is what an import made of this one; secrets are variables there. */
function isSame(section: Section, known: unknown, entry: Tree): boolean {
  const hoisted = hoistSecrets(section, 'x', entry, () => 'X');
  return isDeepStrictEqual(withoutVariableNames(known), withoutVariableNames(hoisted));
}
