import { Readable } from 'node:stream';
import {
  LanceurError,
  type Clock,
  type DocumentGroup,
  type Receipt,
  type Sent,
  type SourceDocument,
  type SubmitOptions,
} from '@lanceur/core';
import { digestOf, refuseTooBig, type Digest, type ReadLimits } from '../content.js';
import { manifestBytes } from '../manifest.js';
import { stemOf } from '../stem.js';
import { answerIn, ezgedError, NO_SESSION, refusedBy, told, wireError, type Voice } from './answer.js';
import { uploadNames } from './naming.js';
import type { Settings } from './options.js';
import { SecretError } from '../secret.js';
import { encoded, type Secrets } from './secrets.js';
import type { Session, Sessions } from './session.js';
import type { Turns } from './turns.js';
import { Doubt, OtherSize, uploadTo, type Uploaded } from './upload.js';
import type { Wire } from './wire.js';

/** What all submissions share. */
export interface Context {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly wire: Wire;
  readonly sessions: Sessions;
  readonly secrets: Secrets;
  readonly voice: Voice;
  readonly turns: Turns;
  /** Jobs that have taken a document since they last refused one. */
  readonly trusted: Set<string>;
}

interface Part {
  readonly document: SourceDocument;
  /** As it is uploaded. */
  readonly name: string;
  digest?: Digest;
  /** Once it is there. */
  sent?: Sent;
}

const WHAT = 'pupload';

/** One attempt at one submission: its documents one after the other, then the manifest. */
export class Submission {
  readonly #context: Context;
  readonly #id: string;
  readonly #group: DocumentGroup;
  readonly #waitDir: string;
  readonly #options: SubmitOptions;
  readonly #parts: readonly Part[];
  readonly #manifestName: string;
  readonly #limits: ReadLimits;
  /** Nothing of it may be placed before the caller has said so, and then all of it should be. */
  #placing = false;
  #refusedToPlace: { readonly error: unknown } | undefined;

  constructor(context: Context, group: DocumentGroup, waitDir: string, id: string, options: SubmitOptions) {
    this.#context = context;
    this.#id = id;
    this.#group = group;
    this.#waitDir = waitDir;
    this.#options = options;
    const { nameWithSubmissionId, manifest } = context.settings;
    const documents = group.documents.map(({ name }) => name);
    const asked = manifest ? [...documents, `${stemOf(documents[0] ?? '_')}.json`] : documents;
    const names = uploadNames(asked, nameWithSubmissionId ? id : undefined);
    const have = new Map((options.have ?? []).map((sent) => [sent.name, sent]));
    this.#parts = group.documents.map((document, i) => {
      const sent = have.get(document.name);
      return { document, name: names[i] ?? '_', ...(sent && { sent }) };
    });
    this.#manifestName = names.at(-1) ?? '_';
    this.#limits = {
      signal: options.signal ?? new AbortController().signal,
      documentBytes: options.documentBytes ?? Infinity,
    };
  }

  /** @throws what the documents and `beforePlacing` throw; LanceurError of scope `target` or `document`, `IN_DOUBT`. */
  async run(): Promise<Receipt> {
    try {
      const left = this.#parts.filter((part) => part.sent === undefined);
      for (const { document } of left) refuseTooBig(document, document.size ?? 0, this.#limits);
      // One document alone is read once, while it is sent; what several of them are must be known before the first is there.
      const [only] = left;
      if (left.length !== 1 || only?.document.size === undefined) {
        for (const part of left) part.digest = await digestOf(part.document, this.#limits);
      }
      for (const part of left) await this.#upload(part);
      if (left.length === 0) await this.#place();
      if (this.#context.settings.manifest) await this.#uploadManifest();
      return { submissionId: this.#id, at: this.#context.clock.now(), documents: this.#all() };
    } catch (error) {
      if (this.#refusedToPlace?.error === error) throw error;
      const there = this.#parts.flatMap(({ sent }) => sent ?? []);
      throw told(error, this.#group.job, this.#placing ? there : []);
    }
  }

  async #upload(part: Part): Promise<void> {
    const { document } = part;
    await this.#send(part, async (digest) => {
      if (part.digest === undefined) part.digest = digest;
      else if (part.digest.sha256 !== digest.sha256)
        throw new LanceurError('CHANGED', { name: document.name });
      await this.#place();
    });
    part.sent = this.#sentOf(part);
  }

  async #uploadManifest(): Promise<void> {
    const bytes = manifestBytes({
      submissionId: this.#id,
      job: this.#group.job,
      group: this.#group.key,
      createdAt: new Date(this.#context.clock.now()).toISOString(),
      attributes: this.#options.attributes ?? {},
      documents: this.#all().map(({ name, placedAs = name, size, sha256 }) => ({
        name: placedAs,
        size,
        sha256,
      })),
    });
    const document = {
      name: this.#manifestName,
      size: bytes.length,
      open: () => Readable.from([bytes], { objectMode: false }),
    };
    await this.#send({ document, name: this.#manifestName }, () => Promise.resolve());
  }

  /** Resolves when EzGED has said that it has the document. */
  async #send(part: Part, gate: (digest: Digest) => Promise<void>): Promise<void> {
    const { turns, sessions } = this.#context;
    const { signal } = this.#reading();
    await turns.take(() => sessions.use((session) => this.#sendWith(session, part, gate), signal), signal);
  }

  async #sendWith(
    session: Session,
    part: Part,
    gate: (digest: Digest) => Promise<void>,
  ): Promise<true | typeof NO_SESSION> {
    const { wire, voice } = this.#context;
    let uploaded: Uploaded;
    try {
      uploaded = await this.#measured(part, async (size) =>
        uploadTo(wire, {
          document: part.document,
          name: part.name,
          size,
          path: await this.#path(session, part.name),
          cookie: session.cookies(),
          limits: this.#reading(),
          gate,
          progress: (sent) => this.#progress(part, sent, size),
        }),
      );
    } catch (error) {
      if (error instanceof Doubt) throw this.#inDoubt(part, wireError(error.cause, WHAT, voice));
      if (this.#refusedToPlace?.error === error || LanceurError.is(error)) throw error;
      throw wireError(error, WHAT, voice);
    }
    return this.#outcome(uploaded, session, part);
  }

  /** With the size that the document says it has, or else with the one that it has. */
  async #measured(part: Part, send: (size: number) => Promise<Uploaded>): Promise<Uploaded> {
    const { document } = part;
    try {
      return await send(part.digest?.size ?? document.size ?? 0);
    } catch (error) {
      if (!(error instanceof OtherSize)) throw error;
      if (part.digest !== undefined) throw new LanceurError('CHANGED', { name: document.name });
      part.digest = await digestOf(document, this.#limits);
      return await this.#measured(part, send);
    }
  }

  #outcome({ reply, whole }: Uploaded, session: Session, part: Part): true | typeof NO_SESSION {
    const { voice, trusted } = this.#context;
    const { job } = this.#group;
    session.learn(reply);
    if (reply.status === 413) {
      const data = { name: part.document.name, job, why: 'it is larger than the server takes (HTTP 413)' };
      throw new LanceurError('DOCUMENT_REFUSED', data);
    }
    let answer;
    try {
      answer = answerIn(reply, WHAT, voice);
    } catch (error) {
      // A server that has all of it, and then fails or answers a page, may have done its work before.
      const isRefusal = !whole || (reply.status >= 300 && reply.status < 500);
      throw isRefusal ? error : this.#inDoubt(part, error);
    }
    if (answer.errorcode === NO_SESSION) return NO_SESSION;
    if (answer.errorcode === 0) {
      trusted.add(job);
      return true;
    }
    // EzGED does not say whose fault it is. A job that has taken another document since it last refused one is well:
    // then it is this document's; else the token, the directory or the disk may be wrong, and no document is blamed.
    if (!trusted.delete(job)) throw refusedBy(answer, WHAT, voice);
    const why = voice.secrets.hide(`${answer.errormsg} (${String(answer.errorcode)})`);
    throw new LanceurError('DOCUMENT_REFUSED', { name: part.document.name, job, why }, { transient: true });
  }

  #inDoubt(part: Part, cause: unknown): LanceurError {
    const { job } = this.#group;
    return new LanceurError('IN_DOUBT', { name: part.document.name, job }, { job, cause });
  }

  async #place(): Promise<void> {
    if (this.#placing) return;
    try {
      await this.#options.beforePlacing?.(this.#all());
    } catch (error) {
      this.#refusedToPlace = { error };
      throw error;
    }
    this.#placing = true;
  }

  /** Once its first document is about to be there, a group is not stopped half-way. */
  #reading(): ReadLimits {
    return this.#placing ? { ...this.#limits, signal: new AbortController().signal } : this.#limits;
  }

  #all(): readonly Sent[] {
    return this.#parts.map((part) => part.sent ?? this.#sentOf(part));
  }

  #sentOf({ document, name, digest }: Part): Sent {
    const { size = 0, sha256 = '' } = digest ?? {};
    return { name: document.name, size, sha256, ...(name !== document.name && { placedAs: name }) };
  }

  async #path(session: Session, name: string): Promise<string> {
    const { secrets, settings, voice } = this.#context;
    try {
      const token = await secrets.valueOf('token', settings.token);
      const query = { sessionid: session.id, token, mode: 'cold', waitdir: this.#waitDir, name };
      return `/data/pupload.php?${Object.entries(query)
        .map(([key, value]) => `${key}=${encoded(value)}`)
        .join('&')}`;
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      const data = { url: voice.shown, what: WHAT, why: error.message, number: 0 };
      throw ezgedError('EZGED_REFUSED', data, voice);
    }
  }

  #progress({ document: { name } }: Part, sent: number, size: number): void {
    const { onProgress } = this.#context.settings;
    if (onProgress === undefined) return;
    try {
      onProgress({ submissionId: this.#id, job: this.#group.job, name, sent, size });
    } catch {
      // Telemetry disturbs nothing.
    }
  }
}
