// DIFC.md once more, written from the page and apart from src/monitor: plain arrays, no sharing, nothing clever.

type Tags = string[];
export interface ModelLabel {
  secrecy: Tags;
  integrity: Tags;
}
export type ModelMode = 'strict' | 'filter' | 'propagate';
export interface ModelServer {
  kind: 'guard' | 'sink' | 'open';
  accept: Tags;
}
export interface ModelCall {
  operation: 'read' | 'write' | 'read-write';
  resource: ModelLabel;
  /** Labels of the items of the answer, where the guard gives any; null is an item the guard does not label. */
  items: (ModelLabel | null)[] | undefined;
}
export type ModelVerdict = { verdict: 'denied' } | { verdict: 'given'; items: number[] | 'all' };

const subset = (small: Tags, big: Tags): boolean => small.every((tag) => big.includes(tag) || big.includes('*'));

const mayRead = (agent: ModelLabel, thing: ModelLabel): boolean =>
  thing.secrecy.every((tag) => agent.secrecy.includes(tag)) &&
  agent.integrity.every((tag) => thing.integrity.includes(tag));

const mayWrite = (agent: ModelLabel, thing: ModelLabel): boolean =>
  subset(agent.secrecy, thing.secrecy) && thing.integrity.every((tag) => agent.integrity.includes(tag));

/** One agent of the model. */
export class ModelAgent {
  granted: ModelLabel = { secrecy: [], integrity: [] };
  reads: ModelLabel[] = [];

  get label(): ModelLabel {
    const secrecy = [...this.granted.secrecy, ...this.reads.flatMap((read) => read.secrecy)];
    const integrity = this.granted.integrity.filter((tag) => this.reads.every((read) => read.integrity.includes(tag)));
    return { secrecy, integrity };
  }

  call(server: ModelServer, mode: ModelMode, grant: ModelLabel, call: ModelCall): ModelVerdict {
    if (server.kind === 'sink') {
      const held = { secrecy: server.accept, integrity: [] };
      return mayWrite(this.label, held) ? this.answer(mode, held) : denied();
    }
    if (server.kind === 'open') {
      const internet = { secrecy: [], integrity: [] };
      if (!mayRead(this.label, internet) || !mayWrite(this.label, internet)) return denied();
      if (mode === 'propagate') this.reads.push(internet);
      return all();
    }
    this.granted = grant;
    const { operation, resource, items } = call;
    if (operation !== 'read' && !mayWrite(this.label, resource)) return denied();
    if (operation === 'read-write' && !mayRead(this.label, resource)) return denied();
    if (operation === 'write' || !items) return this.answer(mode, resource);
    const own = items.map((item) => item ?? resource);
    if (mode === 'propagate') {
      this.reads.push(...own);
      return { verdict: 'given', items: own.map((_, index) => index) };
    }
    const readable = own.map((item) => mayRead(this.label, item));
    if (mode === 'strict' && readable.includes(false)) return denied();
    // A list without elements would say that there are none.
    if (own.length > 0 && !readable.includes(true)) return denied();
    return { verdict: 'given', items: own.flatMap((_, index) => (readable[index] ? [index] : [])) };
  }

  /** An answer without finer labels; that of a write as well. */
  answer(mode: ModelMode, label: ModelLabel): ModelVerdict {
    if (mode === 'propagate') this.reads.push(label);
    else if (!mayRead(this.label, label)) return denied();
    return all();
  }
}

const denied = (): ModelVerdict => ({ verdict: 'denied' });
const all = (): ModelVerdict => ({ verdict: 'given', items: 'all' });
