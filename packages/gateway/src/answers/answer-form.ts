import type { AnswerRule } from '../config/answers-section.ts';
import { Query } from '../query/query.ts';
import { type Path, Paths, pathOf } from './path.ts';

/** The paths of a form in place of its pointers. */
interface FormPaths {
  readonly fields?: readonly Path[] | undefined;
  readonly omit?: readonly Path[] | undefined;
}

/** How a tool's answers are to be made smaller, ready to be used on many of them. */
export class AnswerForm {
  /** Lists of like objects become tables. */
  readonly columns: boolean;
  readonly #fields: Paths | undefined;
  readonly #omit: Paths | undefined;
  readonly #query: Query | undefined;

  /** It was nobody's wish for this answer: where nothing of it is there, nobody has to be told. */
  readonly isGeneral: boolean;
  /** Bytes above which an answer is given in part; 0 for no limit. */
  readonly maxResultBytes: number;

  private constructor(
    { fields, omit }: FormPaths,
    maxResultBytes: number,
    query?: Query,
    columns = false,
    isGeneral = false,
  ) {
    this.#fields = fields?.length ? new Paths(fields) : undefined;
    this.#omit = omit?.length ? new Paths(omit) : undefined;
    this.#query = query;
    this.columns = columns;
    this.isGeneral = isGeneral;
    this.maxResultBytes = maxResultBytes;
  }

  /**
   * @param rule - Was checked before, so that its pointers and its query are such.
   * @param limit - Where the rule has none.
   */
  static ofRule({ fields, omit, query, columns, maxResultBytes }: AnswerRule, limit: number): AnswerForm {
    const paths = { fields: fields?.map(pathOf), omit: omit?.map(pathOf) };
    return new AnswerForm(paths, maxResultBytes ?? limit, query === undefined ? undefined : new Query(query), columns);
  }

  /** What a plugin's author says of a tool. */
  static ofPaths(paths: FormPaths, limit: number): AnswerForm {
    return new AnswerForm(paths, limit, undefined, false, true);
  }

  /** Whether it does anything: an empty rule says that answers are to stay as they are. */
  get isAny(): boolean {
    return this.reshapes || this.maxResultBytes > 0;
  }

  /** Whether it asks for less than there is, however long that is. */
  get reshapes(): boolean {
    return this.columns || this.#isProjection;
  }

  /**
   * The part of an answer that is wanted; undefined where none of the fields is there.
   *
   * @param byteLength - Of the answer as text.
   * @throws QueryError
   */
  project(value: unknown, byteLength: number): unknown {
    if (this.#query) return this.#query.find(value, byteLength);
    const kept = this.#fields ? this.#fields.keep(value) : value;
    return this.#omit && kept !== undefined ? this.#omit.omit(kept) : kept;
  }

  get #isProjection(): boolean {
    return (this.#fields ?? this.#omit ?? this.#query) !== undefined;
  }
}
