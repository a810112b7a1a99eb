import type { Offer } from '../catalog/offer.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';

/** Finds the tools of an offer by name: each offer is looked through once. */
export class ToolsByName {
  readonly #byOffer = new WeakMap<Offer, ReadonlyMap<string, ObjectText>>();

  find(offer: Offer, name: string | undefined): ObjectText | undefined {
    let tools = this.#byOffer.get(offer);
    if (!tools) {
      tools = new Map(offer.tools.map((tool) => [tool.text('name') ?? '', tool]));
      this.#byOffer.set(offer, tools);
    }
    return name === undefined ? undefined : tools.get(name);
  }
}
