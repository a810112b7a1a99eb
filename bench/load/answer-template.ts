/**
 * What every answer of one target must be, byte for byte: the first one, with another number in place of its own. The
 * number stands in the id and in what is echoed, so an answer to another call, or one with other contents, is seen.
 */
export class AnswerTemplate {
  readonly #bytes: Buffer;
  readonly #digits: number;
  readonly #places: readonly number[];

  /** @throws Error when the first answer is a failure, or is not the answer to this call. */
  constructor(first: Buffer, number: number) {
    const answer = JSON.parse(first.toString());
    const places = placesOf(first, String(number));
    if (answer.id !== number || !answer.result || answer.result.isError || places.length < 2) {
      throw new Error(`not the answer to call ${number}: ${first.toString().slice(0, 500)}`);
    }
    this.#bytes = Buffer.from(first);
    this.#digits = String(number).length;
    this.#places = places;
  }

  /** Whether these bytes are the answer to the call with this number, which has as many digits as the first one had. */
  fits(answer: Buffer, number: number): boolean {
    if (answer.length !== this.#bytes.length) return false;
    const digits = String(number);
    let from = 0;
    for (const place of this.#places) {
      if (this.#bytes.compare(answer, from, place, from, place) !== 0) return false;
      from = place + this.#digits;
      if (answer.toString('latin1', place, from) !== digits) return false;
    }
    return this.#bytes.compare(answer, from, answer.length, from, answer.length) === 0;
  }
}

function placesOf(bytes: Buffer, digits: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(digits); at >= 0; at = bytes.indexOf(digits, at + digits.length)) places.push(at);
  return places;
}
