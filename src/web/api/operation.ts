import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { Asker, Role } from '../../kernel/role.ts';

/** Marks a reply whose body is bytes as they are (`application/octet-stream`). */
export const OCTETS = 'octets';

/** One reply of an operation. Headers by name, each with what it holds. */
export interface ReplyDeclaration {
  readonly description: string;
  /** Left out where the reply has no body. */
  readonly body?: z.ZodType | typeof OCTETS;
  /** `application/json` for a schema unless it says otherwise. */
  readonly mediaType?: string;
  /** What the bytes are as JSON, where they are written while they are sent. */
  readonly reads?: z.ZodType;
  readonly headers?: Readonly<Record<string, z.ZodType<string>>>;
}

/** Everything there is to say about an operation but how it is done: the router obeys it and the document repeats it. */
export interface Declaration {
  /** `operationId`: what generated clients call it. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it: `/api/v1/connections/{slug}`. */
  readonly path: string;
  /** The noun it is listed under. */
  readonly tag: string;
  /** A few words, then as many sentences of Markdown as it takes. */
  readonly summary: string;
  readonly description?: string;
  /** The weakest role that may; null lets everybody in, signed in or not. */
  readonly role: Role | null;
  readonly params?: z.ZodObject;
  /** Parameters that are not named here are refused. */
  readonly query?: z.ZodObject;
  readonly body?: {
    readonly schema: z.ZodType;
    /** `application/json` alone unless it says otherwise. */
    readonly mediaTypes?: readonly string[];
    /** True where it is read piece by piece by what does it, which checks it too: it is too large to be held. */
    readonly isUnread?: true;
    readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
  };
  /** True where it sends calls to somebody's API: each who asks has only so many in flight. */
  readonly sendsCalls?: boolean;
  /** By status; the faults are `problems`. */
  readonly replies: Readonly<Record<number, ReplyDeclaration>>;
  /** Codes it may answer besides those every operation of its kind may; see `problem-replies.ts`. */
  readonly problems: readonly ErrorCode[];
}

/** What was asked, checked by the declaration's schemas. */
export interface Asked<D extends Declaration> {
  readonly actor: D['role'] extends null ? Asker | null : Asker;
  readonly params: Read<D['params']>;
  readonly query: Read<D['query']>;
  readonly body: D['body'] extends { readonly isUnread: true }
    ? readonly Uint8Array[]
    : D['body'] extends { readonly schema: infer Schema }
      ? Read<Schema>
      : undefined;
  /** Path and query as asked, for links to the next page. */
  readonly url: string;
  /** Aborts once whoever asked is gone. */
  readonly left: AbortSignal;
}

type Read<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<string, never>;

/** One of the declared replies: its status, the body of that status, and its headers. */
export type Answer<D extends Declaration> = {
  [Status in keyof D['replies'] & number]: { readonly status: Status } & BodyOf<D['replies'][Status]> &
    HeadersOf<D['replies'][Status]>;
}[keyof D['replies'] & number];

type BodyOf<Reply> = Reply extends { readonly body: infer Body }
  ? { readonly body: Body extends z.ZodType ? Shown<z.output<Body>> : Uint8Array | Readable }
  : { readonly body?: never };

type HeadersOf<Reply> = Reply extends { readonly headers: infer Headers }
  ? { readonly headers: { readonly [Name in keyof Headers]: string } }
  : { readonly headers?: never };

/** A reply only shows: what is read-only on our side may be given. */
export type Shown<T> = unknown extends T ? T : { readonly [Key in keyof T]: Shown<T[Key]> };

/** What an answer comes to once it is checked by its type. */
export interface PlainAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A declaration with what does it. */
export interface Operation {
  readonly declared: Declaration;
  readonly run: (asked: Asked<Declaration>) => Promise<PlainAnswer>;
}

/** A declaration that waits for what does it. */
export interface Declared<D extends Declaration> {
  /** `run` throws an `AppError` whose code is among the problems. */
  by(run: (asked: Asked<D>) => Promise<Answer<D>>): Operation;
}

/**
 * Declares an operation once: router, document and the types of what is asked and answered all follow from `declared`.
 * In two calls, because only a type that is settled keeps an answer's status a literal.
 */
export function operation<const D extends Declaration>(declared: D): Declared<D> {
  return { by: (run) => ({ declared, run }) };
}
