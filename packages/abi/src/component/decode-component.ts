import type { ComponentPlan, DecodedComponent, ExportedFunction, PlanStep } from './component-plan.ts';
import { ComponentReader } from './component-reader.ts';
import { notYet, partCount, requireShallow } from './decode-types.ts';
import {
  readAlias,
  readCanonical,
  readCoreInstance,
  readDefinition,
  readExport,
  readImport,
  readInstance,
} from './read-definitions.ts';
import { Scope, type ScopeItem, shapeOf } from './scope.ts';

/** The preamble: `\0asm`, then version 13 of the layer of components. Source: component model, Binary.md. */
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** Parts of the types of all functions that are exported, or imported; each has a schema. */
const MOST_PARTS = 100_000;

/** Whether bytes are those of a component, as far as their beginning says. */
export function isComponent(bytes: Uint8Array): boolean {
  return PREAMBLE.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads a component: what it imports and exports, and how it is put together. Core modules are left to the engine.
 *
 * @throws ABI_BAD_MODULE also for what came after WASI 0.2, and for what is larger than any component in use.
 */
export function decodeComponent(bytes: Uint8Array): DecodedComponent {
  const decoder = new ComponentDecoder();
  const reader = new ComponentReader(bytes, 0, bytes.length);
  if (!isComponent(bytes)) reader.fail('it is not a component');
  const { scope, plan } = decoder.component(reader, undefined);
  const exports = exportedFunctions(scope.exports);
  const imports = new Map([...scope.imports].map(([name, entry]) => [name, shapeOf(reader, entry)]));
  const imported = [...scope.imports.values()].flatMap((entry) => functionsIn(entry));
  for (const functions of [imported, exports.map(({ type }) => type)]) {
    const parts = functions.flatMap(({ params, result }) => [
      ...params.map(({ type }) => type),
      ...(result ? [result] : []),
    ]);
    if (parts.reduce((sum, type) => sum + partCount(type), 0) > MOST_PARTS)
      reader.fail(`the types of its functions have more than ${MOST_PARTS} parts`);
  }
  return { plan, modules: decoder.modules, imports, exports, docs: decoder.docs };
}

function functionsIn(entry: ScopeItem): ExportedFunction['type'][] {
  if (entry.sort === 'function') return [entry.item];
  return entry.sort === 'instance' ? [...entry.item.exports.values()].flatMap(functionsIn) : [];
}

function exportedFunctions(exports: ReadonlyMap<string, ScopeItem>): ExportedFunction[] {
  return [...exports].flatMap(([name, entry]): ExportedFunction[] => {
    if (entry.sort === 'function') return [{ interfaceName: undefined, name, type: entry.item }];
    if (entry.sort !== 'instance') return [];
    return [...entry.item.exports].flatMap(([inner, member]) =>
      member.sort === 'function' ? [{ interfaceName: name, name: inner, type: member.item }] : [],
    );
  });
}

/** Reads the sections of a component and of those inside it; core modules are counted through all of them. */
class ComponentDecoder {
  readonly modules: { readonly start: number; readonly end: number }[] = [];
  docs: string | undefined;

  component(
    reader: ComponentReader,
    parent: Scope | undefined,
  ): { readonly scope: Scope; readonly plan: ComponentPlan } {
    const scope = new Scope(parent);
    requireShallow(reader, scope);
    const steps: PlanStep[] = [];
    for (const [index, expected] of PREAMBLE.entries()) {
      if (reader.byte() !== expected) reader.fail(`byte ${index} of a component inside it is wrong`);
    }
    while (!reader.done) {
      const id = reader.byte();
      const size = reader.u32();
      const start = reader.offset;
      reader.skip(size);
      this.#section(id, reader.part(start, reader.offset), scope, steps);
    }
    return { scope, plan: { steps } };
  }

  #section(id: number, reader: ComponentReader, scope: Scope, steps: PlanStep[]): void {
    const each = (read: () => PlanStep | undefined): void => {
      reader.vector(() => {
        const step = read();
        if (step) steps.push(step);
      });
      if (!reader.done) reader.fail('a section is longer than what is in it');
    };
    switch (id) {
      case 0:
        if (!scope.parent) this.#custom(reader);
        return;
      case 1:
        reader.count();
        steps.push({ step: 'core-module', module: this.modules.length });
        this.modules.push({ start: reader.offset, end: reader.end });
        scope.core.module += 1;
        return;
      case 2:
        each(() => readCoreInstance(reader, scope));
        return;
      case 3:
        reader.fail('it has core types, which only imports of core modules need');
        return;
      case 4: {
        reader.count();
        const inner = this.component(reader, scope);
        scope.component.push({ exports: inner.scope.exports });
        steps.push({ step: 'component', plan: inner.plan });
        return;
      }
      case 5:
        each(() => readInstance(reader, scope));
        return;
      case 6:
        each(() => readAlias(reader, scope));
        return;
      case 7:
        each(() => readDefinition(reader, scope));
        return;
      case 8:
        each(() => readCanonical(reader, scope));
        return;
      case 10:
        each(() => readImport(reader, scope));
        return;
      case 11:
        each(() => readExport(reader, scope));
        return;
      default:
        reader.fail(id === 9 ? notYet('a start function') : `${id} is no known section`);
    }
  }

  #custom(reader: ComponentReader): void {
    if (reader.name() !== 'package-docs' || reader.done) return;
    reader.byte(); // the version of the section
    this.docs = new TextDecoder().decode(reader.bytes.slice(reader.offset, reader.end));
  }
}
