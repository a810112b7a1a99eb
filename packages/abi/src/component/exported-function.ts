import type { LinkedComponent } from './link-component.ts';

/** A function that a component exports, alone or in an interface, as it is called. @throws WebAssembly.LinkError where there is none */
export function exportedFunction(
  { exports }: Pick<LinkedComponent, 'exports'>,
  interfaceName: string | undefined,
  name: string,
): (args: readonly unknown[]) => unknown {
  const outer = exports.get(interfaceName ?? name);
  const item = outer?.sort === 'instance' ? outer.exports.get(name) : outer;
  if (item?.sort !== 'function') throw new WebAssembly.LinkError(`the component has no function "${name}"`);
  return item.func.call;
}
