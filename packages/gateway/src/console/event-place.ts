/** How far a stream has told of each of the rings: the id of its events, so that any of them says where to go on. */
export interface EventPlace {
  readonly tick: number;
  readonly log: number;
  readonly call: number;
}

export function formatPlace(boot: string, { tick, log, call }: EventPlace): string {
  return `${boot}.${tick}.${log}.${call}`;
}

/** The place of an id; undefined where it is none of this start of the gateway. */
export function readPlace(boot: string, id: string): EventPlace | undefined {
  const [of, tick, log, call, ...more] = id.split('.');
  const numbers = [tick, log, call].map((text) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : Number.NaN));
  if (of !== boot || more.length > 0 || numbers.some(Number.isNaN)) return undefined;
  return { tick: numbers[0] as number, log: numbers[1] as number, call: numbers[2] as number };
}
