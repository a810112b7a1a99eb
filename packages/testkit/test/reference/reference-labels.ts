import type { Labels } from '@lockgate/abi';
import type { CreateLabelsOptions, LabelsSubject } from '../../src/index.ts';

/** Faults of a reference monitor. */
export type LabelsFault =
  | 'lost label update'
  | 'integrity joined instead of intersected'
  | 'write checked before the guard has answered'
  | 'write denied to every sink'
  | 'labels forgotten'
  | 'labels forgotten after a write'
  | 'first label compared only'
  | 'denied write made';

/** One agent in propagate mode: what the labels suite must accept. */
export class ReferenceAgent implements LabelsSubject {
  readonly #options: CreateLabelsOptions;
  readonly #fault: LabelsFault | undefined;
  #secrecy: ReadonlySet<string> = new Set();
  #integrity: ReadonlySet<string> | undefined;

  constructor(options: CreateLabelsOptions, fault?: LabelsFault) {
    this.#options = options;
    this.#fault = fault;
  }

  async read(call: string, resource: Labels): Promise<void> {
    await this.#options.guard(call);
    const before = this.#secrecy;
    await this.#options.backend(call);
    // One synchronous step, and therefore atomic.
    const known = this.#fault === 'lost label update' ? before : this.#secrecy;
    this.#secrecy =
      this.#fault === 'labels forgotten' && resource.secrecy.length === 0
        ? new Set(resource.secrecy)
        : new Set([...known, ...resource.secrecy]);
    const vouched = this.#integrity ?? new Set(resource.integrity);
    this.#integrity =
      this.#fault === 'integrity joined instead of intersected'
        ? new Set([...vouched, ...resource.integrity])
        : new Set(resource.integrity.filter((tag) => vouched.has(tag)));
  }

  async write(call: string, resource: Labels): Promise<boolean> {
    const stale = this.#mayFlowTo(resource);
    await this.#options.guard(call);
    const allowed = this.#fault === 'write checked before the guard has answered' ? stale : this.#mayFlowTo(resource);
    if (!allowed && this.#fault !== 'denied write made') return false;
    await this.#options.backend(call);
    if (!allowed) return false;
    if (this.#fault === 'labels forgotten after a write' && resource.secrecy.length > 0) this.#secrecy = new Set();
    return true;
  }

  labels(): Labels {
    return { secrecy: [...this.#secrecy], integrity: [...(this.#integrity ?? [])] };
  }

  #mayFlowTo(sink: Labels): boolean {
    if (this.#fault === 'write denied to every sink') return this.#secrecy.size === 0;
    const compared = this.#fault === 'first label compared only' ? [...this.#secrecy].slice(0, 1) : [...this.#secrecy];
    return compared.every((tag) => sink.secrecy.includes(tag));
  }
}
