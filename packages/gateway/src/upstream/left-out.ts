import type { ListName } from '../catalog/offer.ts';
import { whyRefused } from '../catalog/why-refused.ts';
import type { Logger } from '../logger.ts';
import type { Era } from '../protocol/era.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';

/** Items of one server that are warned of; a server may make up new ones without end. */
const MAX_SAID = 100;

/** How much of a name is told. */
const NAME_LENGTH = 100;

const WORDS: Readonly<Record<ListName, string>> = {
  tools: 'tool',
  resources: 'resource',
  resourceTemplates: 'resourceTemplate',
  prompts: 'prompt',
};

const REFUSED = 'an item is left out, because strict clients would refuse the whole list';

/** What an item is asked for by. */
const NAMING: Readonly<Record<ListName, string>> = {
  tools: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
  prompts: 'name',
};

/** Source: RFC 3986, section 3.1. */
const WITH_SCHEME = /^[a-z][a-z0-9+.-]*:./i;

const NAMED_BY: readonly string[] = ['name', 'uri', 'uriTemplate'];

/** Leaves out of the lists of one server what strict clients would refuse the whole list for, and warns of each item once. */
export class LeftOut {
  readonly #server: string;
  readonly #logger: Logger;
  readonly #said = new Set<string>();

  constructor(server: string, logger: Logger) {
    this.#server = server;
    this.#logger = logger;
  }

  /** The items that clients of this era take. */
  rest(list: ListName, items: readonly ObjectText[], era: Era): ObjectText[] {
    return items.filter((item) => {
      const reason = whyRefused(list, item, era);
      if (reason !== undefined) this.#warn(list, item, reason, REFUSED);
      return reason === undefined;
    });
  }

  /** The items that can be asked for: the first of each name, and resources at addresses that are some. */
  reachable(list: ListName, items: readonly ObjectText[]): ObjectText[] {
    const seen = new Set<string>();
    return items.filter((item) => {
      const key = NAMING[list];
      const name = item.text(key) ?? '';
      const reason = seen.has(name)
        ? `another ${WORDS[list]} has the same "${key}"; give each one of its own`
        : key === 'uri' && !WITH_SCHEME.test(name)
          ? `"uri" has no scheme; write it as "file:///name" or under a scheme of your own`
          : undefined;
      seen.add(name);
      if (reason !== undefined)
        this.#warn(list, item, reason, 'an item is left out, because no client could ask for it');
      return reason === undefined;
    });
  }

  #warn(list: ListName, item: ObjectText, reason: string, sentence: string): void {
    const name = NAMED_BY.map((key) => item.text(key)).find((text) => text !== undefined) ?? '(without a name)';
    const fields = { server: this.#server, [WORDS[list]]: name.slice(0, NAME_LENGTH), reason };
    const key = JSON.stringify(fields);
    if (this.#said.has(key) || this.#said.size >= MAX_SAID) return;
    this.#said.add(key);
    this.#logger.warn(fields, sentence);
  }
}
