/** Complaints of each kind that are kept. */
const COMPLAINTS = 10;

/** Counts calls, and keeps what went wrong with the first of those that failed. */
export class Tally {
  right = 0;
  wrong = 0;
  lost = 0;
  /** Calls of misbehaving servers and clients that had an answer, whichever, and those that had none. */
  strange = 0;
  unanswered = 0;
  #complaints = [];

  get complaints() {
    return this.#complaints;
  }

  /** Makes a call that must answer this text. */
  async call(make, expected, kind = 'right') {
    try {
      const answer = await make();
      if (answer === expected) this[kind]++;
      else this.#fail('wrong', `expected ${JSON.stringify(expected)}, got ${JSON.stringify(answer).slice(0, 300)}`);
    } catch (error) {
      this.#fail(kind === 'right' ? 'lost' : 'unanswered', `${expected}: ${error.message}`);
    }
  }

  #fail(kind, complaint) {
    if (++this[kind] <= COMPLAINTS) this.#complaints.push(`${kind}: ${complaint}`);
  }
}
