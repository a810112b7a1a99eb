import { type CompiledComponent, type ShapeItem, waitsOutside } from '@lockgate/abi';

/** The first import of a component by which it waits for something outside; undefined where there is none. */
export function componentWaits({ plan }: Pick<CompiledComponent, 'plan'>): string | undefined {
  for (const step of plan.steps) {
    const waits = step.step === 'import' ? waitingIn(step.name, step.item) : undefined;
    if (waits !== undefined) return waits;
  }
  return undefined;
}

function waitingIn(interfaceName: string, item: ShapeItem): string | undefined {
  if (item.sort !== 'instance') return undefined;
  const name = [...item.shape.items.keys()].find((key) => waitsOutside(interfaceName, key));
  return name && `${interfaceName} ${name}`;
}
