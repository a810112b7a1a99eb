import type { Permission } from '../access/permission.ts';
import { Catalog, type CatalogSource } from '../catalog/catalog.ts';
import type { NamingOptions } from '../catalog/naming.ts';
import { EMPTY_OFFER, type Offer } from '../catalog/offer.ts';
import { isShown } from '../upstream/is-shown.ts';
import type { Served } from './served.ts';

/** Catalogues that are kept; clients of different rights and capabilities see different ones. */
const MAX_CATALOGS = 32;

interface Made {
  readonly permission: Permission;
  readonly visible: readonly Served[];
  readonly offers: readonly Offer[];
  readonly live: readonly boolean[];
  readonly catalog: Catalog<Served>;
}

/** The catalogues of one endpoint: made anew only of what is new. */
export class MadeCatalogs {
  readonly #made: Made[] = [];

  of(
    visible: readonly Served[],
    offers: readonly Offer[],
    permission: Permission,
    naming: NamingOptions,
  ): Catalog<Served> {
    for (const made of this.#made) {
      if (made.permission === permission && isOf(made, visible, offers)) return made.catalog;
    }
    const live = visible.map(({ upstream }) => isShown(upstream));
    const sources = visible.map(
      (source, i): CatalogSource<Served> => ({
        source,
        prefix: source.prefix,
        offer: offers[i] ?? EMPTY_OFFER,
        live: live[i] === true,
        isReshaped: source.answers && ((tool: string) => source.answers?.formOf(tool) !== undefined),
        allows: (kind, name) => permission.allows(kind, source, name),
      }),
    );
    const catalog = new Catalog(sources, naming);
    this.#made.unshift({ permission, visible, offers, live, catalog });
    this.#made.splice(MAX_CATALOGS);
    return catalog;
  }
}

/** Whether a catalogue was made of just this. */
function isOf(made: Made, visible: readonly Served[], offers: readonly Offer[]): boolean {
  if (made.visible.length !== visible.length) return false;
  for (let i = 0; i < visible.length; i++) {
    const served = visible[i];
    if (served !== made.visible[i] || offers[i] !== made.offers[i]) return false;
    if (served && isShown(served.upstream) !== made.live[i]) return false;
  }
  return true;
}
