/** How much has come out of one input, whatever it was in: archives, archives in them, attachments of XMLs. */
export class Total {
  #bytes = 0;

  /** Adds so many bytes, and gives all of them. */
  add(bytes: number): number {
    this.#bytes += bytes;
    return this.#bytes;
  }
}
