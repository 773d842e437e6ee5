/** An attachment as Outlook packs it (MS-OXTNEF, section 2.1.3.3.15 and what follows it). */
export interface PackedFile {
  /** In attAttachTitle, 8 bits a character: what Outlook leaves of the name. */
  readonly title?: string;
  /** In PidTagAttachLongFilename. */
  readonly longName?: string;
  readonly mediaType?: string;
  readonly content?: Uint8Array;
  /** The content in PidTagAttachDataBinary instead of attAttachData. */
  readonly asProperty?: boolean;
  /** PidTagAttachMethod. Default 1: by value. */
  readonly method?: number;
  /** PidTagAttachmentHidden: shown in the text alone. */
  readonly hidden?: boolean;
  /** In PidTagAttachDataObject. */
  readonly object?: Uint8Array;
  /** Further properties, as they are. */
  readonly properties?: readonly Buffer[];
}

export interface TnefOptions {
  readonly codePage?: number;
  /** A checksum that is wrong: of the attribute with this id. */
  readonly wrongSumOf?: number;
}

export const ATTACH_DATA = 0x0006800f;
export const ATTACH_PROPERTIES = 0x00069005;

const u16 = (n: number): Buffer => Buffer.from([n & 0xff, n >>> 8]);
const u32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n >>> 0);
  return bytes;
};
const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);

/** A property of variable length: its type, a count of one, its size, its bytes, padded. */
const variable = (tag: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([u32(tag), u32(1), u32(bytes.length), padded(bytes)]);
const unicode = (id: number, text: string): Buffer =>
  variable(id * 0x10000 + 0x1f, Buffer.from(`${text}\0`, 'utf16le'));
const long = (id: number, value: number): Buffer => Buffer.concat([u32(id * 0x10000 + 3), u32(value)]);

/** A named property (MS-OXTNEF, section 2.1.3.4), by a number or by a name. */
export const namedProperty = (name: number | string): Buffer => {
  const text = Buffer.from(`${String(name)}\0`, 'utf16le');
  return Buffer.concat([
    u32(0x8001_0003),
    Buffer.alloc(16, 7),
    ...(typeof name === 'number' ? [u32(0), u32(name)] : [u32(1), u32(text.length), padded(text)]),
    u32(42),
  ]);
};
/** A property with two values. */
const severalNumbers = (): Buffer => Buffer.concat([u32(0x6001_1003), u32(2), u32(1), u32(2)]);
/** A property of a type that there is not. */
export const unknownProperty = (): Buffer => Buffer.concat([u32(0x6002_00ee), u32(1)]);

/** A stream of Outlook's: what it says of the message, then its attachments. */
export function tnefOf(files: readonly PackedFile[], options: TnefOptions = {}): Buffer {
  const attribute = (level: number, id: number, data: Uint8Array): Buffer => {
    const sum = data.reduce((total, byte) => (total + byte) % 0x10000, 0);
    const isWrong = options.wrongSumOf === id;
    return Buffer.concat([
      Buffer.from([level]),
      u32(id),
      u32(data.length),
      data,
      u16(isWrong ? sum ^ 1 : sum),
    ]);
  };
  const propertiesOf = (file: PackedFile): Buffer => {
    const { longName, mediaType, content, object, hidden } = file;
    const all = [
      long(0x3705, file.method ?? 1),
      namedProperty(5),
      namedProperty('Étiquette'),
      severalNumbers(),
      ...(mediaType === undefined ? [] : [unicode(0x370e, mediaType)]),
      ...(hidden === true ? [Buffer.concat([u32(0x7ffe_000b), u16(1), u16(0)])] : []),
      ...(file.asProperty === true && content !== undefined ? [variable(0x3701_0102, content)] : []),
      ...(object === undefined ? [] : [variable(0x3701_000d, Buffer.concat([Buffer.alloc(16, 9), object]))]),
      ...(file.properties ?? []),
      ...(longName === undefined ? [] : [unicode(0x3707, longName)]),
    ];
    return Buffer.concat([u32(all.length), ...all]);
  };
  return Buffer.concat([
    u32(0x223e9f78),
    u16(0x1234),
    attribute(1, 0x00089006, u32(0x10000)),
    attribute(1, 0x00069007, Buffer.concat([u32(options.codePage ?? 1252), u32(0)])),
    attribute(1, 0x00078008, Buffer.from('IPM.Microsoft Mail.Note\0')),
    attribute(1, 0x00069003, Buffer.concat([u32(1), unicode(0x37, 'Facture')])),
    ...files.flatMap((file) => [
      attribute(2, 0x00069002, Buffer.alloc(14)),
      ...(file.content === undefined || file.asProperty === true
        ? []
        : [attribute(2, ATTACH_DATA, file.content)]),
      ...(file.title === undefined
        ? []
        : [attribute(2, 0x00018010, Buffer.from(`${file.title}\0`, 'latin1'))]),
      attribute(2, ATTACH_PROPERTIES, propertiesOf(file)),
    ]),
  ]);
}
